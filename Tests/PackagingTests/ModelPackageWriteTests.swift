import Dispatch
import Findings
import Foundation
import Packaging
import Synchronization
import Tensors
import Testing

@Suite struct ModelPackageWriteTests {
    private final class Progress: Sendable {
        let isDone = Atomic(false)
        let looks = Atomic(0)
        let misses = Atomic(0)
    }

    private func parameters() throws -> [String: Tensor] {
        try Safetensors.read(TinyPackage.directory.appendingPathComponent("parameters.safetensors"))
    }

    private func write(
        _ description: ModelDescription, _ parameters: [String: Tensor], to place: URL
    ) throws -> ModelPackage {
        try ModelPackage.write(
            description, onnx: TinyPackage.directory.appendingPathComponent("model.onnx"), parameters: parameters,
            card: "# A card\n", metrics: Data("{}".utf8), to: place)
    }

    @Test func `writes what it reads`() throws {
        let original = try ModelPackage(directory: TinyPackage.directory)
        try TinyPackage.withTemporaryDirectory { place in
            let directory = place.appendingPathComponent("new")
            let written = try write(original.description, parameters(), to: directory)
            #expect(written.directory == directory)
            #expect(written.description.files["model.onnx"] == original.description.files["model.onnx"])
            var description = written.description
            description.files = original.description.files
            #expect(description == original.description)
            #expect(written.centroids == original.centroids)
            #expect(try String(contentsOf: written.cardURL, encoding: .utf8) == "# A card\n")
            #expect(try FileManager.default.contentsOfDirectory(atPath: place.path) == ["new"])
        }
    }

    @Test func `carries a limit of novelty for benign alone, and answers are held against it`() throws {
        var description = try ModelPackage(directory: TinyPackage.directory).description
        #expect(description.novelty.benignThreshold == nil)
        #expect(DecisionFacts.Limits(description).benignNovelty == nil)
        #expect(!String(decoding: try description.json(), as: UTF8.self).contains("benignThreshold"))
        description.formatVersion = 3
        try TinyPackage.withTemporaryDirectory { place in
            for limit in [nil, 0, 0.0137, 0.02] as [Double?] {
                description.novelty.benignThreshold = limit
                let written = try write(description, parameters(), to: place.appendingPathComponent("new")).description
                #expect(written.novelty == description.novelty && written.formatVersion == 3)
                let limits = DecisionFacts.Limits(written)
                #expect(limits.benignNovelty == limit && limits.novelty == 0.02)
            }
        }
    }

