import Findings
import Foundation
import Imaging
import Inference
import Packaging
import Screening
import Tensors
import Testing
import Training

@Suite struct NearDomainTrialTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/inference")

    /// The small network, which tells four colours apart, made to report whatever it is asked.
    private static func screener(reports: Bool = true) throws -> Screener {
        let original = try ModelPackage(directory: fixtures.appending(path: "tiny-package"))
        var description = original.description
        description.novelty.threshold = reports ? 2 : 0
        description.quality = QualityLimits()
        description.decision.minimumConfidence = 0
        // The answer takes all the probability.
        description.calibration.temperature = 1e-3
        let place = FileManager.default.temporaryDirectory.appending(path: "leukoscope-\(UUID().uuidString)")
        defer {
            do { try FileManager.default.removeItem(at: place) } catch { Issue.record(error) }
        }
        let package = try ModelPackage.write(
            description, onnx: original.networkURL,
            parameters: Safetensors.read(original.directory.appending(path: "parameters.safetensors")), card: "",
            metrics: Data("{}".utf8), to: place)
        return try Screener(package: package, options: InferenceOptions(goal: .latency))
    }

    private static func subjects(_ drawn: DrawnFolder) throws -> [NearDomainSubject] {
        try drawn.items.map { try NearDomainSubject($0, set: "drawn", aspect: .square) }
    }

    /// An image that the small network answers as Benign, whatever it is said to be.
    private static func benign(as label: SmearClass) throws -> NearDomainSubject {
        try NearDomainSubject(
            TrainingImage(
                url: fixtures.appending(path: "benign.png"), label: label.index, group: "x", id: "\(label).png"),
            set: "colours", aspect: .square)
    }

    private static func results(
        _ subjects: [NearDomainSubject], reference: NearDomainReference, _ screener: Screener
    ) async throws -> NearDomainResults {
        let tally = try await NearDomainTrial(reference: reference, seed: 9).run(
            subjects, width: 3, progress: { _, _ in }, screen: { try await screener.screen($0) })
        return NearDomainResults(
            model: .init(name: "tiny", version: "1"), seed: 9, manifestSHA256: "ab", reference: reference,
            tally: tally)
    }

    @Test func `a confident Benign on a malignant field is counted, and named`() async throws {
        let drawn = try DrawnFolder(count: 4, side: 224, seed: 51)
        let reference = try NearDomainSubject.reference(Self.subjects(drawn))
        let subjects = try [Self.benign(as: .preB), Self.benign(as: .benign)]
        let results = try await Self.results(subjects, reference: reference, Self.screener())
        let own = results.rows.filter { $0.kind == "pre-b" }
        #expect(own.count == 1 + NearDomainChange.allCases.count)
        #expect(own[0].change == "unchanged" && own[0].images == 1 && own[0].reportedBenign == 1)
        #expect(results.wrong.contains { $0.image == "pre-b.png" && $0.change == "unchanged" && $0.label == .benign })
        // A turn leaves the colour that the network goes by.
        let turned = try #require(own.first { $0.change == "turned" })
        #expect(turned.reportedBenign == 1 || turned.untouched == 1)
        let reassured = own.dropFirst().map(\.reportedBenign).reduce(0, +)
        #expect(reassured > 0 && results.falseReassurance.count == reassured)
        #expect(results.falseReassurance.images == own.dropFirst().map(\.images).reduce(0, +))
        #expect(results.fields.map(\.everWrong).reduce(0, +) >= 1)
        // The same image is no false reassurance where it is benign.
        #expect(!results.wrong.contains { $0.image == "benign.png" && $0.label == .benign })

        let refused = try await Self.results(subjects, reference: reference, Self.screener(reports: false))
        #expect(refused.falseReassurance.count == 0 && refused.falseReassurance.images > 0)
        #expect(refused.wrong.isEmpty && refused.coverage.count == 0 && refused.coverage.images == 2)
        #expect(refused.rows.allSatisfy { $0.rejected == $0.images })
    }

    @Test func `counts depend on the images and the seed, not on order or what else is asked`() async throws {
        let drawn = try DrawnFolder(count: 8, side: 224, seed: 52)
        let subjects = try Self.subjects(drawn)
        let reference = try NearDomainSubject.reference(subjects)
        let screener = try Self.screener()
        let once = try await Self.results(subjects, reference: reference, screener)
        let again = try await Self.results(subjects.reversed(), reference: reference, screener)
        #expect(try once.json() == again.json())
        var parts = NearDomainTally()
        for half in [subjects.prefix(3), subjects.suffix(5)] {
            parts.add(
                try await NearDomainTrial(reference: reference, seed: 9).run(
                    Array(half), width: 1, progress: { _, _ in }, screen: { try await screener.screen($0) }))
        }
        let summed = NearDomainResults(
            model: .init(name: "tiny", version: "1"), seed: 9, manifestSHA256: "ab", reference: reference, tally: parts)
        #expect(try summed.json() == once.json())
        // Every change changed every drawing, and every image was asked about.
        #expect(once.rows.allSatisfy { $0.images == 2 && $0.untouched == 0 })
        #expect(once.rows.allSatisfy { $0.reported + $0.uncertain + $0.rejected == $0.images })
        #expect(once.rows.allSatisfy { $0.reportedBenign + $0.reportedMalignant == $0.reported })
        #expect(once.coverage.images == 8 && once.changedCoverage.images == 8 * NearDomainChange.allCases.count)
    }

    @Test func `answers are counted by decision, and an untouched image is not`() throws {
        let subject = try Self.benign(as: .earlyPreB)
        var tally = NearDomainTally()
        func answer(_ label: SmearClass, _ decision: Decision) -> NearDomainTally.Answer {
            .init(label: label, decision: decision, novelty: 0.1)
        }
        tally.add(subject, [(nil, answer(.earlyPreB, .report)), (.warmer, answer(.benign, .report)), (.turned, nil)])
        tally.add(
            subject, [(nil, answer(.benign, .uncertain)), (.warmer, answer(.benign, .rejected)), (.turned, nil)])
        let reference = try NearDomainReference([
            .init(DrawnSmear.draw(class: 0, seed: 1), isMalignant: false, measuresScale: false)
        ])
        let results = NearDomainResults(
            model: .init(name: "x", version: "1"), seed: 1, manifestSHA256: "", reference: reference, tally: tally)
        #expect(results.rows.map(\.change) == ["unchanged", "warmer", "turned"])
        #expect(results.rows.map(\.images) == [2, 2, 0] && results.rows.map(\.untouched) == [0, 0, 2])
        #expect(results.rows.map(\.reported) == [1, 1, 0] && results.rows.map(\.uncertain) == [1, 0, 0])
        #expect(results.rows.map(\.rejected) == [0, 1, 0] && results.rows.map(\.reportedBenign) == [0, 1, 0])
        #expect(results.falseReassurance.count == 1 && results.falseReassurance.images == 2)
        #expect(results.coverage.count == 1 && results.coverage.images == 2)
        #expect(results.fields.map(\.fields) == [2] && results.fields.map(\.everWrong) == [1])
        #expect(results.wrong.map(\.change) == ["warmer"])
        #expect(results.summary.contains("malignant fields reported as Benign, changed: 1 of 2 (50.000 %)"))
    }

    /// Writes drawn fields with boxes in YOLO form, or without enough of them.
    private func boxed(_ images: [(name: String, image: RGBImage, redCells: Int)], in folder: URL) throws {
        for part in ["images", "labels"] {
            try FileManager.default.createDirectory(
                at: folder.appending(path: part), withIntermediateDirectories: true)
        }
        for (name, image, redCells) in images {
            try Data(ImageEncoder.jpeg(image, quality: 95)).write(to: folder.appending(path: "images/\(name).jpg"))
            let boxes = (0..<redCells).map { "1 0.\(2 + $0) 0.5 0.1 0.1" }
            try Data(boxes.joined(separator: "\n").utf8).write(to: folder.appending(path: "labels/\(name).txt"))
        }
    }

    @Test func `fields of healthy people are taken once, at the scale of their boxes, and alarms on them counted`()
        async throws
    {
        let drawn = try DrawnFolder(count: 4, side: 224, seed: 53)
        let smears = try (0..<3).map { try DrawnSmear.draw(class: 0, seed: UInt64(900 + $0), side: 256) }
        try boxed(
            [("a", smears[0], 5), ("b", smears[1], 5), ("few", smears[2], 4)], in: drawn.folder.appending(path: "one"))
        try boxed([("a", smears[2], 6), ("b", smears[0], 5)], in: drawn.folder.appending(path: "two"))
        let healthy = try NearDomainSubject.healthy(
            ["one", "two"].map { (name: $0, folder: drawn.folder.appending(path: $0)) })
        let reference = try NearDomainSubject.reference(Self.subjects(drawn))
        let results = try await Self.results(healthy, reference: reference, Self.screener())
        // The copy of a picture in the second folder and the image of four red cells are left out.
        #expect(results.fields.map(\.set) == ["one", "two"] && results.fields.map(\.fields) == [2, 1])
        #expect(results.rows.allSatisfy { $0.kind == "healthy" && !$0.isMalignant })
        let alarms = results.rows.filter { $0.change != "unchanged" }.map(\.reportedMalignant).reduce(0, +)
        #expect(results.falseAlarm.count == alarms && results.falseAlarm.images > 80)
        #expect(results.coverage.images == 0 && results.falseReassurance.images == 0)
        #expect(throws: (any Error).self) {
            try NearDomainSubject.healthy([(name: "none", folder: drawn.folder.appending(path: "none"))])
        }
    }

    @Test func `a limit keeps as many of each class, evenly`() throws {
        let subjects = try (0..<20).map { number in
            try NearDomainSubject(
                TrainingImage(
                    url: Self.fixtures.appending(path: "benign.png"), label: number < 16 ? 0 : 3, group: "\(number)",
                    id: "\(number)"), set: "set", aspect: .square)
        }
        var tally = NearDomainTally()
        for subject in NearDomainSubject.limited(subjects, to: 4) { tally.add(subject, []) }
        let reference = try NearDomainReference([
            .init(DrawnSmear.draw(class: 0, seed: 1), isMalignant: false, measuresScale: false)
        ])
        let results = NearDomainResults(
            model: .init(name: "x"), seed: 1, manifestSHA256: "", reference: reference, tally: tally)
        #expect(results.fields.map(\.kind) == ["benign", "pro-b"] && results.fields.map(\.fields) == [4, 4])
    }

    @Test func `images without a scale and labels without a class are refused`() throws {
        let drawn = try DrawnFolder(count: 1, side: 32, seed: 54)
        let flat = RGBImage(width: 64, height: 64, pixels: [UInt8](repeating: 240, count: 64 * 64 * 3))
        try Data(ImageEncoder.png(flat)).write(to: drawn.items[0].url)
        #expect(throws: (any Error).self) { try NearDomainSubject.reference(Self.subjects(drawn)) }
        #expect(throws: TrainingError.self) {
            try NearDomainSubject(
                TrainingImage(url: drawn.items[0].url, label: 4, group: "", id: "x"), set: "", aspect: .square)
        }
    }
}
