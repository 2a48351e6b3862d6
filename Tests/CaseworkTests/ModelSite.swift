import Casework
import Clinic
import Foundation
import Packaging
import Screening

/// A site with the fixture network as its shipped model, and packages to install.
struct ModelSite: Sendable {
    let fixture: CaseworkFixture
    let store: ModelStore
    let models: ModelSwitch

    static let manifest = String(repeating: "a", count: 64)

    /// - Parameter metrics: What the shipped package says of its quality.
    static func run(
        metrics: String = ModelSite.metrics(macroF1: 0.95, sensitivity: 0.99),
        _ test: @escaping @Sendable (ModelSite) async throws -> Void
    ) async throws {
        try await CaseworkFixture.run { fixture in
            let folder = fixture.directory.appending(path: "shipped")
            try package(version: "1.0.0", metrics: metrics).write(to: folder)
            try await test(ModelSite(fixture, shipped: ModelPackage(directory: folder), folder: "models"))
        }
    }

    /// - Parameter folder: Where this node unpacks packages.
    init(_ fixture: CaseworkFixture, shipped: ModelPackage, folder: String) throws {
        self.fixture = fixture
        store = ModelStore(
            database: fixture.database, archive: fixture.archive, shipped: shipped,
            directory: fixture.directory.appending(path: folder))
        models = ModelSwitch(shelf: ModelShelf(try Screener(package: shipped)), store: store)
    }

    /// Another node over the same database and archive.
    func otherNode() throws -> ModelSite { try ModelSite(fixture, shipped: store.shipped, folder: "models-of-another") }

    /// The fixture package with another version and calibration, so that its answers are told apart from others'.
    static func package(
        version: String, temperature: Double = 1, metrics: String? = nil,
        change: (inout [String: Any]) -> Void = { _ in }
    ) throws -> PackageFiles {
        let folder = CaseworkFixture.folder.appending(path: "inference/tiny-package")
        var files = try PackageFiles(directory: folder).files
        let name = ModelPackage.FileName.description
        var description =
            try JSONSerialization.jsonObject(with: Data(files[name] ?? [])) as? [String: Any] ?? [:]
        description["version"] = version
        description["demonstration"] = false
        description["calibration"] = ["temperature": temperature]
        change(&description)
        files[name] = Array(try JSONSerialization.data(withJSONObject: description))
        files[ModelPackage.FileName.metrics] = Array(
            (metrics ?? Self.metrics(macroF1: 0.95, sensitivity: 0.99)).utf8)
        return try PackageFiles(files: files)
    }

    static func metrics(
        macroF1: Double, sensitivity: Double, folds: Int = 5, manifest: String = ModelSite.manifest
    ) -> String {
        let fold = Array(repeating: "{}", count: folds).joined(separator: ",")
        return """
            {"crossValidation": {"split": "blocks", "manifestSHA256": "\(manifest)", "folds": [\(fold)],
             "pooled": {"images": 500, "macroF1": \(macroF1), "malignantSensitivity": \(sensitivity),
              "confidenceIntervals95": {"macroF1": [\(macroF1 - 0.02), \(macroF1 + 0.02)],
               "malignantSensitivity": [\(sensitivity - 0.001), 1]}}}}
            """
    }

    /// Installs a package that is as good as the shipped one.
    func install(_ version: String, temperature: Double = 2) async throws -> InstalledModelID {
        let files = try Self.package(version: version, temperature: temperature)
        return try await store.install(files, by: fixture.actor).model.id
    }
}
