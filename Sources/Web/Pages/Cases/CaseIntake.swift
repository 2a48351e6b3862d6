import Casework
import Clinic
import Formats
import Foundation
import HTTPTypes
import Hummingbird
import Imaging
import Wording

/// Takes forms with images into cases: several at once from a page without scripts, one by one from a script.
struct CaseIntake: Sendable {
    let services: SiteServices
    let limits: UploadLimits
    let text: TextCatalogue

    /// What became of one form.
    private struct Outcome {
        var caseID: CaseID?
        /// Whether this form made the case.
        var isNew = false
        var isChecked = false
        var added: [(CaseImage, ScreeningRecord)] = []
        var failures: [any Error] = []
    }

    /// What a script is told of an image.
    private struct Added: Encodable {
        let number: Int
        let image: String
        let screening: String
        let state: String
    }

    private struct Answer: Encodable {
        let id: String
        let address: String
        let images: [Added]
    }

    /// `POST /cases`, and `POST /screen` of somebody who is logged in: makes a case with the form's images.
    ///
    /// The form carries an identifier made for the case, so that sending it twice makes one case.
    func create(_ request: Request, _ context: WebContext) async throws -> Response {
        try await take(request, context, into: nil)
    }

    /// `POST /cases/{id}/images`.
    func add(_ request: Request, _ context: WebContext) async throws -> Response {
        try await take(request, context, into: context.caseID())
    }

    private func take(_ request: Request, _ context: WebContext, into id: CaseID?) async throws -> Response {
        var outcome = Outcome(caseID: id)
        let isForScript = request.headers[.accept]?.contains("json") == true
        var fields = CaseUpload.Fields()
        if try HeaderParameters(parsing: request.headers[.contentType] ?? "").value == "multipart/form-data" {
            fields = try await CaseUpload.read(request, limits: limits) { item, fields in
                try await begin(&outcome, fields, request, context)
                await add(item, fields, context, to: &outcome)
            }
        } else {
            // The guard has read and checked an urlencoded form already.
            fields.title = context.form["title"]
            fields.caseID = context.form["case"]
            fields.more["for"] = context.form["for"]
            outcome.isChecked = true
        }
        let hasImages = !outcome.added.isEmpty || !outcome.failures.isEmpty
        guard hasImages || (id == nil && isForScript) else { throw WebError(.missingImage, "errors.uploads.noImage") }
        try await begin(&outcome, fields, request, context)
        if outcome.added.isEmpty, let failure = outcome.failures.first {
            try await undo(outcome, context)
            throw failure
        }
        return try answer(outcome, isForScript: isForScript)
    }

    /// Before the first image: is the form ours, and which case is meant?
    private func begin(
        _ outcome: inout Outcome, _ fields: CaseUpload.Fields, _ request: Request, _ context: WebContext
    ) async throws {
        if !outcome.isChecked {
            try context.checkForgery(fields.csrf, in: request)
            outcome.isChecked = true
        }
        guard outcome.caseID == nil else { return }
        (outcome.caseID, outcome.isNew) = try await openCase(fields, request, context.requiredPrincipal)
    }

    private func openCase(
        _ fields: CaseUpload.Fields, _ request: Request, _ principal: Principal
    ) async throws -> (CaseID, Bool) {
        let given = (fields.title ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        let title = given.isEmpty ? text("cases.defaultTitle", ["day": PageTime(services.clock()).day]) : given
        let id = fields.caseID.flatMap { CaseID($0) } ?? CaseID()
        let dependent = try SubjectChoice.dependent(fields.more["for"])
        // With the header, what waited on a device makes no second case, even after the first one was deleted.
        let key = try request.idempotencyKey.map { try RequestKey($0, of: ["page", id.text]) }
        let opened = try await services.cases.open(id, title: title, of: dependent, key: key, by: principal)
        return (opened.contents.smearCase.id, opened.isNew)
    }

    /// Adds one image; what is wrong with it does not keep the others out.
    private func add(
        _ item: CaseUpload.Item, _ fields: CaseUpload.Fields, _ context: WebContext, to outcome: inout Outcome
    ) async {
        do {
            guard case .image(let bytes) = item, let id = outcome.caseID else {
                throw WebError(.tooLarge, "errors.uploads.imageTooLarge", ["megabytes": limits.fileBytes / 1_000_000])
            }
            let number = outcome.added.count + outcome.failures.count
            let key = fields.uploadKey.map { number == 0 ? $0 : "\($0)-\(number)" } ?? CaseUpload.contentKey(bytes)
            outcome.added.append(
                try await services.intake.add(
                    bytes, to: id, by: context.requiredPrincipal.actor, uploadKey: key,
                    site: context.requiredPrincipal.boundSite))
        } catch {
            outcome.failures.append(error)
        }
    }

    /// A case that was made for images of which none is usable is not kept.
    private func undo(_ outcome: Outcome, _ context: WebContext) async throws {
        guard outcome.isNew, let id = outcome.caseID else { return }
        let principal = try context.requiredPrincipal
        try await services.removal.removeCase(id, of: principal.user, by: principal.actor)
    }

    private func answer(_ outcome: Outcome, isForScript: Bool) throws -> Response {
        guard let id = outcome.caseID else { throw WebError(.missingImage, "errors.uploads.noImage") }
        guard isForScript else {
            let refused = outcome.failures.isEmpty ? "" : "?refused=\(outcome.failures.count)"
            return Response.redirect(to: "/cases/\(id)\(refused)", type: .normal)
        }
        let images = outcome.added.map { image, screening in
            Added(
                number: image.number, image: image.id.text, screening: screening.id.text,
                state: screening.state.rawValue)
        }
        return try APIAnswer.json(Answer(id: id.text, address: "/cases/\(id)", images: images), status: .created)
    }
}
