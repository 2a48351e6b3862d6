import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Wording

/// A patient shares screenings with doctors, sees what is shared, and takes it back.
struct SharingRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer
    private let sharing: Sharing

    init(services: SiteServices, pages: PageRenderer) {
        self.services = services
        self.pages = pages
        sharing = services.sharing
    }

    var routes: [Route] {
        [
            Route(.get, "/sharing", .user, handler: page),
            Route(.post, "/sharing", .user, handler: share),
            Route(.post, "/sharing/withdraw", .user, handler: withdraw),
            Route(.post, "/sharing/training", .user, handler: setTraining),
        ]
    }

    private static let notices = ["shared", "withdrawn", "training"]

    @Sendable private func page(_ request: Request, _ context: WebContext) async throws -> Response {
        let query = FormFields(query: request)
        let chosen = query.all("screening").compactMap { ScreeningID($0) }
        if let doctor = query["doctor"] {
            guard let id = DoctorID(doctor) else { throw WebError.nothingHere }
            return try await choose(
                for: id, chosen: Set(chosen), in: query["case"].flatMap { CaseID($0) }, context: context)
        }
        let principal = try context.requiredPrincipal
        let (shared, doctors) = try await sharing.overview(of: principal.userID, by: principal.actor)
        let smearCase = query["case"].flatMap { CaseID($0) }.map { "&case=\($0)" } ?? ""
        let model = SharingPage(
            shared, doctors: doctors, query: chosen.map { "&screening=\($0)" }.joined() + smearCase,
            notice: query["notice"].flatMap { Self.notices.contains($0) ? $0 : nil }.map {
                pages.site.text("readings.sharing.notices.\($0)")
            }, site: pages.site, context: context)
        return try pages.response(model, template: "sharing")
    }

    private func choose(
        for doctor: DoctorID, chosen: Set<ScreeningID>, in smearCase: CaseID? = nil, allowsTraining: Bool = false,
        error: ClinicError? = nil, context: WebContext
    ) async throws -> Response {
        let principal = try context.requiredPrincipal
        let choice = try await sharing.choice(
            of: principal.userID, for: doctor, in: smearCase, by: principal.actor)
        return try pages.response(
            SharingChoicePage(
                choice, chosen: chosen, isOfOneCase: smearCase != nil, allowsTraining: allowsTraining, error: error,
                site: pages.site,
                context: context), template: "sharing-choice",
            status: error.map { Problem($0).httpStatus } ?? .ok)
    }

    @Sendable private func share(_ request: Request, _ context: WebContext) async throws -> Response {
        guard let doctor = context.form["doctor"].flatMap({ DoctorID($0) }) else {
            throw WebError(.malformedRequest, "errors.sharing.doctor")
        }
        let chosen = try Self.screenings(context.form)
        let allowsTraining = context.form["training"] == "yes"
        if let id = try Self.smearCase(context.form) {
            try await sharing.shareCase(
                id, with: doctor, includesNew: context.form["new"] == "yes",
                telling: Set(context.form.all("told").compactMap { SharedCase.Detail(rawValue: $0) }),
                allowsTraining: allowsTraining, by: try context.requiredPrincipal.userID)
            return Response.redirect(to: "/sharing?notice=shared", type: .normal)
        }
        do {
            try await sharing.share(
                chosen, with: doctor, allowsTraining: allowsTraining, by: try context.requiredPrincipal.userID)
        } catch let error as ClinicError where error.field == "screening" {
            return try await choose(
                for: doctor, chosen: Set(chosen), allowsTraining: allowsTraining, error: error, context: context)
        }
        return Response.redirect(to: "/sharing?notice=shared", type: .normal)
    }

    @Sendable private func withdraw(_ request: Request, _ context: WebContext) async throws -> Response {
        let (user, reader) = (try context.requiredPrincipal.userID, try Self.reader(context.form))
        if context.form["all"] == "yes" {
            try await sharing.withdrawAll(from: reader, by: user)
        } else if let id = try Self.smearCase(context.form) {
            try await sharing.withdrawCase(id, from: reader, by: user)
        } else {
            try await sharing.withdraw(try Self.screenings(context.form), from: reader, by: user)
        }
        return Response.redirect(to: "/sharing?notice=withdrawn", type: .normal)
    }

    @Sendable private func setTraining(_ request: Request, _ context: WebContext) async throws -> Response {
        try await sharing.allowTraining(
            context.form["allow"] == "yes", of: try Self.screenings(context.form),
            with: try Self.reader(context.form),
            by: try context.requiredPrincipal.userID)
        return Response.redirect(to: "/sharing?notice=training", type: .normal)
    }

    private static func reader(_ form: FormFields) throws -> UserID {
        guard let reader = form["reader"].flatMap({ UserID($0) }) else {
            throw WebError(.malformedRequest, "errors.sharing.reader")
        }
        return reader
    }

    /// The whole case that a form is about; nil for single screenings.
    ///
    /// - Throws: `WebError.notFound` when it cannot be an identifier.
    private static func smearCase(_ form: FormFields) throws -> CaseID? {
        guard let text = form["case"] else { return nil }
        guard let id = CaseID(text) else { throw WebError.nothingHere }
        return id
    }

    /// - Throws: `WebError.notFound` when one of them cannot be an identifier.
    private static func screenings(_ form: FormFields) throws -> [ScreeningID] {
        try form.all("screening").map { text in
            guard let id = ScreeningID(text) else { throw WebError.nothingHere }
            return id
        }
    }
}
