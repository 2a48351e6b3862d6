import Casework
import Clinic
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import Wording

/// A clinician reads a whole case.
struct CaseReadingRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer
    let cookies: SiteCookies

    var routes: [Route] {
        [
            Route(.get, "/readings/cases/:id", .sharedClinician) { request, context in
                let query = FormFields(query: request)
                let notice = query["notice"].flatMap { ["draft", "signed"].contains($0) ? $0 : nil }
                var contents = try await contents(request, context)
                contents.isRevising = query["revise"] == "1"
                contents.notice = notice.map { pages.site.text("readings.notices.\($0)") }
                return try show(contents, context)
            },
            Route(.post, "/readings/cases/:id", .sharedClinician, handler: write),
        ]
    }

    private func contents(_ request: Request, _ context: WebContext) async throws -> CaseReadingPage.Contents {
        let principal = try context.requiredPrincipal
        let isBlind = try await services.hidesAnswers(request, context, cookies)
        let id = try context.caseID()
        let desk: CaseReadingDesk
        do {
            desk = try await services.readings.openCase(id, by: principal.user, isBlind: isBlind)
        } catch let error as ClinicError where error.code == .notFound {
            guard try await services.notices.hasEndedShare(of: id, for: principal.userID) else { throw error }
            throw ClinicError(.notFound, "errors.sharing.ended")
        }
        return CaseReadingPage.Contents(
            desk: desk, isBlind: isBlind, needsPassword: services.needsPasswordToSign(context),
            sites: try await services.sites.choice(of: id, for: principal))
    }

    private func show(
        _ contents: CaseReadingPage.Contents, _ context: WebContext, status: HTTPResponse.Status = .ok
    ) throws -> Response {
        try pages.response(
            CaseReadingPage(contents, site: pages.site, context: context), template: "case-reading", status: status)
    }

    /// Saves a draft, or signs; a value that is not accepted is told on the page with what was sent.
    @Sendable private func write(_ request: Request, _ context: WebContext) async throws -> Response {
        let (id, user) = (try context.caseID(), try context.requiredPrincipal.user)
        let entry = Self.entry(
            context.form, isBlind: try await services.hidesAnswers(request, context, cookies),
            ReadingWords(text: pages.site.text))
        let signs = context.form["action"] == "sign"
        do {
            if signs {
                try context.form.requireSignature()
                // Whoever may not read the case is told that before anything is asked.
                _ = try await services.readings.openCase(id, by: user, isBlind: entry.isBlind)
                try await services.confirmSigning(context)
                _ = try await services.readings.signCase(id, entry, by: user)
                services.changes.publish(id)
            } else {
                _ = try await services.readings.draftCase(id, entry, by: user)
            }
        } catch let error as ClinicError where error.field != nil {
            var contents = try await contents(request, context)
            contents.error = error
            contents.isRevising = true
            contents.sent = entry
            return try show(contents, context, status: Problem(error).httpStatus)
        }
        return Response.redirect(to: "/readings/cases/\(id)?notice=\(signs ? "signed" : "draft")", type: .normal)
    }

    private static func entry(
        _ form: FormFields, isBlind: Bool, _ words: ReadingWords
    ) -> SecondReading.CaseEntry {
        let seen = form.all("seen").compactMap { ScreeningID($0) }
        let images = seen.compactMap { id in
            form["image-\(id)"].flatMap { $0.isEmpty ? nil : ReaderLabel(word: $0) }.map { (id, $0) }
        }
        // Names that were typed, or picked while typing, are as good as ticks.
        let typed = form["finding"] ?? ""
        let listed = words.listed(in: typed)
        let ticked = form.all("findings").compactMap { SmearFinding(rawValue: $0) }
        return SecondReading.CaseEntry(
            label: ReaderLabel(word: form["label"] ?? ""), finding: listed == nil ? typed : "",
            findings: ticked + (listed ?? []), comment: form["comment"] ?? "",
            images: Dictionary(images, uniquingKeysWith: { $1 }),
            settles: form["settles"] == "yes", revision: form["revision"].flatMap { Int($0) } ?? 0, seen: Set(seen),
            isBlind: isBlind)
    }
}

extension SiteServices {
    /// Whether the session is too old to sign with.
    func needsPasswordToSign(_ context: WebContext) -> Bool {
        context.principal?.session.map(accounts.needsConfirmation) ?? true
    }

    /// Asks for the password again where the session is too old to sign with; nothing of the form is lost by that.
    ///
    /// - Throws: As `confirm`; `ClinicError.invalid` with field `password` where none was given.
    func confirmSigning(_ context: WebContext) async throws {
        guard needsPasswordToSign(context), let session = context.principal?.session else { return }
        guard let password = context.form["password"], !password.isEmpty else {
            throw ClinicError(.invalid, "errors.readings.password", field: "password")
        }
        try await accounts.extend(session, by: confirm(context))
    }
}

extension FormFields {
    /// - Throws: `ClinicError.invalid` with field `confirm` where the box that goes with a signature is not ticked.
    func requireSignature() throws {
        guard self["confirm"] == "yes" else {
            throw ClinicError(.invalid, "errors.readings.confirm", field: "confirm")
        }
    }
}
