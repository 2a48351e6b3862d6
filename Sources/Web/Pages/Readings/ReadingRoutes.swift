import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Screening

/// A clinician's work list and viewer, and how readers agree with the network.
struct ReadingRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer
    let cookies: SiteCookies
    private let readings: SecondReading

    init(services: SiteServices, pages: PageRenderer, cookies: SiteCookies) {
        self.services = services
        self.pages = pages
        self.cookies = cookies
        readings = SecondReading(database: services.database, clock: services.clock)
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
        let isBlind = cookies.hidesAnswers(in: request)
        let list = try await readings.workList(
            of: try context.requiredPrincipal.user, filter: Self.filter(request), isBlind: isBlind)
        let page = ReadingListPage(list, isBlind: isBlind, now: services.clock(), site: pages.site, context: context)
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
        let entry = Self.entry(context.form, isBlind: cookies.hidesAnswers(in: request))
        let signs = context.form["action"] == "sign"
        do {
            if signs {
                guard context.form["confirm"] == "yes" else {
                    throw ClinicError(.invalid, pages.site.text("readings.confirmMissing"), field: "confirm")
                }
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
            return try CaseRoutes.json("{\"savedAt\":\"\(services.clock().formatted(.iso8601))\"}")
        }
        let filter = ReadingAddress.query(Self.filter(request))
        let notice = "notice=\(signs ? "signed" : "draft")"
        return Response.redirect(
            to: "/readings/\(id)\(filter.isEmpty ? "?" : filter + "&")\(notice)", type: .normal)
    }

    private func contents(_ request: Request, _ context: WebContext) async throws -> ReadingPage.Contents {
        let (id, user) = (try context.screeningID(), try context.requiredPrincipal.user)
        let isBlind = cookies.hidesAnswers(in: request)
        let (desk, list) = try await readings.open(id, by: user, filter: Self.filter(request), isBlind: isBlind)
        guard let result = try desk.screening.answer else { throw WebError.nothingHere }
        let signed = try await services.database.read { transaction in
            // Of this reader alone: each reads independently of the others.
            try SignedReading.shown(of: desk.readings, to: user, owner: user.id, in: transaction)
        }
        return ReadingPage.Contents(
            desk: desk, list: list, signed: signed, result: result, analytics: try desk.screening.analytics,
            isBlind: isBlind)
    }

    /// Remembers in this browser whether the network's answers are hidden until the reader has signed.
    @Sendable private func setBlind(_ request: Request, _ context: WebContext) async throws -> Response {
        var response = Response.redirect(
            to: OwnPath.checked(context.form["back"], otherwise: "/readings"), type: .normal)
        cookies.hideAnswers(context.form["hide"] == "yes", in: &response)
        return response
    }

    private func agreement(of reader: UserID?, _ context: WebContext) async throws -> Response {
        let principal = try context.requiredPrincipal
        let entry = AuditEntry(
            "reading.statistics", by: principal.actor, object: reader?.text ?? "", at: services.clock())
        let counts = try await services.database.write { transaction in
            try transaction.append(entry)
            return try transaction.readingCounts(of: reader)
        }
        let page = AgreementPage(counts, isOfAll: reader == nil, site: pages.site, context: context)
        return try pages.response(page, template: "agreement")
    }

    private static func filter(_ request: Request) -> ReadingWorkList.Filter {
        FormFields(query: request)["show"].flatMap { ReadingWorkList.Filter(rawValue: $0) } ?? .waiting
    }

    /// A form without a revision is for none, which the rules refuse.
    private static func entry(_ form: FormFields, isBlind: Bool) -> SecondReading.Entry {
        let sent = form["label"] ?? ""
        let label =
            sent == ReaderLabel.unreadable.word ? .unreadable : sent.isEmpty ? .undecided : ReaderLabel(rawValue: sent)
        return SecondReading.Entry(
            label: label, comment: form["comment"] ?? "", revision: form["revision"].flatMap { Int($0) } ?? 0,
            isBlind: isBlind)
    }
}

extension WebContext {
    /// The screening that the path names.
    ///
    /// - Throws: `WebError.notFound` for what cannot be an identifier.
    func screeningID(_ name: String = "id") throws -> ScreeningID {
        guard let id = parameters.get(name).flatMap({ ScreeningID($0) }) else { throw WebError.nothingHere }
        return id
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
                throw ClinicError(.corrupt, "The result of screening \(id) cannot be read.")
            }
        }
    }
}
