import Casework
import Clinic
import Crypto
import Findings
import Foundation
import Hummingbird
import HummingbirdTesting
import Imaging
import Logging
import Packaging
import Randomness
import Screening
import Slides
import Store
import Web

/// The server over the tiny fixture network and an SQLite database in a temporary directory of its own.
enum TestSite {
    static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures")
    static let tinyPackage = fixtures.appending(path: "inference/tiny-package")

    /// A screener over a copy of the fixture package.
    ///
    /// - Parameters:
    ///   - references: The content of `references.safetensors`.
    ///   - change: Changes `model.json`.
    static func screener(references: [UInt8]? = nil, _ change: (inout [String: Any]) -> Void = { _ in }) throws
        -> Screener
    {
        let directory = try temporaryDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let package = directory.appending(path: "package")
        try FileManager.default.copyItem(at: tinyPackage, to: package)
        let file = package.appending(path: "model.json")
        guard var description = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any] else {
            throw WebError(.resource, fault: "The fixture's model.json is no object.")
        }
        if let references {
            try Data(references).write(to: package.appending(path: "references.safetensors"))
            var files = description["files"] as? [String: String] ?? [:]
            files["references.safetensors"] = SHA256.hash(data: references).map { String(format: "%02x", $0) }.joined()
            description["files"] = files
        }
        change(&description)
        try JSONSerialization.data(withJSONObject: description).write(to: file)
        return try Screener(package: ModelPackage(directory: package))
    }

    /// Settings under which the network gives one kind of answer to everything.
    static func screener(answering decision: Decision, label: String = "benign", references: [UInt8]? = nil) throws
        -> Screener
    {
        try screener(references: references) { description in
            let keys = ["benign", "early-pre-b", "pre-b", "pro-b"]
            description["novelty"] = ["method": "centroid-cosine", "threshold": decision == .rejected ? 0 : 2]
            description["quality"] = decision == .rejected ? ["minimumSharpness": 1e9] : [String: Any]()
            description["decision"] = ["minimumConfidence": 0]
            // A class is possible when its probability is at least 1 − threshold.
            let thresholds = keys.map { decision == .uncertain || $0 == label ? 1.0 : 0.0 }
            description["conformal"] = [
                "coverage": 0.9, "thresholds": Dictionary(uniqueKeysWithValues: zip(keys, thresholds)),
            ]
        }
    }

    static func temporaryDirectory() throws -> URL {
        let directory = FileManager.default.temporaryDirectory.appending(path: "leukoscope-web-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        return directory
    }

    /// Runs requests against a server.
    static func run<Value: Sendable>(
        release: Screener? = nil, demonstration: Screener? = nil, queue: ScreeningQueue? = nil,
        setting: TestingSetup = .router, configure: (inout WebConfiguration) -> Void = { _ in },
        _ test: @Sendable (any TestClientProtocol) async throws -> Value
    ) async throws -> Value {
        try await run(
            release: release, demonstration: demonstration, queue: queue, setting: setting, configure: configure
        ) { client, _ in try await test(client) }
    }

    /// Runs requests against a server whose services the test looks into or changes.
    ///
    /// - Parameters:
    ///   - change: Changes the services before the server is built.
    ///   - test: Given the client and the services.
    static func run<Value: Sendable>(
        release: Screener? = nil, demonstration: Screener? = nil, queue: ScreeningQueue? = nil,
        setting: TestingSetup = .router, configure: (inout WebConfiguration) -> Void = { _ in },
        change: (inout SiteServices) -> Void = { _ in },
        _ test: @Sendable (any TestClientProtocol, SiteServices) async throws -> Value
    ) async throws -> Value {
        try await withServices(release: release, demonstration: demonstration, change: change) { services in
            let application = try await buildApplication(
                configuration: configuration(configure), services: services, queue: queue, logger: quiet)
            return try await application.test(setting) { client in try await test(client, services) }
        }
    }

    /// Services over a new database, which is removed afterwards.
    static func withServices<Value: Sendable>(
        release: Screener? = nil, demonstration: Screener? = nil, change: (inout SiteServices) -> Void = { _ in },
        _ body: (SiteServices) async throws -> Value
    ) async throws -> Value {
        let directory = try temporaryDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let secret = try ServerSecret(dataDirectory: directory)
        let database = try SQLiteDatabase(
            file: directory.appending(path: "leukoscope.sqlite"), auditKey: secret.key(for: "audit"))
        try await database.migrate()
        let archive = try DirectoryArchive(directory: directory.appending(path: "archive"))
        let changes = CaseChanges()
        let screener = try release ?? screener()
        let store = ModelStore(
            database: database, archive: archive, shipped: screener.package,
            directory: directory.appending(path: "models"))
        var services = SiteServices(
            database: database, archive: archive, models: ModelSwitch(shelf: ModelShelf(screener), store: store),
            demonstration: demonstration,
            accounts: TestPeople.accounts(database), intake: ImageIntake(database: database, archive: archive),
            changes: changes, faults: StoredObjectFaults(), key: { secret.key(for: $0) },
            proveAudit: {
                let found = try await database.verifyAudit()
                return AuditProof(
                    entries: found.entries, brokenAt: found.firstBreak?.sequence, reason: found.firstBreak?.reason ?? ""
                )
            })
        let slides = SlideFolder(archive: archive.directory)
        services.wholeSlides = WholeSlides(
            intake: SlideIntake(slides: CaseSlides(database: database), folder: slides),
            // No process of this bundle reads slides.
            desk: SlideDesk(folder: slides, command: .init(executable: URL(filePath: "/bin/false"), arguments: [])))
        // On a busy machine a write may take longer than a server may make a load balancer wait.
        services.readiness = Readiness(database: database, archive: archive, patience: .seconds(60))
        change(&services)
        let result: Result<Value, any Error>
        do { result = .success(try await body(services)) } catch { result = .failure(error) }
        try await database.close()
        return try result.get()
    }

    /// Settings that no test trips over unless it changes them.
    static func configuration(_ configure: (inout WebConfiguration) -> Void = { _ in }) -> WebConfiguration {
        var configuration = WebConfiguration()
        configuration.port = 0
        configuration.imagesPerBurst = 1000
        configuration.accountBurst = 1000
        // On a busy machine an answer may take longer than a connection may otherwise stay idle.
        configuration.idleTimeout = .seconds(300)
        configure(&configuration)
        return configuration
    }

    /// A clock of limits that stands still: however slow the machine is, no allowance comes back.
    static func standStill(_ services: inout SiteServices) {
        let moment = ContinuousClock.now
        services.pace = { moment }
    }

    static var quiet: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }

    /// A form with one image, as a browser sends it.
    static func form(_ image: [UInt8], field: String = "image") -> ByteBuffer {
        form(image, field: field, fields: [])
    }

    /// A form with fields and then one image.
    static func form(_ image: [UInt8], field: String = "image", fields: [(String, String)]) -> ByteBuffer {
        var body = ByteBuffer()
        for (name, value) in fields {
            body.writeString("--edge\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n")
        }
        body.writeString(
            "--edge\r\nContent-Disposition: form-data; name=\"\(field)\"; filename=\"smear.png\"\r\n"
                + "Content-Type: image/png\r\n\r\n")
        body.writeBytes(image)
        body.writeString("\r\n--edge--\r\n")
        return body
    }

    static let formHeaders: HTTPFields = [.contentType: "multipart/form-data; boundary=edge"]

    /// A PNG of coloured noise.
    static func picture(side: Int = 64, seed: UInt64 = 7) throws -> [UInt8] {
        var random = SplitMix64(seed: seed)
        let pixels = (0..<side * side * 3).map { _ in UInt8.random(in: 90...230, using: &random) }
        return try ImageEncoder.png(RGBImage(width: side, height: side, pixels: pixels))
    }

    static func fixture(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: fixtures.appending(path: "images/\(name)")))
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }

    /// The body as a JSON object.
    func object() throws -> [String: Any] {
        guard let object = try JSONSerialization.jsonObject(with: Data(body.readableBytesView)) as? [String: Any] else {
            throw WebError(.malformedRequest, fault: "The answer is no JSON object.")
        }
        return object
    }
}
