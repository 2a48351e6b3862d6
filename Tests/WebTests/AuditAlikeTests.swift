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
        case list, create, read, addImage, readScreening, heatMap, delete
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
            #expect(page.count == 1 && program.count == 1, "\(page) \(program)")
            #expect(page.map(Self.form) == program.map(Self.form))
            #expect(page.first?.actor == .user(owner.id))
            #expect(program.first?.actor.userID == owner.id && program.first?.actor != page.first?.actor)
            if ![.create, .addImage, .delete].contains(deed) { #expect(page.map(\.object) == program.map(\.object)) }
        }
    }

    /// An entry without the identifiers in it.
    private static func form(_ entry: AuditEntry) -> String {
        let detail = entry.detail.replacing(/[A-Za-z0-9_-]{22}/, with: "ID")
        return "\(entry.action.name) [\(detail)] \(entry.object.replacing(/[A-Za-z0-9_-]{22}/, with: "ID"))"
    }

    private static func entries(in desk: CaseDesk, after body: () async throws -> Void) async throws -> [AuditEntry] {
        let head = try await desk.services.database.read { try $0.auditHead().sequence }
        try await body()
        return try await desk.services.database.read { try $0.auditRecords(after: head, limit: 100).map(\.entry) }
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
        case .delete: (method, path) = (.delete, path + "/\(id)")
        }
        if method == .post {
            headers[.contentType] = deed == .create ? "application/json" : TestSite.formHeaders[.contentType]
        }
        let answer = try await desk.client.execute(uri: path, method: method, headers: headers, body: body)
        #expect([200, 201, 204].contains(answer.status.code), "\(answer.status)")
    }
}
