import Datasets
import Foundation
import Imaging
import Testing

@Suite struct ImportTests {
    static func withBadFiles() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.drawClasses(count: 3)
        let image = try ImageEncoder.png(try DrawnSmear.draw(class: 0, seed: 900, side: 64))
        try folder.write([], "Benign/empty.png")
        try folder.write(Array("hello".utf8), "Pre/text.jpg")
        try folder.write(Array(image.prefix(image.count / 2)), "Pro/cut.png")
        try folder.write(image, "Elsewhere/stray.png")
        let both = try ImageEncoder.png(try DrawnSmear.draw(class: 0, seed: 901, side: 64))
        try folder.write(both, "Early/both.png")
        try folder.write(both, "Pro/both.png")
        return folder
    }

    @Test func `every bad file is listed with its reason`() throws {
        let folder = try Self.withBadFiles()
        let dataset = try Dataset.scan(folder: folder.url)
        #expect(dataset.classCounts == [3, 3, 3, 3])
        let reasons = Dictionary(uniqueKeysWithValues: dataset.rejected.map { ($0.file, $0.reason) })
        #expect(
            reasons == [
                "Benign/empty.png": .empty, "Pre/text.jpg": .wrongType, "Pro/cut.png": .damaged,
                "Elsewhere/stray.png": .unknownFolder, "Early/both.png": .mislabelled, "Pro/both.png": .mislabelled,
            ])
    }

    @Test func `imports then finds every change`() throws {
        let folder = try Self.withBadFiles(), sets = try TemporaryFolder()
        let target = sets.url.appendingPathComponent("set")
        let imported = try Dataset.importing(folder.url, into: target)
        let loaded = try Dataset.load(folder: target)
        #expect(loaded.manifest == imported.manifest)
        #expect(try DatasetCheck(loaded).findings.isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: sets.url.path) == ["set"])
        #expect { try Dataset.importing(folder.url, into: target) } throws: {
            ($0 as? DatasetError)?.code == .alreadyExists
        }
        try sets.write([1], "set/\(loaded.items[0].file)")
        try FileManager.default.removeItem(at: loaded.items[1].url)
        try sets.write([1], "set/images/benign/new.png")
        let problems = Set(try DatasetCheck(loaded).findings.map(\.problem))
        #expect(problems == [.changed, .missing, .unlisted])
    }

    @Test func `turned and recompressed copies are one group`() throws {
        let folder = try TemporaryFolder()
        try folder.drawClasses(count: 4)
        let image = try DrawnSmear.draw(class: 1, seed: 1, side: 64)
        var turn = Augmentation()
        turn.geometry.quarterTurn = 1
        turn.geometry.horizontalFlip = 1
        let turned = try turn.apply(to: image, seed: 0)
        try folder.write(try ImageEncoder.jpeg(turned, quality: 80), "Early/turned.jpg")
        let dataset = try Dataset.scan(folder: folder.url)
        let groups = Dictionary(grouping: dataset.items, by: \.group).values.filter { $0.count > 1 }
        #expect(groups.map { $0.map(\.file).sorted() } == [["Early/Early-1.png", "Early/turned.jpg"]])
    }

    @Test func `nothing usable is an error`() throws {
        let folder = try TemporaryFolder()
        #expect { try Dataset.scan(folder: folder.url) } throws: { ($0 as? DatasetError)?.code == .noImages }
        let missing = folder.url.appendingPathComponent("missing")
        #expect { try Dataset.scan(folder: missing) } throws: { ($0 as? DatasetError)?.code == .unreadable }
    }

    @Test func `facts from a table reach the manifest`() throws {
        let folder = try TemporaryFolder()
        try folder.drawClasses(count: 1)
        let dataset = try Dataset.scan(folder: folder.url, facts: SampleFacts(series: ["Pre/Pre-1.png": "s"]))
        #expect(dataset.items.map(\.series) == [nil, nil, "s", nil])
        #expect(throws: DatasetError.self) {
            try Dataset.scan(folder: folder.url, facts: SampleFacts(series: ["Pre/none.png": "s"]))
        }
    }
}

/// Folders that bring a manifest, such as exports of signed readings.
@Suite struct ExportedFolderTests {
    /// Drawn classes with a manifest that tells patients; beside them files that it does not name.
    private func exported(_ change: (inout Manifest) -> Void = { _ in }) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.drawClasses(count: 2)
        var manifest = try Dataset.scan(folder: folder.url).manifest
        for index in manifest.entries.indices {
            manifest.entries[index].patient = "p\(index % 4)"
            manifest.entries[index].series = "s\(index % 2)"
        }
        change(&manifest)
        try manifest.write(to: folder.url.appendingPathComponent(Dataset.manifestName))
        try folder.write(Array("image,reason\r\n".utf8), "left-out.csv")
        return folder
    }

    private func imported(_ folder: TemporaryFolder, _ facts: SampleFacts = SampleFacts()) throws -> Dataset {
        let sets = try TemporaryFolder()
        return try Dataset.importing(folder.url, into: sets.url.appendingPathComponent("set"), facts: facts)
    }

    @Test func `the files of its manifest with their patients and series`() throws {
        let dataset = try imported(try exported())
        #expect(dataset.rejected.isEmpty)
        #expect(dataset.manifest.entries.map(\.patient) == (0..<8).map { "p\($0 % 4)" })
        #expect(dataset.manifest.entries.map(\.series) == (0..<8).map { "s\($0 % 2)" })
        #expect(try Split.folds(of: dataset, method: .patients, count: 2, seed: 0).count == 2)
    }

    @Test func `a table of the caller counts more than the manifest`() throws {
        var facts = SampleFacts()
        facts.patients["Benign/Benign-1.png"] = "other"
        #expect(try imported(try exported(), facts).manifest.entries.first?.patient == "other")
    }

    @Test func `a file that is not the one it names is refused`() throws {
        let dataset = try imported(
            try exported { manifest in
                manifest.entries[0].sha256 = String(repeating: "0", count: 64)
                manifest.entries[3].label = 2
            })
        #expect(dataset.rejected.map(\.reason) == [.damaged, .mislabelled])
        #expect(dataset.manifest.entries.count == 6)
    }
}
