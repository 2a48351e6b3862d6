import Casework
import Clinic
import Foundation
import HTTPTypes
import Hummingbird

/// Staff says where the images of a case were made.
struct SiteChoiceRoutes: Sendable {
    let services: SiteServices

    var routes: [Route] {
        [
            Route(.post, "/cases/:id/site", .clinician) { _, context in
                let id = try context.caseID()
                try await services.sites.choose(chosen(context), for: id, by: context.requiredPrincipal)
                services.changes.publish(id)
                return Self.back(context, to: "/cases/\(id)")
            },
            // A reader of single images knows no case.
            Route(.post, "/screenings/:id/site", .clinician) { _, context in
                let id = try context.screeningID()
                try await services.sites.choose(chosen(context), forCaseOf: id, by: context.requiredPrincipal)
                return Self.back(context, to: "/screenings/\(id)")
            },
        ]
    }

    /// - Throws: `WebError.nothingHere` for what names no site.
    private func chosen(_ context: WebContext) throws -> SiteID? {
        let name = context.form.trimmed("site")
        let site = SiteID(name)
        guard site != nil || name.isEmpty else { throw WebError.nothingHere }
        return site
    }

    private static func back(_ context: WebContext, to address: String) -> Response {
        .redirect(to: OwnPath.checked(context.form["back"], otherwise: address), type: .normal)
    }
}
