import Casework
import Clinic
import Findings
import Foundation
import Packaging
import Screening
import Store
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ModelStoreTests {
    private static func refusal(
        of files: PackageFiles, at site: ModelSite, despite: String? = nil
    ) async throws -> ModelRefusal? {
        do {
            _ = try await site.store.install(files, by: site.fixture.actor, despiteMetrics: despite)
            return nil
        } catch let error as ModelRefusal {
            return error
        }
    }

    @Test func `a good package is stored, noted in the log, and answers nothing until it is activated`() async throws {
        try await ModelSite.run { site in
            let id = try await site.install("2.0.0")
            let contents = try await site.store.contents()
            #expect(contents.models.map(\.id) == [id])
            #expect(contents.models[0].version == "2.0.0")
            #expect(contents.models[0].installedBy == site.fixture.owner.id)
            #expect(contents.active == nil)
            let keys = try await site.fixture.archive.keys(under: ArchiveKey.model(id))
            #expect(keys.count == 5)
            #expect(try await site.fixture.actions() == ["model.install"])
            #expect(site.models.shelf.active.package.description.version == "1.0.0")
            let left = try FileManager.default.contentsOfDirectory(
                atPath: site.fixture.directory.appending(path: "models").path)
            #expect(left.isEmpty)
        }
    }

    @Test func `figures of the shipped model may be missing, and are told where they cannot be read`() async throws {
        try await ModelSite.run { site in
            let file = site.store.shipped.metricsURL
            #expect(try await site.store.history(limit: 5).shippedMetrics != nil)
            try FileManager.default.removeItem(at: file)
            #expect(try await site.store.history(limit: 5).shippedMetrics == nil)
            try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
            await #expect {
                _ = try await site.store.history(limit: 5)
            } throws: {
                ($0 as? ClinicError)?.code == .storage
            }
        }
    }

    @Test func `a package whose network was altered is refused, and leaves nothing behind`() async throws {
        try await ModelSite.run { site in
            var files = try ModelSite.package(version: "2.0.0").files
            files["model.onnx"]?[100] ^= 1
            let refusal = try #require(try await Self.refusal(of: PackageFiles(files: files), at: site))
            #expect(refusal.code == .broken)
            #expect(refusal.description.contains("model.onnx"))
            #expect(refusal.description.contains("SHA-256"))
            #expect(!refusal.description.contains(site.fixture.directory.path))
            #expect(try await site.fixture.files().isEmpty)
            #expect(try await site.fixture.actions().isEmpty)
        }
    }

    @Test func `a package without a file is refused by its name`() async throws {
        try await ModelSite.run { site in
            var files = try ModelSite.package(version: "2.0.0").files
            files["parameters.safetensors"] = nil
            let refusal = try #require(try await Self.refusal(of: PackageFiles(files: files), at: site))
            #expect(refusal.code == .broken)
            #expect(refusal.description.contains("parameters.safetensors"))
        }
    }

    @Test func `a model of drawn smears never answers people`() async throws {
        try await ModelSite.run { site in
            let files = try ModelSite.package(version: "2.0.0") { $0["demonstration"] = true }
            #expect(try await Self.refusal(of: files, at: site)?.code == .demonstration)
        }
    }

    @Test func `a network whose outputs are not what the description says fails its trial`() async throws {
        try await ModelSite.run { site in
            let files = try ModelSite.package(version: "2.0.0") { description in
                var outputs = description["outputs"] as? [String: Any] ?? [:]
                outputs["logits"] = "nothing"
                description["outputs"] = outputs
            }
            let refusal = try #require(try await Self.refusal(of: files, at: site))
            #expect(refusal.code == .failedTrial)
        }
    }

    @Test(
        arguments: [(0.92, 0.99, "macroF1"), (0.95, 0.98, "malignantSensitivity"), (0.944, 0.995, "macroF1")])
    func `a worse package is refused with the figures side by side`(macroF1: Double, sensitivity: Double, worse: String)
        async throws
    {
        try await ModelSite.run { site in
            let files = try ModelSite.package(
                version: "2.0.0", metrics: ModelSite.metrics(macroF1: macroF1, sensitivity: sensitivity))
            let refusal = try #require(try await Self.refusal(of: files, at: site))
            #expect(refusal.code == .worse)
            let comparison = try #require(refusal.comparison)
            #expect(comparison.rows.filter(\.isWorse).map(\.figure.rawValue) == [worse])
            #expect(comparison.rows.map(\.candidate) == [macroF1, sensitivity])
            #expect(comparison.rows.map(\.active) == [0.95, 0.99])
        }
    }

    @Test func `figures within half a point and the interval are good enough`() async throws {
        try await ModelSite.run { site in
            let files = try ModelSite.package(
                version: "2.0.0", metrics: ModelSite.metrics(macroF1: 0.9455, sensitivity: 0.9895))
            #expect(try await Self.refusal(of: files, at: site) == nil)
        }
    }

    @Test(arguments: 0..<4)
    func `figures that are missing, or found in another way, cannot be compared`(index: Int) async throws {
        let metrics = [
            "{}", ModelSite.metrics(macroF1: 0.99, sensitivity: 1, folds: 10),
            ModelSite.metrics(macroF1: 0.99, sensitivity: 1, manifest: "other"),
            #"{"validation": {"images": 9, "macroF1": 1, "malignantSensitivity": 1}}"#,
        ]
        try await ModelSite.run { site in
            let files = try ModelSite.package(version: "2.0.0", metrics: metrics[index])
            let refusal = try #require(try await Self.refusal(of: files, at: site))
            #expect(refusal.code == .worse)
            #expect(refusal.comparison?.obstacle != nil)
        }
    }

    @Test func `metrics.json that is no JSON is a broken package, whatever reason is given`() async throws {
        try await ModelSite.run { site in
            let files = try ModelSite.package(version: "2.0.0", metrics: "{")
            #expect(try await Self.refusal(of: files, at: site, despite: "for a test")?.code == .broken)
        }
    }

    @Test func `despite its figures a package is taken with a reason, which the log keeps`() async throws {
        try await ModelSite.run { site in
            let files = try ModelSite.package(
                version: "2.0.0", metrics: ModelSite.metrics(macroF1: 0.5, sensitivity: 0.5))
            #expect(try await Self.refusal(of: files, at: site, despite: "new microscope") == nil)
            let entries = try await site.fixture.database.read { try $0.auditRecords(after: 0, limit: 10) }
            #expect(entries.last?.entry.detail.contains("despite-metrics=new microscope") == true)
        }
    }

    @Test func `two models never share name and version`() async throws {
        try await ModelSite.run { site in
            _ = try await site.install("2.0.0")
            let again = try ModelSite.package(version: "2.0.0", temperature: 3)
            #expect(try await Self.refusal(of: again, at: site)?.code == .alreadyInstalled)
            let shipped = try ModelSite.package(version: "1.0.0", temperature: 3)
            #expect(try await Self.refusal(of: shipped, at: site)?.code == .alreadyInstalled)
        }
    }

    @Test func `the sweep leaves installed models alone, and takes what a crash left of others`() async throws {
        try await ModelSite.run { site in
            let id = try await site.install("2.0.0")
            let orphan = ArchiveKey.model(InstalledModelID()) + "model.onnx"
            try await site.fixture.archive.store([1], at: orphan)
            let sweeper = Sweeper(database: site.fixture.database, archive: site.fixture.archive)
            #expect(try await sweeper.sweep(waiting: .zero) == [orphan])
            #expect(try await site.fixture.archive.keys(under: ArchiveKey.model(id)).count == 5)
        }
    }

    @Test func `the files of a model stay when the database answers nothing after the commit`() async throws {
        try await ModelSite.run { site in
            let store = ModelStore(
                database: FailingDatabase(base: site.fixture.database, moment: .after), archive: site.fixture.archive,
                shipped: site.store.shipped, directory: site.fixture.directory.appending(path: "elsewhere"))
            let files = try ModelSite.package(version: "2.0.0", temperature: 2)
            await #expect(throws: ClinicError.self) { _ = try await store.install(files, by: .system) }
            let id = try #require(try await site.store.contents().models.first?.id)
            #expect(try await site.fixture.archive.keys(under: ArchiveKey.model(id)).count == 5)
            _ = try await site.store.package(of: id)
        }
    }

    @Test func `several processes unpack one model at once, and each gets it whole`() async throws {
        try await ModelSite.run { site in
            let id = try await site.install("2.0.0")
            let folder = site.fixture.directory.appending(path: "models-of-several")
            for _ in 0..<5 {
                let stores = (0..<6).map { _ in
                    ModelStore(
                        database: site.fixture.database, archive: site.fixture.archive, shipped: site.store.shipped,
                        directory: folder)
                }
                try await withThrowingTaskGroup(of: String.self) { group in
                    for store in stores {
                        group.addTask { try await store.package(of: id).description.version }
                    }
                    for try await version in group { #expect(version == "2.0.0") }
                }
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [id.text])
                try FileManager.default.removeItem(at: folder)
            }
        }
    }

    @Test func `a model that is active cannot be removed; another one goes with its files`() async throws {
        try await ModelSite.run { site in
            let id = try await site.install("2.0.0")
            try await site.models.activate(id, by: site.fixture.actor, reason: "better")
            await #expect(throws: ClinicError.self) { try await site.store.remove(id, by: .system) }
            try await site.models.activate(nil, by: site.fixture.actor, reason: "roll back")
            try await site.store.remove(id, by: .system)
            #expect(try await site.fixture.files().isEmpty)
            #expect(try await site.store.contents().models.isEmpty)
        }
    }
}
