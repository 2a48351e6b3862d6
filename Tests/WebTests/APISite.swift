import Casework
import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Screening
import Store
import Testing
import Web

/// A server with a database in a temporary directory, a worker, and two people with tokens.
struct APISite: Sendable {
    let client: any TestClientProtocol
    let services: SiteServices
    /// All scopes, of the person whose cases the tests make.
    let token: String
    /// All scopes, of somebody else.
    let otherToken: String
    let owner: UserID

    /// Runs requests against such a server.
    ///
    /// - Parameter isScreening: Whether the worker works; otherwise images wait.
    static func run<Value: Sendable>(
        release: Screener? = nil, queue: ScreeningQueue? = nil, isScreening: Bool = true,
        configure: (inout WebConfiguration) -> Void = { _ in },
        _ test: @Sendable (APISite) async throws -> Value
    ) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appending(path: "leukoscope-api-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let key = [UInt8](repeating: 7, count: 32)
        let database = try SQLiteDatabase(file: folder.appending(path: "test.sqlite"), auditKey: key)
        try await database.migrate()
        let archive = try DirectoryArchive(directory: folder.appending(path: "archive"))
        let release = try release ?? Self.screenerThatAlwaysReports()
        let shelf = ModelShelf(release)
        let store = ModelStore(
            database: database, archive: archive, shipped: release.package, directory: folder.appending(path: "models"))
        let worker = ScreeningWorker(database: database, archive: archive, models: shelf)
        let services = SiteServices(
            database: database, archive: archive, models: ModelSwitch(shelf: shelf, store: store), demonstration: nil,
            accounts: Accounts(database: database, key: key),
            intake: ImageIntake(database: database, archive: archive, onQueued: { _ in worker.wake() }),
            changes: CaseChanges(),
            key: { _ in key }, proveAudit: { AuditProof(entries: try await database.verifyAudit().entries) })
        let work = Task { if isScreening { await worker.run() } }
        defer { work.cancel() }
        let (owner, token) = try await person("owner@example.org", in: services)
        let (_, otherToken) = try await person("other@example.org", in: services)
        var configuration = WebConfiguration()
        configuration.port = 0
        configuration.imagesPerBurst = 1000
        configure(&configuration)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let application = try await buildApplication(
            configuration: configuration, services: services, queue: queue, logger: logger)
        return try await application.test(TestingSetup.router) { client in
            try await test(
                APISite(client: client, services: services, token: token, otherToken: otherToken, owner: owner))
        }
    }

    /// Whatever class the network finds most probable stands alone.
    private static func screenerThatAlwaysReports() throws -> Screener {
        try TestSite.screener { description in
            description["novelty"] = ["method": "centroid-cosine", "threshold": 2]
            description["quality"] = [String: Any]()
            description["decision"] = ["minimumConfidence": 0]
            let none = ["benign": 0.0, "early-pre-b": 0.0, "pre-b": 0.0, "pro-b": 0.0]
            description["conformal"] = ["coverage": 0.9, "thresholds": none]
        }
    }

    private static func person(_ email: String, in services: SiteServices) async throws -> (UserID, String) {
        let user = User(
            email: email, name: "Somebody", role: .patient, passwordHash: "unused", createdAt: services.clock())
        try await services.database.write { transaction in
            try transaction.insert(user)
            try transaction.append(
                Consent(
                    of: user.id, .given, notice: services.notice.since, text: TestPeople.consent, at: services.clock()))
        }
        return (user.id, try await token(of: user.id, in: services, Set(APIToken.Scope.allCases)))
    }

    /// A new token.
    static func token(of user: UserID, in services: SiteServices, _ scopes: Set<APIToken.Scope>) async throws -> String
    {
        try await services.accounts.makeAPIToken(APIToken.Terms(label: "test", scopes: scopes), of: user).text
    }

    /// One request; with the owner's token unless another is named.
    func ask(
        _ method: HTTPRequest.Method, _ path: String, json: [String: any Sendable]? = nil, form: ByteBuffer? = nil,
        token: String? = nil, headers more: HTTPFields = [:]
    ) async throws -> TestResponse {
        var headers = more
        let token = token ?? self.token
        if !token.isEmpty { headers[.authorization] = "Bearer \(token)" }
        var body = form
        if form != nil, headers[.contentType] == nil { headers[.contentType] = "multipart/form-data; boundary=edge" }
        if let json {
            headers[.contentType] = "application/json"
            body = ByteBuffer(bytes: try JSONSerialization.data(withJSONObject: json))
        }
        return try await client.execute(uri: path, method: method, headers: headers, body: body)
    }

    /// Makes a case; returns its identifier.
    func makeCase(_ title: String = "Smear") async throws -> String {
        let response = try await ask(.post, "/api/v1/cases", json: ["title": title])
        #expect(response.status == .created, "\(response.text)")
        return try #require(try response.object()["id"] as? String)
    }

    /// Adds a picture to a case; returns the image as the API tells it.
    func addImage(to id: String, seed: UInt64 = 7, key: String? = nil) async throws -> [String: Any] {
        var headers: HTTPFields = [:]
        if let key { headers[try #require(HTTPField.Name("Idempotency-Key"))] = key }
        let response = try await ask(
            .post, "/api/v1/cases/\(id)/images", form: TestSite.form(TestSite.picture(seed: seed)), headers: headers)
        #expect(response.status == .created, "\(response.text)")
        return try response.object()
    }

    /// Adds a picture and waits for its answer; returns the screening's identifier.
    func screened(in id: String, seed: UInt64 = 7) async throws -> String {
        let image = try await addImage(to: id, seed: seed)
        let screening = try #require((image["screening"] as? [String: Any])?["id"] as? String)
        try await eventually("the answer of \(screening)") {
            let state = try await ask(.get, "/api/v1/screenings/\(screening)").object()["state"] as? String
            try #require(state == "queued" || state == "running" || state == "done")
            return state == "done"
        }
        return screening
    }
}
