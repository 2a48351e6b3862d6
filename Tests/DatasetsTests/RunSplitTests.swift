import Datasets
import Foundation
import Imaging
import Testing

@Suite struct RunSplitTests {
    /// Images of `(class, run, how many)`, each a group of its own; no run for an empty name.
    private static func dataset(_ parts: [(label: Int, run: String, images: Int)]) -> Dataset {
        var entries: [Manifest.Entry] = []
        for part in parts {
            for _ in 0..<part.images {
                entries.append(
                    Manifest.Entry(
                        file: "\(entries.count).png", label: part.label, sha256: ManifestTests.digest, bytes: 1,
                        width: 64, height: 64, source: "\(entries.count).png", run: part.run.isEmpty ? nil : part.run,
                        group: entries.count))
            }
        }
        return Dataset(folder: URL(fileURLWithPath: "/"), manifest: Manifest(entries: entries))
    }

    private static let parts: [(label: Int, run: String, images: Int)] = [
        (0, "b1", 20), (0, "b2", 12), (0, "b3", 8), (0, "b4", 3), (1, "e1", 30), (1, "e2", 9), (2, "p1", 40),
        (2, "p2", 10), (2, "p3", 5), (3, "o1", 25), (2, "", 4),
    ]

    @Test func `a run is left out whole, and every measurable class is on both sides of each fold`() throws {
        let dataset = Self.dataset(Self.parts)
        let folds = try Split.folds(of: dataset, method: .runs, count: 5)
        #expect(folds.count == 3)
        #expect(folds.flatMap { $0 }.sorted() == dataset.items.indices.filter { dataset.items[$0].run != nil })
        let runs = folds.map { Set($0.compactMap { dataset.items[$0].run }) }
        #expect(runs[0].isDisjoint(with: runs[1].union(runs[2])) && runs[1].isDisjoint(with: runs[2]))
        for test in folds {
            let training = Split.training(without: test, of: dataset, method: .runs)
            for label in [0, 2] {
                #expect(test.contains { dataset.items[$0].label == label })
                #expect(training.contains { dataset.items[$0].label == label })
            }
            #expect(training.contains { dataset.items[$0].label == 1 })
            #expect(training.allSatisfy { dataset.items[$0].run != nil })
            #expect(Set(training).isDisjoint(with: test))
        }
        #expect(try Split.folds(of: dataset, method: .runs, count: 2).count == 2)
    }

    @Test func `an image of no known run has no fold, whatever it had`() throws {
        let dataset = Self.dataset(Self.parts)
        let random = dataset.assigning(try Split.folds(of: dataset, method: .random, count: 2, seed: 1))
        #expect(random.manifest.entries.allSatisfy { $0.fold != nil })
        let divided = random.assigning(try Split.folds(of: random, method: .runs))
        #expect(divided.manifest.entries.allSatisfy { ($0.fold == nil) == ($0.run == nil) })
    }

    @Test func `what can be judged is said with the reason`() throws {
        let dataset = Self.dataset(Self.parts)
        let coverage = RunCoverage(dataset, folds: try Split.folds(of: dataset, method: .runs))
        #expect(coverage.images == 166 && coverage.assigned == 162)
        #expect(coverage.classes.map(\.isMeasurable) == [true, false, true, false])
        #expect(coverage.classes[1].reason == "2 of the 3 runs needed, the smallest with 9 images")
        #expect(coverage.classes[2].runs.map(\.name) == ["p1", "p2", "p3"])
        #expect(coverage.classes[2].images == 59 && coverage.classes[2].assigned == 55)
        #expect(coverage.folds.flatMap { $0 }.sorted() == ["b1", "b2", "b3", "b4", "e1", "e2", "o1", "p1", "p2", "p3"])
        #expect(coverage.text.contains("162 of 166 images (97.59 %) are assigned to 10 runs."))
        #expect(coverage.text.contains("pro-b: 25 of 25, o1 25; not measurable between runs: 1 of the 3 runs needed"))
        #expect(try JSONDecoder().decode(RunCoverage.self, from: JSONEncoder().encode(coverage)) == coverage)
    }

    @Test func `runs that share a duplicate group are left out together`() throws {
        var dataset = Self.dataset([(0, "a", 10), (0, "b", 10), (0, "c", 10), (0, "d", 10)])
        dataset.manifest.entries[0].group = 10
        let folds = try Split.folds(of: dataset, method: .runs)
        let together = try #require(folds.first { $0.contains(0) })
        #expect(together.contains(10) && folds.count == 3)
    }

