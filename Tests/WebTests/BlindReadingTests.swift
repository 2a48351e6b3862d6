import Clinic
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Web

/// Opens everything that the server has as a clinician with whom a screening is shared, one clinician for each thing, and
/// then signs with the answers hidden.
@Suite(.timeLimit(.minutes(10))) struct BlindReadingTests {
    @Test(arguments: [false, true])
    func `a reading is blind exactly when nothing that its reader opened told the network's answer`(
        hidesAnswers: Bool
    ) async throws {
        try await ReadingDesk.run { desk in
            let table = try await routeTable(
                configuration: TestSite.configuration(), services: desk.services, logger: TestSite.quiet)
            let paths = table.filter { $0.method == "GET" && $0.access != .anyone }
                .flatMap { Self.paths(of: $0.path, desk) }.sorted()
            #expect(paths.count > 40)
            var revealing: Set<String> = []
            for (number, path) in paths.enumerated() {
                let reader = try await Reader(number, at: desk)
                if hidesAnswers { try await reader.hideAnswers() }
                let answer = try await reader.open(path)
                let isTold = Self.tells(answer, of: path)
                try await reader.hideAnswers()
                let reading = try await reader.sign()
                #expect(reading.isBlind != isTold, "\(path) \(answer.status)")
                if isTold { revealing.insert(path.replacing(desk.screening.text, with: "ID")) }
            }
            // What must be among them at least; the list above is the server's own.
            for path in [
                "/screenings/ID", "/screenings/ID/pictures/map.png", "/screenings/ID/pictures/overlay.png",
                "/screenings/ID/pictures/heat.png", "/api/v1/screenings/ID/fhir",
            ] {
                #expect(revealing.contains(path), "\(path)")
            }
            #expect(revealing.contains("/readings") == !hidesAnswers)
            #expect(revealing.contains("/readings/ID") == !hidesAnswers)
        }
    }

    @Test func `a look before a screening was shared again is a look all the same`() async throws {
        try await ReadingDesk.run { desk in
            try await desk.share()
            _ = try await desk.reader.get("/readings")
            try await desk.withdraw()
            try await desk.share()
            _ = try await desk.reader.post("/readings/blind", [("hide", "yes")])
            _ = try await desk.sign("pre-b")
            let readings = try await desk.services.database.read { try $0.readings(of: desk.screening) }
            #expect(readings.map(\.isBlind) == [false])
        }
    }

    /// The addresses of a route, with the identifiers of what is shared.
    private static func paths(of route: String, _ desk: ReadingDesk) -> [String] {
        if route == "/compare" { return ["/compare?a=\(desk.caseID)&b=\(desk.caseID)"] }
        let id = route.contains("/cases/") ? desk.caseID.text : desk.screening.text
        let path = route.replacing(":id", with: id)
        guard path.contains("/pictures/:name") else { return [path] }
        return PictureKind.kinds().map { path.replacing(":name", with: $0.name) }
    }

    /// Whether an answer lets its reader know that the network said pre-B: it names that class more often than another.
    private static func tells(_ answer: TestResponse, of path: String) -> Bool {
        if let name = path.split(separator: "/").last, let kind = PictureKind(name: String(name)) {
            return kind.reveals
        }
        guard answer.status == .ok else { return false }
        let type = answer.headers[.contentType] ?? ""
        if type.hasPrefix("image/") || type == "application/pdf" { return true }
        let text = answer.text.lowercased().replacing(/early[ -]pre-b/, with: "")
        return text.matches(of: /pre-b/).count != text.matches(of: /pro-b/).count
    }

    /// A clinician with whom the screening is shared, and their browser and token.
    private struct Reader {
        let desk: ReadingDesk
        let user: User
        let browser: TestBrowser
        let token: String

        init(_ number: Int, at desk: ReadingDesk) async throws {
            self.desk = desk
            let user = try await TestPeople.make("reader-\(number)@example.org", .clinician, in: desk.services)
            self.user = user
            browser = try await TestPeople.browser(of: user, client: desk.desk.client, in: desk.services)
            token = try await APISite.token(of: user.id, in: desk.services, Set(APIToken.Scope.allCases))
            let now = desk.services.clock()
            try await desk.services.database.write {
                try $0.share(desk.screening, with: user.id, allowsTraining: false, at: now)
            }
        }

        func hideAnswers() async throws { _ = try await browser.post("/readings/blind", [("hide", "yes")]) }

        func open(_ path: String) async throws -> TestResponse {
            guard path.hasPrefix("/api/") || path == "/metrics" else { return try await browser.get(path) }
            return try await desk.desk.client.execute(
                uri: path, method: .get, headers: [.authorization: "Bearer \(token)"])
        }

        func sign() async throws -> Reading {
            let answer = try await browser.post(
                "/readings/\(desk.screening)",
                [("label", "pre-b"), ("revision", "1"), ("action", "sign"), ("confirm", "yes")])
            #expect(answer.status == .seeOther)
            let readings = try await desk.services.database.read { try $0.readings(of: desk.screening) }
            return try #require(readings.last { $0.readerID == user.id })
        }
    }
}
