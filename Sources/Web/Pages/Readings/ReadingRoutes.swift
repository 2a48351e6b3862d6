import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Screening
import Wording

/// A clinician's work list and viewer, and how readers agree with the network.
struct ReadingRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer
    let cookies: SiteCookies
    private let readings: SecondReading

    init(services: SiteServices, pages: PageRenderer, cookies: SiteCookies) {
        (self.services, self.pages, self.cookies) = (services, pages, cookies)
        readings = services.readings
    }

    var routes: [Route] {
        [
            Route(.get, "/readings", .clinician, handler: list),
            Route(.get, "/readings/agreement", .clinician) { _, context in
                try await agreement(of: try context.requiredPrincipal.userID, context)
            },
            Route(.get, "/admin/readings", .administrator) { _, context in try await agreement(of: nil, context) },
            Route(.post, "/readings/blind", .clinician, handler: setBlind),
            Route(.get, "/readings/:id", .sharedClinician, handler: open),
            Route(.post, "/readings/:id", .sharedClinician, handler: write),
        ]
    }

    @Sendable private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let isBlind = try await services.hidesAnswers(request, context, cookies)
        let list = try await readings.workList(
            of: try context.requiredPrincipal.user, filter: Self.filter(request), isBlind: isBlind)
        let notices = try await services.noticeLines(for: context, pages.site.text)
        let page = ReadingListPage(
            list, notices: notices, isBlind: isBlind, now: services.clock(), site: pages.site, context: context)
        return try pages.response(page, template: "readings")
    }

    @Sendable private func open(_ request: Request, _ context: WebContext) async throws -> Response {
        let query = FormFields(query: request)
        let notice = query["notice"].flatMap { ["draft", "signed"].contains($0) ? $0 : nil }
        var contents = try await contents(request, context)
        contents.isRevising = query["revise"] == "1"
        contents.notice = notice.map { pages.site.text("readings.notices.\($0)") }
        return try show(contents, context)
    }

    private func show(
        _ contents: ReadingPage.Contents, _ context: WebContext, status: HTTPResponse.Status = .ok
    ) throws -> Response {
        try pages.response(
            ReadingPage(contents, site: pages.site, context: context), template: "reading", status: status)
    }

    /// Saves a draft, or signs; a value that is not accepted is told on the page with what was sent.
    @Sendable private func write(_ request: Request, _ context: WebContext) async throws -> Response {
        let (id, user) = (try context.screeningID(), try context.requiredPrincipal.user)
        let entry = Self.entry(
            context.form, isBlind: try await services.hidesAnswers(request, context, cookies))
        let signs = context.form["action"] == "sign"
        do {
            if signs {
                try context.form.requireSignature()
                try await services.confirmSigning(context)
                _ = try await readings.sign(id, entry, by: user)
            } else {
                _ = try await readings.draft(id, entry, by: user)
            }
        } catch let error as ClinicError where error.field != nil && !request.asksForJSON {
            var contents = try await contents(request, context)
            contents.error = error
            // What another window signed stays; what was written here is not lost either.
            contents.isRevising = true
            contents.sent = entry
            return try show(contents, context, status: Problem(error).httpStatus)
        }
        if request.asksForJSON {
            return try APIAnswer.json(["savedAt": services.clock().formatted(.iso8601)])
        }
        let filter = ReadingAddress.query(Self.filter(request))
        let notice = "notice=\(signs ? "signed" : "draft")"
        return Response.redirect(
            to: "/readings/\(id)\(filter.isEmpty ? "?" : filter + "&")\(notice)", type: .normal)
    }

    private func contents(_ request: Request, _ context: WebContext) async throws -> ReadingPage.Contents {
        let (id, user) = (try context.screeningID(), try context.requiredPrincipal.user)
        let isBlind = try await services.hidesAnswers(request, context, cookies)
        let (desk, list): (SecondReading.Desk, ReadingWorkList)
        do {
            (desk, list) = try await readings.open(id, by: user, filter: Self.filter(request), isBlind: isBlind)
        } catch let error as ClinicError where error.code == .notFound {
            // Whoever was told of the end of the share is told so here too; everybody else that there is nothing.
            guard try await services.notices.hasEndedShare(of: id, for: user.id) else { throw error }
            throw ClinicError(.notFound, "errors.sharing.ended")
        }
        guard let result = try desk.screening.answer else { throw WebError.nothingHere }
        return ReadingPage.Contents(
            desk: desk, list: list, signed: desk.signedReadings, result: result,
            analytics: try desk.screening.analytics,
            needsPassword: services.needsPasswordToSign(context),
            sites: try await services.sites.choice(of: desk.screening.caseID, for: context.requiredPrincipal),
            isBlind: isBlind)
    }

    /// Remembers whether the network's answers are hidden until the reader has signed: in this browser, and for all that the reader
    /// asks elsewhere.
    @Sendable private func setBlind(_ request: Request, _ context: WebContext) async throws -> Response {
        let hides = context.form["hide"] == "yes"
        try await readings.hideAnswers(hides, from: context.requiredPrincipal)
        var response = Response.redirect(
            to: OwnPath.checked(context.form["back"], otherwise: "/readings"), type: .normal)
        cookies.hideAnswers(hides, in: &response)
        return response
    }

    private func agreement(of reader: UserID?, _ context: WebContext) async throws -> Response {
        let counts = try await readings.counts(of: reader, by: context.requiredPrincipal.actor)
        let page = AgreementPage(counts, isOfAll: reader == nil, site: pages.site, context: context)
        return try pages.response(page, template: "agreement")
    }

    private static func filter(_ request: Request) -> ReadingWorkList.Filter {
        FormFields(query: request)["show"].flatMap { ReadingWorkList.Filter(rawValue: $0) } ?? .waiting
    }

    /// A form without a revision is for none, which the rules refuse.
    private static func entry(_ form: FormFields, isBlind: Bool) -> SecondReading.Entry {
        SecondReading.Entry(
            label: ReaderLabel(word: form["label"] ?? ""), comment: form["comment"] ?? "",
            revision: form["revision"].flatMap { Int($0) } ?? 0,
            isBlind: isBlind)
    }
}

extension SiteServices {
    /// Whether the network's answers are hidden from whoever asks, by this browser or by what they chose in another.
    func hidesAnswers(_ request: Request, _ context: WebContext, _ cookies: SiteCookies) async throws -> Bool {
        if cookies.hidesAnswers(in: request) { return true }
        return try await readings.hidesAnswers(from: context.requiredPrincipal.user)
    }
}

extension Request {
    /// Whether a script sent it that reads the answer itself.
    var asksForJSON: Bool { headers[.accept]?.contains("application/json") == true }
}

extension ScreeningRecord {
    /// How the answer came about; nil until the screening is done.
    ///
    /// - Throws: `ClinicError.corrupt` where its row cannot be read.
    var analytics: ScreeningAnalytics? {
        get throws {
            guard state == .done, let analyticsJSON else { return nil }
            do { return try JSONDecoder().decode(ScreeningAnalytics.self, from: Data(analyticsJSON.utf8)) } catch {
                throw ClinicError(.corrupt, fault: "The result of screening \(id) cannot be read.")
            }
        }
    }
}
