import Casework
import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Packaging
import Screening
import Testing
import Web

/// An administrator at a browser, on a site whose shipped model is the fixture network with figures.
struct AdminDesk: Sendable {
    let browser: TestBrowser
    let client: any TestClientProtocol
    let services: SiteServices
    let administrator: User

    static func run(
        metrics: String = AdminDesk.metrics(macroF1: 0.95), setting: TestingSetup = .router,
        _ test: @Sendable (AdminDesk) async throws -> Void
    ) async throws {
        let folder = try TestSite.temporaryDirectory()
        defer { try? FileManager.default.removeItem(at: folder) }
        let shipped = folder.appending(path: "shipped")
        try package(version: "1.0.0", metrics: metrics).write(to: shipped)
        let screener = try Screener(package: ModelPackage(directory: shipped))
        try await TestSite.run(release: screener, setting: setting) { client, services in
            let user = try await TestPeople.make("admin@example.org", .administrator, in: services)
            let browser = try await TestPeople.browser(of: user, client: client, in: services)
            try await test(AdminDesk(browser: browser, client: client, services: services, administrator: user))
        }
    }

    /// The fixture package under another version; the temperature tells its answers from others'.
    static func package(version: String, temperature: Double = 1, metrics: String) throws -> PackageFiles {
        var files = try PackageFiles(directory: TestSite.tinyPackage).files
        let name = ModelPackage.FileName.description
        var description = try JSONSerialization.jsonObject(with: Data(files[name] ?? [])) as? [String: Any] ?? [:]
        description["version"] = version
        description["demonstration"] = false
        description["calibration"] = ["temperature": temperature]
        files[name] = Array(try JSONSerialization.data(withJSONObject: description))
        files[ModelPackage.FileName.metrics] = Array(metrics.utf8)
        return try PackageFiles(files: files)
    }

    static func metrics(macroF1: Double, reference: ReferenceDistribution? = nil) -> String {
        let text = """
            {"crossValidation": {"split": "blocks", "manifestSHA256": "ab", "folds": [], "mean": {}, "worst": {},
             "pooled": {"images": 500, "macroF1": \(macroF1), "malignantSensitivity": 0.99,
              "confidenceIntervals95": {"macroF1": [\(macroF1 - 0.02), \(macroF1 + 0.02)]}}}}
            """
        let added = reference.flatMap { try? $0.added(to: Data(text.utf8)) }
        return added.map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    /// A ZIP archive of a package, as a browser sends it.
    func install(_ files: PackageFiles, password: String = TestPeople.password) async throws -> TestResponse {
        var zip = ZipWriter(date: Date())
        var bytes: [UInt8] = []
        for (name, content) in files.files.sorted(by: { $0.key < $1.key }) {
            bytes += zip.file(content, named: "package/\(name)")
        }
        return try await send(bytes + zip.end(), password: password)
    }

    func send(
        _ file: [UInt8], to path: String = "/admin/models/install", field: String = "package",
        password: String = TestPeople.password
    ) async throws -> TestResponse {
        let body = TestSite.form(
            file, field: field, fields: [("csrf", try await browser.csrf()), ("password", password)])
        return try await browser.send(path, .post, TestSite.formHeaders, body)
    }

    func activate(_ model: String, reason: String = "a test") async throws -> TestResponse {
        try await browser.post(
            "/admin/models/activate", [("model", model), ("reason", reason), ("password", TestPeople.password)])
    }

    func actions() async throws -> [String] {
        try await services.database.read { try $0.auditRecords(after: 0, limit: 10_000).map(\.entry.action.name) }
    }
}
