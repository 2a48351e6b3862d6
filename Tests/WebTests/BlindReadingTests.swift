import Clinic
import Findings
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Web

/// Opens everything that the server has as a clinician with whom a case is shared whole, one clinician for each thing, and then
/// signs with the answers hidden.
@Suite(.timeLimit(.minutes(10))) struct BlindReadingTests {
    @Test(arguments: [false, true])
    func `a reading is blind exactly when nothing that its reader opened told the network's answer`(
        hidesAnswers: Bool
    ) async throws {
        try await ReadingDesk.run { desk in
            let paths = try await Self.table(desk).filter { $0.method == "GET" && $0.access != .anyone }
                .flatMap { try Self.paths(of: $0.path, desk) }.sorted()
            #expect(paths.count > 60)
            var revealing: Set<String> = []
            for (number, path) in paths.enumerated() {
                let reader = try await Reader(number, at: desk)
                if hidesAnswers { try await reader.hideAnswers() }
                let answer = try await reader.open(path)
                let isTold = Self.tells(answer, of: path)
                try await reader.hideAnswers()
                let reading = try await reader.sign()
                #expect(reading.isBlind != isTold, "\(path) \(answer.status)")
                guard isTold else { continue }
                revealing.insert(
                    path.replacing(desk.screening.text, with: "ID").replacing(desk.caseID.text, with: "CASE"))
            }
            guard !hidesAnswers else {
                #expect(revealing.isEmpty, "a reader who hides the answers is told none, by pages and by programs")
                return
            }
            // What must be among them at least; the list above is the server's own.
            for path in [
                "/screenings/ID", "/screenings/ID/report.pdf", "/screenings/ID/pictures/map.png",
                "/screenings/ID/pictures/overlay.png", "/screenings/ID/pictures/heat.png", "/cases/CASE/report.pdf",
                "/readings", "/readings/ID", "/readings/cases/CASE", "/api/v1/cases/CASE/report.pdf",
                "/api/v1/screenings/ID", "/api/v1/screenings/ID/fhir", "/api/v1/screenings/ID/report.pdf",
                "/api/v1/screenings/ID/heatmap.png",
            ] {
                #expect(revealing.contains(path), "\(path)")
            }
        }
    }

    @Test func `pages that need no account tell a reader no more than somebody with whom nothing is shared`()
        async throws
    {
        try await ReadingDesk.run { desk in
            let reader = try await Reader(0, at: desk)
            try await reader.hideAnswers()
            let stranger = try await TestPeople.browser(
                "stranger@example.org", .clinician, client: desk.desk.client, in: desk.services)
            let paths = try await Self.table(desk).filter { $0.method == "GET" && $0.access == .anyone }
                .flatMap { try Self.paths(of: $0.path, desk) }
            #expect(paths.contains("/"))
            for path in Set(paths).sorted() {
                let told = Self.classes(in: try await reader.open(path))
                #expect(try await told == Self.classes(in: stranger.get(path)), "\(path)")
            }
        }
    }

    @Test func `nothing that a reader sends is answered with what they hid`() async throws {
        try await ReadingDesk.run { desk in
            let routes = try await Self.table(desk).filter { $0.method != "GET" && $0.access != .anyone }
            #expect(routes.count > 60)
            for (number, route) in routes.enumerated() {
                for (part, path) in try Self.paths(of: route.path, desk).enumerated() {
                    let reader = try await Reader("\(number)-\(part)", at: desk)
                    try await reader.hideAnswers()
                    let answer = try await reader.send(route.method, path)
                    #expect(!Self.tells(answer, of: path), "\(route.method) \(path) \(answer.status)")
                }
            }
        }
    }

    @Test func `a program gets a reader's files again once they show the answers, or have signed`() async throws {
        try await ReadingDesk.run { desk in
            let reader = try await Reader(0, at: desk)
            let one = "/api/v1/screenings/\(desk.screening)/report.pdf"
            let paths = ["/api/v1/cases/\(desk.caseID)/report.pdf", one]
            func statuses() async throws -> [HTTPResponse.Status] {
                var found: [HTTPResponse.Status] = []
                for path in paths { found.append(try await reader.open(path).status) }
                return found
            }
            try await reader.hideAnswers()
            #expect(try await statuses() == [.conflict, .conflict])
            let problem = try await reader.open(one)
            #expect(problem.text.contains("hidden until you sign"))
            // Another browser of theirs hides them as well.
            let other = try await TestPeople.browser(of: reader.user, client: desk.desk.client, in: desk.services)
            #expect(try await other.get("/readings").text.contains("Answer hidden until you sign"))
            #expect(try await other.get("/screenings/\(desk.screening)").status == .conflict)
            _ = try await reader.sign()
            #expect(try await statuses() == [.conflict, .ok])
            _ = try await reader.browser.post("/readings/blind", [("hide", "no")])
            #expect(try await statuses() == [.ok, .ok])
            // A browser that has the old cookie alone, and opens the case with the answers hidden.
            other.cookies["__Host-blind-reading"] = "1"
            _ = try await other.get("/readings/cases/\(desk.caseID)")
            #expect(try await statuses() == [.conflict, .ok])
        }
    }

    @Test func `a patient's link opens the report for no reader of the case who hid its answers`() async throws {
        try await ReadingDesk.run { desk in
            let made = try await desk.patient.post("/cases/\(desk.caseID)/links", [("days", "1")])
            let secret = try #require(made.text.firstMatch(of: /\/reports\/([A-Za-z0-9_-]{43})/)?.output.1)
            let path = "/reports/\(secret)/report.pdf"
            let reader = try await Reader(0, at: desk)
            try await reader.hideAnswers()
            #expect(try await reader.open(path).status == .conflict)
            let signed = try await reader.sign()
            #expect(signed.isBlind)
            // The one who opens it sees the answers, and is known to have seen them.
            let other = try await Reader(1, at: desk)
            #expect(try await other.open(path).status == .ok)
            try await other.hideAnswers()
            #expect(try await !other.sign().isBlind)
            #expect(try await TestBrowser(desk.desk.client).get(path).status == .ok)
        }
    }

    @Test func `a copy of a reader's data holds the network's answer to what they signed alone`() async throws {
        try await ReadingDesk.run { desk in
            let reader = try await Reader(0, at: desk)
            try await reader.hideAnswers()
            _ = try await reader.browser.post(
                "/readings/\(desk.screening)", [("label", "benign"), ("revision", "1"), ("action", "draft")])
            let before = try await reader.open("/account/export").text
            #expect(before.contains("readings.json") && !before.contains("pre-b") && !before.contains("networkLabel"))
            _ = try await reader.sign()
            #expect(try await reader.open("/account/export").text.contains("networkLabel"))
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

    private static func table(_ desk: ReadingDesk) async throws -> [RouteEntry] {
        try await routeTable(configuration: TestSite.configuration(), services: desk.services, logger: TestSite.quiet)
    }

    /// What is found over FHIR.
    private static let types = ["DiagnosticReport", "Observation", "Binary", "Patient", "Specimen", "ServiceRequest"]

    /// The addresses of a route, with the identifiers of what is shared.
    private static func paths(of route: String, _ desk: ReadingDesk) throws -> [String] {
        if route == "/compare" { return ["/compare?a=\(desk.caseID)&b=\(desk.caseID)"] }
        if route.hasPrefix("/fhir/:type") {
            let id = desk.caseID.text.replacing("_", with: ".")
            return types.map { route.replacing(":type", with: $0).replacing(":id", with: id) }
        }
        let id =
            route.contains("/cases/")
            ? desk.caseID.text
            : route.contains("/appointments/") ? desk.visit.text : desk.screening.text
        let path = route.replacing(":id", with: id)
        guard path.contains("/pictures/:name") else { return [path] }
        return PictureKind.kinds().map { path.replacing(":name", with: $0.name) }
    }

    /// Whether an answer lets its reader know that the network said pre-B: it names that class more often than another.
    private static func tells(_ answer: TestResponse, of path: String) -> Bool {
        if let name = path.split(separator: "/").last, let kind = PictureKind(name: String(name)) {
            return kind.reveals && answer.status != .conflict
        }
        let type = answer.headers[.contentType] ?? ""
        if answer.status == .ok && (type.hasPrefix("image/") || type == "application/pdf") { return true }
        let classes = classes(in: answer)
        return classes.first != classes.last
    }

    /// How often an answer names pre-B, and how often pro-B.
    private static func classes(in answer: TestResponse) -> [Int] {
        let text = answer.text.lowercased().replacing(/early[ -]pre-b/, with: "")
        return [text.matches(of: /pre-b/).count, text.matches(of: /pro-b/).count]
    }

    /// A clinician with whom the case is shared whole, and their browser and token.
    private struct Reader {
        let desk: ReadingDesk
        let user: User
        let browser: TestBrowser
        let token: String

        init(_ name: some CustomStringConvertible, at desk: ReadingDesk) async throws {
            self.desk = desk
            let user = try await TestPeople.make("reader-\(name)@example.org", .clinician, in: desk.services)
            self.user = user
            browser = try await TestPeople.browser(of: user, client: desk.desk.client, in: desk.services)
            token = try await APISite.token(of: user.id, in: desk.services, Set(APIToken.Scope.allCases))
            let now = desk.services.clock()
            try await desk.services.database.write { transaction in
                let owner = try #require(try transaction.smearCase(desk.caseID)?.ownerID)
                for screening in desk.screenings {
                    try transaction.share(screening.id, with: user.id, allowsTraining: false, at: now)
                }
                try transaction.share(
                    SharedCase(
                        caseID: desk.caseID, userID: user.id, sharedAt: now, includesNew: true,
                        told: Set(SharedCase.Detail.allCases)), of: owner)
            }
        }

        func hideAnswers() async throws { _ = try await browser.post("/readings/blind", [("hide", "yes")]) }

        func open(_ path: String) async throws -> TestResponse {
            guard path.hasPrefix("/api/") || path.hasPrefix("/fhir/") || path == "/metrics" else {
                return try await browser.get(path)
            }
            return try await desk.desk.client.execute(
                uri: path, method: .get, headers: [.authorization: "Bearer \(token)"])
        }

        /// Sends an empty form, or what a program sends that has nothing to say.
        func send(_ method: String, _ path: String) async throws -> TestResponse {
            let method = try #require(HTTPRequest.Method(method))
            if path.hasPrefix("/api/") || path.hasPrefix("/fhir/") {
                let type = path.hasSuffix("_search") ? "application/x-www-form-urlencoded" : "application/json"
                return try await desk.desk.client.execute(
                    uri: path, method: method, headers: [.authorization: "Bearer \(token)", .contentType: type],
                    body: ByteBuffer(string: type.hasSuffix("json") ? "{}" : ""))
            }
            return try await method == .post ? browser.post(path) : browser.send(path, method, [:], nil)
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
