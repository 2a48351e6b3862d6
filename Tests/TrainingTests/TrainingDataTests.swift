import Datasets
import Evaluation
import Findings
import Foundation
import Packaging
import Testing
import Training

@Suite struct TrainingDataTests {
    private static func manifest(patients: Bool = false, series: Bool = false) -> Manifest {
        Manifest(
            entries: (0..<8).map { number in
                Manifest.Entry(
                    file: "images/\(number).png", label: number % 2, sha256: String(repeating: "a", count: 64),
                    bytes: 1, width: 1, height: 1, source: "\(number).png",
                    patient: patients ? "p\(number / 4)" : nil, series: series ? "lamp \(number / 6)" : nil,
                    group: number)
            })
    }

    @Test func `what is known is told, and what is not is not made up`() {
        let nothing = TrainingData(Self.manifest(), source: " \n")
        #expect(nothing == TrainingData(images: ["benign": 4, "early-pre-b": 4, "pre-b": 0, "pro-b": 0]))
        let known = TrainingData(Self.manifest(patients: true, series: true), source: " From our laboratory. \n")
        #expect(known.patients == 2 && known.series == ["lamp 0": 6, "lamp 1": 2])
        #expect(known.source == "From our laboratory.")
    }

    /// The card of a copy of a package of this repository.
    private static func card(
        of model: String, demonstration: Bool, data: TrainingData?, despite: DespiteFaults? = nil,
        limitForBenign: Double? = nil
    ) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let place = FileManager.default.temporaryDirectory.appending(path: "leukoscope-card-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: root.appending(path: "Models/\(model)"), to: place)
        defer { try? FileManager.default.removeItem(at: place) }
        var description = try ModelDescription(json: Data(contentsOf: place.appending(path: "model.json")))
        description.demonstration = demonstration
        description.novelty.benignThreshold = limitForBenign
        description.formatVersion = ModelDescription.currentFormatVersion
        try description.json().write(to: place.appending(path: "model.json"))
        let metrics = place.appending(path: "metrics.json")
        var json = try Data(contentsOf: metrics)
        for (key, value) in [("data", nil), ("despite", despite)] as [(String, DespiteFaults?)] {
            json = try MetricsFile.adding(key, value, to: json)
        }
        try json.write(to: metrics)
        let package = try ModelPackage(directory: place)
        try PackageCard(package).write(leftOutSeries: nil, data: data, history: nil)
        return try String(contentsOf: package.cardURL, encoding: .utf8)
    }

    @Test(arguments: ["demonstration", "release"])
    func `no card claims the images or the people of another model`(model: String) throws {
        let ours = TrainingData(Self.manifest(), source: "Drawn by a program.")
        for (data, told) in [(nil, "not recorded with the package"), (ours, "Drawn by a program.")] {
            let card = try Self.card(of: model, demonstration: false, data: data)
            #expect(card.contains(told))
            for claim in ["Taleqani", "Tehran", "89 p", "Aria"] { #expect(!card.contains(claim), "\(claim)") }
        }
    }

    @Test func `the card tells up to which novelty benign is told, where it has a limit of its own`() throws {
        let limited = try Self.card(of: "release", demonstration: false, data: nil, limitForBenign: 0.4137)
        #expect(limited.contains("refused above 0.500.") && limited.contains(" Benign is told up to 0.4137 only, else"))
        #expect(!(try Self.card(of: "release", demonstration: false, data: nil)).contains("Benign is told up to"))
    }

    @Test func `the card tells of people where the manifest knows them`() throws {
        let known = TrainingData(Self.manifest(patients: true, series: true), source: nil)
        let card = try Self.card(of: "demonstration", demonstration: false, data: known)
        #expect(card.contains("8 images (4 `benign`, 4 `early-pre-b`, 0 `pre-b`, 0 `pro-b`), of 2 people."))
        #expect(card.contains("`lamp 0` 6, `lamp 1` 2 images of each acquisition series"))
        #expect(!card.contains("who belongs to which image"))
        #expect(card.contains("Where they come from was not recorded"))
    }

    @Test func `the shipped release names its own images`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let card = try String(contentsOf: root.appending(path: "Models/release/MODEL_CARD.md"), encoding: .utf8)
        #expect(card.contains("10.34740/KAGGLE/DSV/2175623") && card.contains("2606 images"))
    }

    @Test(
        arguments: [
            ([0, 0, 1, 1, 2, 2, 3, 3], []), ([0, 0, 1, 1, 2, 2], [.noImages("d")]),
            ([0, 0, 1, 2, 2], [.oneImage("b"), .noImages("d")]),
        ] as [([Int], [TrainingFault])])
    func `classes without images or with one are told before anything is trained`(
        labels: [Int], faults: [TrainingFault]
    ) {
        #expect(TrainingFault.all(inLabels: labels, classKeys: ["a", "b", "c", "d"]) == faults)
    }

    @Test func `answers no better than guessing are a fault, whatever the classes' sizes`() {
        let labels = [Int](repeating: 0, count: 90) + [Int](repeating: 1, count: 10)
        let always = [Int](repeating: 0, count: 100)
        #expect(TrainingFault.all(labels: labels, answers: always) == [.atChance(found: 0.5, chance: 0.5)])
        #expect(TrainingFault.all(labels: labels, answers: labels).isEmpty)
        #expect(TrainingFault.all(labels: always, answers: always).isEmpty)
        #expect(TrainingFault.all(labels: [0, 1, 2, 3], answers: [1, 2, 3, 0]) == [.atChance(found: 0, chance: 0.25)])
    }

    @Test func `a package that was released all the same says so at its top`() throws {
        let card = try Self.card(
            of: "demonstration", demonstration: true, data: nil,
            despite: DespiteFaults([.noImages("pro-b")], reason: "a test of the pipeline"))
        #expect(card.contains("class pro-b has no image to learn from"))
        #expect(card.contains("It was released all the same: a test of the pipeline"))
    }
}
