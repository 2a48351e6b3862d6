import Cells
import Evaluation
import Findings
import Foundation
import Imaging
import Inference
import Packaging
import Screening
import Tensors
import Testing
import Training

/// The figures of a cross-validation are decided as the images of a person are: both paths over the same images, whose
/// network, limits and training images are the same.
@Suite struct OneRuleTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures")

    private static let models = fixtures.deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Models")

    /// A package told that it was made from drawn smears, and what a cross-validation keeps of them.
    private struct Model {
        let screener: Screener
        let novelty: AppearanceNovelty
        let limits: QualityLimits

        /// - Parameters:
        ///   - package: Whose network it is.
        ///   - cells: A folder with a cell model, for a package that reads cells and cuts large images.
        ///   - change: The limits that a test wants otherwise.
        init(
            _ package: URL = OneRuleTests.fixtures.appending(path: "inference/tiny-package"), cells: URL? = nil,
            _ change: (inout ModelDescription) -> Void
        ) throws {
            let original = try ModelPackage(directory: package)
            let seen = try (0..<120).map {
                try original.pipeline.image(from: DrawnSmear.draw(class: $0 % 4, seed: UInt64($0), side: 128))
            }
            let appearances = try seen.map { try ImageAppearance.measure($0).values }
            novelty = try AppearanceNovelty(
                appearances: appearances, varied: appearances, labels: (0..<120).map { $0 % 4 })
            limits = QualityLimits(keeping: seen.map { .assess($0) })
            var description = original.description
            description.novelty = novelty.description
            description.quality = limits
            description.cells = nil
            if cells != nil {
                description.formatVersion = ModelDescription.currentFormatVersion
                description.cells = .init(agreement: AgreementLimits(benignMaximum: 1, malignantMinimum: 0))
            }
            change(&description)
            let place = FileManager.default.temporaryDirectory.appending(path: "leukoscope-\(UUID().uuidString)")
            defer {
                do { try FileManager.default.removeItem(at: place) } catch { Issue.record(error) }
            }
            let own = try Safetensors.read(original.directory.appending(path: "parameters.safetensors"))
            let package = try ModelPackage.write(
                description, onnx: original.networkURL,
                parameters: own.merging(novelty.reference.parameters) { $1 }, cells: cells, card: "",
                metrics: Data("{}".utf8), to: place)
            screener = try Screener(package: package, options: InferenceOptions(goal: .latency))
        }

        /// What a cross-validation decides, from the numbers that a fold keeps.
        func judged(_ file: [UInt8]) async throws -> DecisionFacts {
            let package = screener.package
            let original = try ImageDecoder.decode(file)
            let seen = try package.pipeline.image(from: original)
            let (measurement, score) = try TestImageMeasurement.measure(seen, of: original, novelty: novelty)
            let logits = try await screener.engine.infer(package.pipeline.normalized(seen)).logits
            let answer = RawAnswer(id: "x", group: "x", label: 0, logits: logits.map(Double.init), series: nil)
            let fold = FoldResult(
                fold: 1, split: "blocks", name: "fold 1", configurationJSON: "{}", manifestSHA256: "ab",
                trainingClassCounts: [9, 9, 9, 9], test: [answer], validation: [],
                temperature: package.description.calibration.temperature, noveltyThreshold: AppearanceNovelty.threshold,
                benignNoveltyThreshold: package.description.novelty.benignThreshold, novelties: [score],
                measurements: [measurement], qualityLimits: limits, epochs: [], seconds: 0)
            let kept = try JSONDecoder().decode(FoldResult.self, from: JSONEncoder().encode(fold))
            let prediction = try #require(kept.predictions.first)
            let conformal = package.description.conformal
            return try kept.facts(
                of: 0, prediction,
                set: ConformalPrediction.set(
                    probabilities: prediction.probabilities,
                    thresholds: SmearClass.keys.map { conformal.thresholds[$0] ?? 1 }),
                coverage: conformal.coverage, minimumConfidence: package.description.decision.minimumConfidence)
        }
    }

    /// Smears that are drawn, spoilt ones, and files that are none.
    private static func files() throws -> [[UInt8]] {
        var files: [[UInt8]] = []
        for index in 0..<8 {
            let image = try DrawnSmear.draw(class: index % 4, seed: UInt64(7000 + index), side: 128)
            files.append(try ImageEncoder.png(image))
            for change: (UInt8) -> UInt8 in [{ $0 / 4 }, { 128 + $0 / 2 }, { 120 + $0 / 16 }, { 255 - $0 }] {
                files.append(
                    try ImageEncoder.png(
                        RGBImage(width: image.width, height: image.height, pixels: image.pixels.map(change))))
            }
            let green = image.pixels.enumerated().map { $0 % 3 == 0 ? 235 : $1 }
            files.append(try ImageEncoder.png(RGBImage(width: 128, height: 128, pixels: green)))
        }
        for key in SmearClass.keys {
            files.append([UInt8](try Data(contentsOf: fixtures.appending(path: "inference/\(key).png"))))
        }
        // Stripes as of a screen that was photographed.
        let large = try DrawnSmear.draw(class: 2, seed: 7100, side: 480)
        let striped = large.pixels.indices.map { index in
            let (x, y) = (index / 3 % 480, index / 3 / 480)
            return UInt8(Double(large.pixels[index]) * (0.85 + 0.15 * sin(1.3 * Double(x) + 0.4 * Double(y))))
        }
        files.append(try ImageEncoder.png(RGBImage(width: 480, height: 480, pixels: striped)))
        let noise = (0..<64 * 64 * 3).map { UInt8(($0 * 89) % 256) }
        files.append(try ImageEncoder.png(RGBImage(width: 64, height: 64, pixels: noise)))
        return files
    }

    @Test(arguments: [0.5, 1.0], [0.2, 1.0])
    func `figures and people get the same decision for the same reasons`(
        minimumConfidence: Double, threshold: Double
    ) async throws {
        let model = try Model { description in
            description.decision.minimumConfidence = minimumConfidence
            for key in SmearClass.keys { description.conformal.thresholds[key] = threshold }
        }
        var codes: Set<String> = []
        for (number, file) in try Self.files().enumerated() {
            let served = try await model.screener.screen(file)
            let judged = try await model.judged(file)
            #expect(judged.decision == served.decision, "image \(number)")
            #expect(judged.reasons == served.reasons, "image \(number)")
            #expect(judged.label == served.label && judged.predictionSet == served.predictionSet, "image \(number)")
            codes.formUnion(served.reasons.map(\.code))
        }
        // The images are of every kind: spoilt, no smear, unfamiliar, and familiar ones that are left open or answered.
        #expect(codes.isSuperset(of: ["too-dark", "screen", "not-a-smear", "unfamiliar"]), "\(codes)")
        #expect(
            codes.contains(
                threshold == 1 ? "several-classes" : minimumConfidence == 0.5 ? "stands-out" : "low-confidence"),
            "\(codes)")
    }

    @Test func `figures and people are told benign up to the same novelty`() async throws {
        let model = try Model(Self.models.appending(path: "demonstration")) {
            $0.formatVersion = ModelDescription.currentFormatVersion
            $0.novelty.benignThreshold = 0
        }
        var (left, reported) = (0, 0)
        for number in 0..<16 {
            let file = try ImageEncoder.png(
                DrawnSmear.draw(class: number % 2 * 2, seed: UInt64(7000 + number), side: 128))
            let (served, judged) = (try await model.screener.screen(file), try await model.judged(file))
            #expect(judged.decision == served.decision && judged.label == served.label, "image \(number)")
            #expect(judged.reasons.map(\.code) == served.reasons.map(\.code), "image \(number)")
            #expect(!(served.label == .benign && served.decision == .report), "image \(number)")
            if served.reasons.map(\.code) == ["too-unfamiliar-for-benign"] { left += 1 }
            if served.finding.reported == .preB { reported += 1 }
        }
        #expect(left >= 4 && reported >= 4, "\(left) left open, \(reported) reported")
    }

    @Test(arguments: [0.2, 1])
    func `a cut image is decided from its fields as images of a test set are`(minimumConfidence: Double) async throws {
        let folder = try #require(
            try ModelPackage(directory: Self.models.appending(path: "demonstration")).cellModelURL)
        let model = try Model(cells: folder) { $0.decision.minimumConfidence = minimumConfidence }
        let description = model.screener.package.description
        let image = try Self.mosaic()
        let redCell = 128.0 / 12
        let served = try await model.screener.screen(
            ScreenedFile(ImageEncoder.png(image), redCellPixels: redCell))

        let fields = try FieldPlan(width: 384, height: 256, redCellPixels: redCell, target: 32.0 / 12, side: 32)
            .fields(of: image)
        var white = [Int](repeating: 0, count: fields.count)
        for cell in try CellReader(folder: folder).find(image: image, redCellPixels: redCell) {
            white[fields.plan.field(atX: cell.centre.x, y: cell.centre.y)] += 1
        }
        var (faults, votes): ([FieldFault?], [FieldVote]) = ([], [])
        var (familiar, qualities): ([Double], [ImageQuality]) = ([], [])
        for (place, field) in fields.enumerated() {
            let seen = try model.screener.package.pipeline.image(from: field.upright().image)
            let (measured, score) = try TestImageMeasurement.measure(seen, novelty: model.novelty)
            let logits = try await model.screener.engine.infer(model.screener.package.pipeline.normalized(seen)).logits
            let probabilities = ClassProbabilities(
                TemperatureScaling.softmax(logits, temperature: description.calibration.temperature))
            func found(_ quality: ImageQuality?) -> [FieldFault] {
                DecisionFacts(
                    quality: quality, missing: quality == nil ? measured.missing : nil,
                    novelty: quality == nil ? score : 0, aspect: measured.aspect, label: .benign, confidence: 1,
                    predictionSet: [], limits: Self.limits(description)
                ).refusals.compactMap(\.fieldFault)
            }
            let covered = field.openShare(glass: fields.glass) < 0.1 ? [FieldFault.thick] : []
            let fault =
                FieldFault.foremost(of: found(measured.quality) + covered)
                ?? (white[place] == 0 ? .empty : FieldFault.foremost(of: found(nil)))
            faults.append(fault)
            guard fault == nil else { continue }
            votes.append(FieldVote(probabilities: probabilities, whiteCells: white[place]))
            familiar.append(score)
            qualities.append(measured.quality)
        }
        #expect(faults.count == 6 && faults == served.fields?.all.map(\.fault))
        // At least one field is read, and one is left out.
        try #require(!votes.isEmpty && faults[1] == .dark)
        let probabilities = ClassProbabilities(of: votes)
        for (one, other) in zip(probabilities.values, served.probabilities.values) { #expect(abs(one - other) < 1e-6) }
        let facts = DecisionFacts(
            quality: .median(of: qualities), missing: nil, novelty: familiar.sorted()[(familiar.count - 1) / 2],
            aspect: nil, label: probabilities.mostProbable, confidence: probabilities[probabilities.mostProbable],
            predictionSet: ConformalPrediction.set(
                probabilities: probabilities.values,
                thresholds: SmearClass.keys.map { description.conformal.thresholds[$0] ?? 1 }
            ).compactMap(SmearClass.init(index:)), cells: served.cells.map(CellFacts.init),
            fields: FieldFacts(
                all: 6, judged: votes.count, read: votes.count,
                malignant: votes.count { $0.probabilities.mostProbable.isMalignant }),
            limits: Self.limits(description))
        #expect(facts.decision == served.decision && facts.reasons.map(\.code) == served.reasons.map(\.code))
        #expect(facts.label == served.label && facts.predictionSet == served.predictionSet)
        #expect(abs(facts.novelty - served.novelty) < 1e-9 && facts.quality == served.quality)
    }

    private static func limits(_ description: ModelDescription) -> DecisionFacts.Limits {
        DecisionFacts.Limits(
            quality: description.quality, novelty: description.novelty.threshold,
            benignNovelty: description.novelty.benignThreshold,
            coverage: description.conformal.coverage, minimumConfidence: description.decision.minimumConfidence,
            agreement: description.cells?.agreement)
    }

    /// Six drawn smears beside each other, one of them too dark.
    private static func mosaic() throws -> RGBImage {
        let tiles = try (0..<6).map { number in
            let tile = try DrawnSmear.draw(class: number % 4, seed: UInt64(7100 + number), side: 128)
            return RGBImage(width: 128, height: 128, pixels: number == 1 ? tile.pixels.map { $0 / 4 } : tile.pixels)
        }
        var pixels: [UInt8] = []
        for row in 0..<256 {
            for column in 0..<3 {
                let from = row % 128 * 384
                pixels += tiles[row / 128 * 3 + column].pixels[from..<from + 384]
            }
        }
        return RGBImage(width: 384, height: 256, pixels: pixels)
    }

    @Test func `a fold of an earlier version is read, and it is said what its decisions rest on`() throws {
        func answers(_ fold: Int) -> [RawAnswer] {
            (0..<40).map { index in
                RawAnswer(
                    id: "\(fold)/\(index)", group: "\(fold)-\(index)", label: index % 4,
                    logits: (0..<4).map { $0 == (index % 13 == 0 ? 0 : index % 4) ? 4 : Double((index + $0) % 3) },
                    series: nil)
            }
        }
        func results(_ measurement: TestImageMeasurement?) throws -> CrossValidationResults {
            let folds = try (1...2).map { fold in
                let test = answers(fold)
                let result = FoldResult(
                    fold: fold, split: "blocks", name: "fold \(fold)", configurationJSON: "{}", manifestSHA256: "ab",
                    trainingClassCounts: [9, 9, 9, 9], test: test, validation: [], temperature: 1,
                    noveltyThreshold: 0.5, novelties: test.map { _ in 0 },
                    measurements: measurement.map { measured in test.map { _ in measured } },
                    qualityLimits: measurement.map { _ in QualityLimits(minimumSharpness: 10) }, epochs: [], seconds: 1)
                return try JSONDecoder().decode(FoldResult.self, from: JSONEncoder().encode(result))
            }
            return try CrossValidationResults(
                split: "blocks", configuration: .init(), manifestSHA256: "ab", classKeys: SmearClass.keys, folds: folds)
        }
        let old = try results(nil)
        #expect(old.foldsWithoutMeasurements == ["fold 1", "fold 2"])
        #expect(old.markdown.contains("Decisions of fold 1, fold 2 rest on answers and novelty alone"))
        #expect(old.selection.decisions.rejected == 0)
        let flat = RGBImage(width: 32, height: 32, pixels: [UInt8](repeating: 200, count: 32 * 32 * 3))
        let new = try results(TestImageMeasurement.measure(flat, novelty: nil).measurement)
        #expect(new.foldsWithoutMeasurements == nil && !new.markdown.contains("rest on answers"))
        #expect(new.selection.decisions.rejected == 80 && new.refusedAsNovel == 0)
        #expect(new.pooled.accuracy == old.pooled.accuracy)
    }
}