    @Test func `answers are held against every limit that a package has`() throws {
        var description = try ModelPackage(directory: TinyPackage.directory).description
        description.cells = .init(agreement: .init(benignMaximum: 0.4, malignantMinimum: 0.2))
        description.novelty.benignThreshold = 0.01
        #expect(
            DecisionFacts.Limits(description)
                == .init(
                    quality: description.quality, novelty: 0.02, benignNovelty: 0.01, coverage: 0.95,
                    minimumConfidence: 0.5, agreement: .init(benignMaximum: 0.4, malignantMinimum: 0.2)))
    }

    @Test func `carries a cell model, and is no package without one of its files`() throws {
        var description = try ModelPackage(directory: TinyPackage.directory).description
        description.formatVersion = 2
        description.cells = .init(agreement: .init(benignMaximum: 0.4, malignantMinimum: 0.2))
        try TinyPackage.withTemporaryDirectory { place in
            let cells = place.appendingPathComponent("cells")
            try FileManager.default.createDirectory(at: cells, withIntermediateDirectories: true)
            for name in ModelPackage.FileName.cells {
                try Data(name.utf8).write(to: cells.appendingPathComponent(name))
            }
            let directory = place.appendingPathComponent("new")
            let written = try ModelPackage.write(
                description, onnx: TinyPackage.directory.appendingPathComponent("model.onnx"),
                parameters: parameters(), cells: cells, card: "", metrics: Data("{}".utf8), to: directory)
            #expect(written.cellModelURL == directory)
            #expect(written.description.cells == description.cells)
            for name in ModelPackage.FileName.cells {
                let file = directory.appendingPathComponent(name)
                let bytes = try Data(contentsOf: file)
                try Data("another".utf8).write(to: file)
                let error = try #require(throws: PackagingError.self) { try ModelPackage(directory: directory) }
                #expect(error.code == .wrongChecksum)
                try bytes.write(to: file)
                try TinyPackage.edit(directory) { json in
                    var files = try #require(json["files"] as? [String: String])
                    files[name] = nil
                    json["files"] = files
                }
                #expect(throws: PackagingError.self) { try ModelPackage(directory: directory) }
                try written.description.json().write(to: directory.appendingPathComponent("model.json"))
            }
            // Stated and not given.
            #expect(throws: PackagingError.self) {
                try write(description, parameters(), to: place.appendingPathComponent("half"))
            }
        }
    }

    @Test func `replaces an older package whole`() throws {
        var description = try ModelPackage(directory: TinyPackage.directory).description
        try TinyPackage.withCopy { copy in
            try Data("old".utf8).write(to: copy.appendingPathComponent("left-over.txt"))
            description.version = "0.2.0"
            #expect(try write(description, parameters(), to: copy).description.version == "0.2.0")
            let names = try FileManager.default.contentsOfDirectory(atPath: copy.path).sorted()
            #expect(names == ["MODEL_CARD.md", "metrics.json", "model.json", "model.onnx", "parameters.safetensors"])
            let around = try FileManager.default.contentsOfDirectory(
                atPath: copy.deletingLastPathComponent().path)
            #expect(around == ["model"])
        }
    }

    @Test func `a reader finds a package at every moment of a replacement`() throws {
        let description = try ModelPackage(directory: TinyPackage.directory).description
        let parameters = try parameters()
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("leukoscope-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let copy = place.appendingPathComponent("model")
        _ = try write(description, parameters, to: copy)
        // The reader has a thread of its own: on the shared pool other tests could keep it from looking.
        let progress = Progress()
        let reader = DispatchQueue(label: "reader")
        defer { progress.isDone.store(true, ordering: .releasing) }
        reader.async {
            while !progress.isDone.load(ordering: .acquiring) {
                progress.looks.add(1, ordering: .relaxed)
                if access(copy.appendingPathComponent("model.json").path, R_OK) != 0 {
                    progress.misses.add(1, ordering: .relaxed)
                }
            }
        }
        for _ in 0..<100 { _ = try write(description, parameters, to: copy) }
        progress.isDone.store(true, ordering: .releasing)
        reader.sync {}
        let (looks, misses) = (progress.looks.load(ordering: .relaxed), progress.misses.load(ordering: .relaxed))
        #expect(looks > 100)
        #expect(misses == 0, "\(misses) of \(looks) looks found no package")
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.path) == ["model"])
        try FileManager.default.removeItem(at: place)
    }

    @Test func `leaves the old package when the new one is wrong`() throws {
        let description = try ModelPackage(directory: TinyPackage.directory).description
        var wrong = try parameters()
        wrong["novelty.centroids"] = Tensor(shape: [4, 16], repeating: 1)
        try TinyPackage.withCopy { copy in
            let error = try #require(throws: PackagingError.self) { try write(description, wrong, to: copy) }
            #expect(error.code == .invalidValue)
            #expect(try ModelPackage(directory: copy).description == description)
            let around = try FileManager.default.contentsOfDirectory(
                atPath: copy.deletingLastPathComponent().path)
            #expect(around == ["model"])
        }
    }

    @Test func `refuses a number that is none`() throws {
        let description = try ModelPackage(directory: TinyPackage.directory).description
        var wrong = try parameters()
        wrong["classifier.bias"] = Tensor(shape: [4], values: [0, .nan, 0, 0])
        try TinyPackage.withTemporaryDirectory { place in
            let error = try #require(throws: PackagingError.self) {
                try write(description, wrong, to: place.appendingPathComponent("new"))
            }
            #expect(error.code == .invalidValue || error.code == .inputOutput)
            #expect(try FileManager.default.contentsOfDirectory(atPath: place.path).isEmpty)
        }
    }
}
