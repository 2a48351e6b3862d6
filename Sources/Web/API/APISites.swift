import Casework
import Clinic
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import Screening

/// Microscopes, for programs.
struct APISites: Sendable {
    let services: SiteServices
    let service: ScreeningService

    private static let bodyBytes = 4096

    private var model: ScreeningOutcome.Model { services.activeModel }

    @Sendable func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let sites = try await services.sites.list().map { APISite($0, model: model) }
        return try APIAnswer.json(["sites": sites])
    }

    @Sendable func read(_ request: Request, _ context: WebContext) async throws -> Response {
        try APIAnswer.json(APISite(try await services.sites.entry(context.identifier()), model: model))
    }

    /// Takes control fields, or new photographs of a control slide; of administrators alone.
    @Sendable func addControls(_ request: Request, _ context: WebContext) async throws -> Response {
        let principal = try context.requiredPrincipal
        guard principal.role == .administrator else { throw WebError.nothingHere }
        let id: SiteID = try context.identifier()
        let upload = try await ControlUpload.read(
            request, context, at: services.sites.entry(id).site.optics, with: service, limits: service.limits
        ) { _ in }
        switch try await upload.keep(at: id, in: services.sites, by: principal.actor) {
        case .added(let added): return try APIAnswer.json(APIControls(added: added.added, known: added.known))
        case .checked(let result): return try APIAnswer.json(APIControls(check: result.rawValue))
        }
    }

    /// Says where the images of a case were made; without `site` that is unknown.
    @Sendable func choose(_ request: Request, _ context: WebContext) async throws -> Response {
        let (id, principal) = (try context.caseID(), try context.requiredPrincipal)
        // Before anything is read: whoever may not say so is told of nothing.
        guard try await services.sites.choice(of: id, for: principal) != nil else { throw WebError.nothingHere }
        let name = try await JSONBody(request, upTo: Self.bodyBytes).optionalText("site")
        let site = name.flatMap { SiteID($0) }
        guard name == nil || site != nil else { throw WebError.nothingHere }
        // A token that is bound to a microscope speaks for no other.
        if let bound = principal.boundSite, let site, bound != site { throw WebError.nothingHere }
        try await services.sites.choose(site, for: id, by: principal)
        services.changes.publish(id)
        return try APIAnswer.json(APIChosenSite(site: site))
    }
}

/// What became of control fields.
struct APIControls: Encodable, Sendable {
    var added: Int?
    /// Files that this model had answered for the site already.
    var known: Int?
    /// `good`, `open` or `bad`, of a repeated control slide.
    var check: String?
}

/// Where the images of a case were made.
struct APIChosenSite: Encodable, Sendable {
    /// Nil where that is unknown.
    let site: SiteID?
}

/// A microscope as the API tells it.
struct APISite: Encodable, Sendable {
    struct Qualification: Encodable, Sendable {
        let model: ScreeningOutcome.Model
        let at: Date
        let figures: QualificationFigures
    }

    struct Suspension: Encodable, Sendable {
        let cause: String
        let reason: String
        let at: Date
    }

    let id: SiteID
    let name: String
    let objective: String
    let camera: String
    let stain: String
    let micrometresPerPixel: Double?
    /// `unqualified`, `qualified` or `suspended`.
    let qualification: String
    /// Whether it is qualified for the model that answers now.
    let qualifiedNow: Bool
    let limits: SiteLimits
    /// The newest that was passed.
    let passed: Qualification?
    let suspension: Suspension?
    /// The last time that control fields were read rightly.
    let checkedAt: Date?
    let createdAt: Date
    let updatedAt: Date

    init(_ entry: Sites.Entry, model: ScreeningOutcome.Model) {
        let (site, optics) = (entry.site, entry.site.optics)
        (id, name, objective, camera, stain) = (site.id, optics.name, optics.objective, optics.camera, optics.stain)
        (micrometresPerPixel, limits, checkedAt) = (optics.micrometresPerPixel, site.limits, site.checkedAt)
        (createdAt, updatedAt) = (site.createdAt, site.updatedAt)
        (qualification, qualifiedNow) = (site.state.rawValue, entry.isQualified(for: model))
        passed = entry.qualification.map { Qualification(model: $0.model, at: $0.at, figures: $0.figures) }
        suspension = site.suspension.map { Suspension(cause: $0.cause.rawValue, reason: $0.reason, at: $0.at) }
    }
}

/// What is said of the microscope of an image.
struct APIStanding: Encodable, Sendable {
    let id: SiteID?
    let name: String?
    /// `unqualified`, `qualified` or `suspended`.
    let qualification: String

    init(_ standing: SiteStanding) {
        (id, name, qualification) = (standing.siteID, standing.name, standing.qualification.rawValue)
    }
}

extension ScreeningAnswer.Site {
    init(_ standing: SiteStanding) {
        self.init(name: standing.name, qualification: standing.qualification.rawValue)
    }
}
