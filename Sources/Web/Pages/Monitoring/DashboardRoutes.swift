import Casework
import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Packaging
import Screening
import Synchronization

/// The dashboard.
struct DashboardRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer
    let scripts: [String]
    private let references = ModelReferences()

    init(services: SiteServices, pages: PageRenderer, scripts: [String]) {
        (self.services, self.pages, self.scripts) = (services, pages, scripts)
    }

    var routes: [Route] {
        [
            Route(.get, "/admin", .administrator) { request, context in
                let asked = FormFields(query: request)["days"].flatMap(Monitoring.Span.init(rawValue:))
                let figures = try await services.monitoring
                    .figures(over: asked ?? .month)
                let screener = services.models.shelf.active
                let notices = try await services.noticeLines(for: context, pages.site.text)
                let news = try await services.subscriptions.all(for: context.requiredPrincipal)
                let page = DashboardPage(
                    figures, news: news, notices: notices, model: screener.package.description,
                    reference: references.reference(of: screener),
                    problem: services.models.status.problem, scripts: scripts, site: pages.site, context: context)
                return try pages.response(page, template: "admin")
            }
        ]
    }
}

/// What the active model's package says of its answers to known images, read once for each that takes over.
final class ModelReferences: Sendable {
    private struct Read {
        weak var screener: Screener?
        var reference: ReferenceDistribution?
    }

    private let last = Mutex(Read())

    /// - Returns: Nil where the package has none, or one that this version cannot read.
    func reference(of screener: Screener) -> ReferenceDistribution? {
        last.withLock { last in
            if last.screener !== screener {
                let found = try? ReferenceDistribution.read(Data(contentsOf: screener.package.metricsURL))
                last = Read(screener: screener, reference: found ?? nil)
            }
            return last.reference
        }
    }
}