    @Test(
        arguments: [
            [(label: 0, run: "", images: 5)], [(label: 0, run: "a", images: 5), (label: 1, run: "b", images: 5)],
        ])
    func `sets without runs to leave out are refused`(parts: [(label: Int, run: String, images: Int)]) {
        #expect {
            try Split.folds(of: Self.dataset(parts), method: .runs)
        } throws: {
            ($0 as? DatasetError)?.code == .impossibleSplit
        }
    }

    @Test func `a manifest has the column where a run is known, and is as before where none is`() throws {
        let dataset = Self.dataset([(0, "a", 1), (0, "", 1)])
        let text = dataset.manifest.csv
        #expect(text.hasPrefix((Manifest.columns + ["run"]).joined(separator: ",") + "\r\n"))
        #expect(try Manifest(csv: text) == dataset.manifest)
        let none = Self.dataset([(0, "", 1)]).manifest
        #expect(none.csv.hasPrefix(Manifest.columns.joined(separator: ",") + "\r\n"))
        #expect(try Manifest(csv: none.csv) == none)
    }

    @Test func `the check finds a group in two runs`() throws {
        var dataset = Self.dataset([(0, "a", 1), (0, "b", 1)])
        #expect(!(try straddles(dataset)))
        dataset.manifest.entries[1].group = dataset.manifest.entries[0].group
        #expect(try straddles(dataset))
    }

    private func straddles(_ dataset: Dataset) throws -> Bool {
        let folder = try TemporaryFolder()
        let set = Dataset(folder: folder.url, manifest: dataset.manifest)
        return try DatasetCheck(set).findings.contains { $0.problem == .straddles && $0.detail.contains("runs a, b") }
    }

    @Test func `a table of runs reaches the manifest and comes out of it again`() throws {
        let folder = try TemporaryFolder()
        try folder.drawClasses(count: 1)
        let facts = SampleFacts(runs: ["Pre/Pre-1.png": "p", "Pro/Pro-1.png": SampleFacts.unassigned])
        let dataset = try Dataset.scan(folder: folder.url, facts: facts)
        #expect(dataset.items.map(\.run) == [nil, nil, "p", nil])
        #expect(dataset.runTable.contains("Pre/Pre-1.png\tp\n"))
        try folder.write(Array(dataset.runTable.utf8), "runs.tsv")
        let read = try SampleFacts.table(folder.url.appendingPathComponent("runs.tsv"))
        #expect(read.count == 4 && read["Benign/Benign-1.png"] == SampleFacts.unassigned)
        #expect(throws: DatasetError.self) {
            try Dataset.scan(folder: folder.url, facts: SampleFacts(runs: ["Pre/none.png": "p"]))
        }
    }

    @Test func `numbers of frames come from the names, else from the order`() throws {
        let folder = try TemporaryFolder()
        try folder.drawClasses(count: 3)
        let numbered = try Dataset.scan(folder: folder.url)
        #expect(try numbered.runFrames().map(\.number) == [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3])
        let image = try DrawnSmear.draw(class: 0, seed: 9, side: 64)
        try folder.write(try ImageEncoder.png(image), "Benign/Benign.png")
        let named = try Dataset.scan(folder: folder.url)
        let benign = try named.runFrames().filter { $0.label == 0 }
        #expect(benign.map(\.number).sorted() == [1, 2, 3, 4])
    }

    @Test func `sheets show every image once by run and once in order, and are kept out of repositories`() throws {
        let folder = try TemporaryFolder()
        try folder.drawClasses(count: 2)
        var dataset = try Dataset.scan(folder: folder.url)
        for index in 0..<7 { dataset.manifest.entries[index].run = "run-\(index % 2 + 1)" }
        let out = folder.url.appendingPathComponent("sheets")
        #expect(try RunSheets(dataset).write(to: out) == 3 + 4)
        let index = try String(contentsOf: out.appendingPathComponent("index.tsv"), encoding: .utf8)
        #expect(index.split(separator: "\n").count == 1 + 2 * 8)
        #expect(index.contains("runs/unassigned-1.png\t1\t1\t2\tunassigned\tPro/Pro-2.png"))
        #expect(try String(contentsOf: out.appendingPathComponent(".gitignore"), encoding: .utf8) == "*\n")
        let sheet = try ImageDecoder.decode([UInt8](Data(contentsOf: out.appendingPathComponent("runs/run-1-1.png"))))
        // The first picture's frame has the colour of the first run, and the empty last cell is white.
        #expect(sheet.pixels[0..<3] == [230, 25, 75] && sheet.pixels.suffix(3) == [255, 255, 255])
        #expect { try RunSheets(dataset).write(to: out) } throws: { ($0 as? DatasetError)?.code == .alreadyExists }
    }
}
