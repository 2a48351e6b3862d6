import Clinic
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Web

/// A person does the same on a page and through the API.
@Suite(.timeLimit(.minutes(10))) struct AuditAlikeTests {
    /// Something that both entrances offer.
    enum Deed: CaseIterable, Sendable {
        case list, create, read, addImage, readScreening, heatMap, report, caseReport, cells, cellTable, setPerson,
            delete
    }

    @Test(arguments: Deed.allCases) func `page and API leave the same entry`(deed: Deed) async throws {
        try await CaseDesk.run(release: TestSite.screener(answering: .report, label: "pre-b")) { desk in
            let (caseID, other) = (try await desk.makeCase(of: "pre-b"), try await desk.makeCase(of: "pre-b"))
            try await desk.screenAll()
            let owner = try #require(
                try await desk.services.database.read { try $0.user(email: "owner@example.org") })
            let token = try await APISite.token(of: owner.id, in: desk.services, [.read, .write])
            let screening = try await desk.screenings(of: caseID)[0].id
            let page = try await Self.entries(in: desk) {
                try await Self.onPage(deed, desk, caseID, screening)
            }
            // What is deleted cannot be deleted again.
            let target = deed == .delete ? other : caseID
            let program = try await Self.entries(in: desk) {
                try await Self.byProgram(deed, desk, target, screening, token)
            }
            Self.expectAlike(page, program, by: owner.id)
            if ![.create, .addImage, .delete].contains(deed) { #expect(page.map(\.object) == program.map(\.object)) }
        }
    }

    /// What a reader does to cells.
    enum CellDeed: String, CaseIterable, Sendable { case move, undo, confirm }

    @Test(arguments: CellDeed.allCases) func `page and API leave the same entry of cells`(deed: CellDeed) async throws {
        try await CellDesk.run { cells in
            let desk = cells.desk.desk
            let path = "/api/v1/cases/\(cells.desk.caseID)/cells?screening=\(cells.desk.screening)"
            if deed == .undo {
                for number in 1...2 { _ = try await cells.send([cells.key(number), ("to", "monocyte")]) }
            }
            let digest = try #require(try await cells.program(.get, path).object()["digest"] as? String)
            let page = try await Self.entries(in: desk) {
                let fields =
                    switch deed {
                    case .move: [cells.key(1), ("to", "monocyte")]
                    case .undo: [("action", "undo")]
                    case .confirm: [("action", "confirm"), ("digest", digest)]
                    }
                let answer = try await cells.send(fields)
                #expect(answer.status == .seeOther)
            }
            let program = try await Self.entries(in: desk) {
                let key = CellKey(cells.desk.screening, 2).text
                let json =
                    switch deed {
                    case .move: #"{"action":"move","cells":["\#(key)"],"to":"monocyte"}"#
                    case .undo: #"{"action":"undo"}"#
                    case .confirm: #"{"action":"confirm","digest":"\#(digest)"}"#
                    }
                let answer = try await cells.program(.post, path, json: json)
                #expect(answer.status == .ok)
            }
            Self.expectAlike(page, program, by: cells.desk.clinician.id)
            #expect(page.map(\.object) == [cells.desk.screening.text] && page.map(\.object) == program.map(\.object))
        }
    }

    @Test func `page and API leave the same entry of a screening that is tried again`() async throws {
        try await CaseDesk.run { desk in
            let id = try await desk.makeCase(images: 2)
            try await ScreenAgainTests.fail(desk)
            let owner = try #require(
                try await desk.services.database.read { try $0.user(email: "owner@example.org") })
            let token = try await APISite.token(of: owner.id, in: desk.services, [.write])
            let failed = try await desk.screenings(of: id)
            let page = try await Self.entries(in: desk) {
                let answer = try await desk.browser.post("/cases/\(id)/images/\(failed[0].imageID)/again")
                #expect(answer.status == .seeOther)
            }
            let program = try await Self.entries(in: desk) {
                let answer = try await desk.client.execute(
                    uri: "/api/v1/screenings/\(failed[1].id)/again", method: .post,
                    headers: [.authorization: "Bearer \(token)"])
                #expect(answer.status.code < 300, "\(answer.text)")
            }
            Self.expectAlike(page, program, by: owner.id)
            #expect(page.map(\.object) == [failed[0].id.text] && program.map(\.object) == [failed[1].id.text])
        }
    }

    @Test func `page and API leave the same entries of microscopes, and none of what is public`() async throws {
        try await SiteDesk.run { desk in
            let (site, services) = (try await desk.create(), desk.services)
            let clinician = try await APISite.token(of: desk.clinicianUser.id, in: services, [.write])
            let administrator = try await APISite.token(of: desk.administratorUser.id, in: services, [.read, .write])
            let cases = [try await desk.clinician.makeCase(), try await desk.clinician.makeCase()]
            func ask(
                _ method: HTTPRequest.Method, _ path: String, _ token: String, _ type: String = "application/json",
                _ body: ByteBuffer = ByteBuffer()
            ) async throws {
                let answer = try await desk.patient.client.execute(
                    uri: path, method: method, headers: [.authorization: "Bearer \(token)", .contentType: type],
                    body: body)
                #expect(answer.status.code < 300, "\(answer.text)")
            }
            let chosen = try await Self.entries(in: desk.patient) {
                let answer = try await desk.clinician.browser.post("/cases/\(cases[0])/site", [("site", site.text)])
                #expect(answer.status == .seeOther)
            }
            let told = try await Self.entries(in: desk.patient) {
                try await ask(
                    .put, "/api/v1/cases/\(cases[1])/site", clinician, "application/json",
                    ByteBuffer(string: "{\"site\":\"\(site)\"}"))
            }
            Self.expectAlike(chosen, told, by: desk.clinicianUser.id)
            let uploaded = try await Self.entries(in: desk.patient) {
                let answer = try await desk.upload(
                    [CaseDesk.picture(of: "pre-b")(1)], of: "P1", label: "pre-b", to: site)
                #expect(answer.status == .seeOther, "\(answer.text)")
            }
            let multipart = try #require(TestSite.formHeaders[.contentType])
            let sent = try await Self.entries(in: desk.patient) {
                let fields = [
                    ("person", "P2"), ("label", "pre-b"), ("knownBy", "flow-cytometry"), ("purpose", "qualification"),
                ]
                try await ask(
                    .post, "/api/v1/sites/\(site)/controls", administrator, multipart,
                    TestSite.form(try CaseDesk.picture(of: "pre-b")(2), fields: fields))
            }
            Self.expectAlike(uploaded, sent, by: desk.administratorUser.id)
            // Lists that say nothing of people.
            let lists = try await Self.entries(in: desk.patient) {
                for path in ["/admin/sites", "/doctors"] {
                    #expect(try await desk.administrator.get(path).status == .ok, "\(path)")
                }
                for path in ["/api/v1/sites", "/api/v1/doctors?near=13.08,80.27"] {
                    try await ask(.get, path, administrator)
                }
            }
            #expect(lists.isEmpty, "\(lists)")
        }
    }

    /// One entry each, the same but for who is named as what.
    private static func expectAlike(
        _ page: [AuditEntry], _ program: [AuditEntry], by user: UserID,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(page.count == 1 && program.count == 1, "\(page) \(program)", sourceLocation: sourceLocation)
        #expect(page.map(form) == program.map(form), sourceLocation: sourceLocation)
        #expect(page.first?.actor == .user(user), sourceLocation: sourceLocation)
        #expect(
            program.first?.actor.userID == user && program.first?.actor != page.first?.actor,
            sourceLocation: sourceLocation)
    }

    /// An entry without the identifiers in it.
    private static func form(_ entry: AuditEntry) -> String {
        let detail = entry.detail.replacing(/[A-Za-z0-9_-]{22}/, with: "ID")
        return "\(entry.action.name) [\(detail)] \(entry.object.replacing(/[A-Za-z0-9_-]{22}/, with: "ID"))"
    }

    private static func entries(in desk: CaseDesk, after body: () async throws -> Void) async throws -> [AuditEntry] {
        let head = try await desk.services.database.read { try $0.auditHead().sequence }
        try await body()
        return try await desk.services.database.read { transaction in
            // Tokens are made by the tests as they go.
            try transaction.auditRecords(after: head, limit: 100).map(\.entry).filter { $0.action != .token(.create) }
        }
    }

    private static func onPage(_ deed: Deed, _ desk: CaseDesk, _ id: CaseID, _ screening: ScreeningID) async throws {
        let answer =
            switch deed {
            case .list: try await desk.browser.get("/cases")
            case .create: try await desk.send("/cases", images: [], fields: [("title", "One")], isScript: true)
            case .read: try await desk.browser.get("/cases/\(id)")
            case .addImage: try await desk.send("/cases/\(id)/images", images: [CaseDesk.drawing(7)])
            case .readScreening: try await desk.browser.get("/screenings/\(screening)")
            case .heatMap: try await desk.browser.get("/screenings/\(screening)/pictures/overlay.png")
            case .caseReport: try await desk.browser.get("/cases/\(id)/report.pdf")
            case .report: try await desk.browser.get("/screenings/\(screening)/report.pdf")
            case .cells: try await desk.browser.get("/cases/\(id)/cells")
            case .cellTable: try await desk.browser.get("/cases/\(id)/cells.csv")
            case .setPerson: try await desk.browser.post("/cases/\(id)/person", [("birthYear", "1990")])
            case .delete: try await desk.browser.post("/cases/\(id)/delete")
            }
        #expect([200, 201, 302, 303].contains(answer.status.code), "\(answer.status)")
    }

    private static func byProgram(
        _ deed: Deed, _ desk: CaseDesk, _ id: CaseID, _ screening: ScreeningID, _ token: String
    ) async throws {
        var (method, path, body) = (HTTPRequest.Method.get, "/api/v1/cases", ByteBuffer())
        var headers: HTTPFields = [.authorization: "Bearer \(token)"]
        switch deed {
        case .list: break
        case .create: (method, body) = (.post, ByteBuffer(string: "{\"title\":\"One\"}"))
        case .read: path += "/\(id)"
        case .addImage:
            (method, path) = (.post, path + "/\(id)/images")
            body = TestSite.form(try CaseDesk.drawing(9))
        case .readScreening: path = "/api/v1/screenings/\(screening)"
        case .heatMap: path = "/api/v1/screenings/\(screening)/heatmap.png"
        case .report: path = "/api/v1/screenings/\(screening)/report.pdf"
        case .caseReport: path += "/\(id)/report.pdf"
        case .cells: path += "/\(id)/cells"
        case .cellTable: path += "/\(id)/differential.csv"
        case .setPerson:
            (method, path, body) = (.put, path + "/\(id)/person", ByteBuffer(string: "{\"birthYear\":1990}"))
            headers[.contentType] = "application/json"
        case .delete: (method, path) = (.delete, path + "/\(id)")
        }
        if method == .post {
            headers[.contentType] = deed == .create ? "application/json" : TestSite.formHeaders[.contentType]
        }
        let answer = try await desk.client.execute(uri: path, method: method, headers: headers, body: body)
        #expect([200, 201, 204].contains(answer.status.code), "\(answer.status)")
    }
}
