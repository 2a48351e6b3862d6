import Datasets
import Foundation
import Glibc
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

    @Test func `what systems write beside files is left out and told`() throws {
        let folder = try TemporaryFolder()
        try folder.drawClasses(count: 1)
        let strangers = [
            "__MACOSX/Benign/._Benign-1.png", "Benign/._Benign-1.png", "Benign/.DS_Store", "Pre/Thumbs.db",
            "Pre/desktop.ini",
        ]
        for file in strangers { try folder.write([0, 5, 22, 7], file) }
        let dataset = try Dataset.scan(folder: folder.url)
        #expect(dataset.classCounts == [1, 1, 1, 1])
        #expect(dataset.rejected.map(\.file) == strangers.sorted())
        #expect(dataset.rejected.allSatisfy { $0.reason == .systemFile && $0.reason.isExpected })
    }

    @Test func `segmented copies beside their originals are left out, each with its original`() throws {
        let folder = try TemporaryFolder(), drawn = try TemporaryFolder()
        try drawn.drawClasses(count: 1)
        let (inside, copies) = (folder.url.appendingPathComponent("all"), ["Original", "Segmented"])
        try FileManager.default.createDirectory(at: inside, withIntermediateDirectories: true)
        for name in copies {
            try FileManager.default.copyItem(at: drawn.url, to: inside.appendingPathComponent(name))
        }
        try folder.write(Array("no image".utf8), "all/Segmented/Pre/alone.png")
        let dataset = try Dataset.scan(folder: folder.url)
        #expect(dataset.items.map(\.file).allSatisfy { $0.hasPrefix("all/Original/") })
        #expect(dataset.classCounts == [1, 1, 1, 1])
        #expect(dataset.rejected.count == 5)
        #expect(dataset.rejected.allSatisfy { $0.reason == .segmented })
        let details = Dictionary(uniqueKeysWithValues: dataset.rejected.map { ($0.file, $0.detail) })
        let told = try #require(details["all/Segmented/Pro/Pro-1.png"])
        #expect(told.hasPrefix("a segmented copy of all/Original/Pro/Pro-1.png"))
        #expect(details["all/Segmented/Pre/alone.png"]?.contains("without its original") == true)
    }

    @Test func `segmented images alone are a set like any other`() throws {
        let folder = try TemporaryFolder(), drawn = try TemporaryFolder()
        try drawn.drawClasses(count: 1)
        try FileManager.default.copyItem(at: drawn.url, to: folder.url.appendingPathComponent("Segmented"))
        #expect(try Dataset.scan(folder: folder.url).classCounts == [1, 1, 1, 1])
    }

    @Test func `links, also in a circle, names of other encodings and folders that cannot be read stop nothing else`()
        throws
    {
        let folder = try TemporaryFolder(), sets = try TemporaryFolder()
        try folder.drawClasses(count: 1)
        let place = folder.url.path
        #expect(symlink("../Pre", place + "/Pre/again") == 0)
        #expect(symlink("Benign-1.png", place + "/Benign/linked.png") == 0)
        #expect(symlink("missing", place + "/Early/broken.png") == 0)
        // Umlauts as Windows-1252 writes them, in the name of a file and of a folder.
        let latin: [CChar] = Array((place + "/Pro/bl").utf8CString.dropLast()) + [-28, 46, 112, 110, 103, 0]
        let stream = try #require(fopen(latin, "w"))
        #expect(fclose(stream) == 0)
        let deep = try DeepFolder(below: place + "/Benign")
        let dataset = try Dataset.importing(folder.url, into: sets.url.appendingPathComponent("set"))
        #expect(dataset.classCounts == [1, 1, 1, 1])
        #expect(dataset.rejected.allSatisfy { $0.reason == .unreadable && !$0.reason.isExpected })
        let told = Dictionary(uniqueKeysWithValues: dataset.rejected.map { ($0.file, $0.detail) })
        for link in ["Pre/again", "Benign/linked.png", "Early/broken.png"] {
            #expect(told[link]?.contains("links are not followed") == true, "\(link)")
        }
        #expect(told["Pro/bl\\xE4.png"]?.contains("not written in UTF-8") == true)
        #expect(told.count { $0.key.hasPrefix("Benign/ddd") && $0.value.contains("cannot be listed") } == 1)
        let table = try String(contentsOf: sets.url.appendingPathComponent("set/rejected.csv"), encoding: .utf8)
        for file in told.keys { #expect(table.contains(file)) }
        #expect(deep.levels > 15)
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
