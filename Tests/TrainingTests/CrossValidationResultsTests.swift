import Evaluation
import Findings
import Foundation
import Testing
import Training

/// Figures of folds whose answers are made up: no network, so every figure is known.
@Suite struct CrossValidationResultsTests {
    private static let keys = ["benign", "early-pre-b", "pre-b", "pro-b"]

    /// An answer with the largest logit at `predicted`.
    private static func answer(
        _ id: String, _ label: Int, as predicted: Int, margin: Double = 4, series: String? = nil
    ) -> RawAnswer {
        RawAnswer(
            id: id, group: id, label: label, logits: (0..<4).map { $0 == predicted ? margin : 0 }, series: series)
    }

    private static func fold(
        _ number: Int, split: String = "blocks", name: String? = nil, trained: [Int] = [9, 9, 9, 9],
        test: [RawAnswer], validation: [RawAnswer] = [], benignNovelty: Double? = nil,
        novelty: (Int) -> Double = { _ in 0 }
    ) -> FoldResult {
        FoldResult(
            fold: number, split: split, name: name ?? "fold \(number)", configurationJSON: "{}", manifestSHA256: "ab",
            trainingClassCounts: trained, test: test, validation: validation, temperature: 0.5, noveltyThreshold: 0.5,
            benignNoveltyThreshold: benignNovelty, novelties: test.indices.map(novelty), epochs: [], seconds: 60)
    }

    private static func results(_ folds: [FoldResult], split: String = "blocks") throws -> CrossValidationResults {
        try CrossValidationResults(
            split: split, configuration: .init(), manifestSHA256: "ab", classKeys: keys, folds: folds)
    }

    /// Noisy answers of all classes in two series.
    private static func answers(_ fold: Int, count: Int = 400) -> [RawAnswer] {
        var generator = SystemIndependentGenerator(seed: UInt64(fold))
        return (0..<count).map { index in
            let logits = (0..<4).map { Double.random(in: 0..<3, using: &generator) + ($0 == index % 4 ? 2.5 : 0) }
            return RawAnswer(
                id: "\(fold)/\(index).jpg", group: "\(fold)-\(index / 2)", label: index % 4, logits: logits,
                series: index % 3 == 0 ? "red" : "boxed")
        }
    }

    @Test func `with runs left out, intervals resample runs, are wider than over images, and say so`() throws {
        func found(_ split: String, group: (String) -> String) throws -> CrossValidationResults {
            let folds = (1...3).map { number in
                // Every fourth run is answered wrongly throughout, as a run is that training knew nothing of.
                let answers = Self.answers(number).enumerated().map { place, answer in
                    let run = "\(number)-\(place / 50)"
                    return RawAnswer(
                        id: answer.id, group: group("\(run)/\(place)"), label: answer.label,
                        logits: place / 50 % 4 == 3 ? answer.logits.map { -$0 } : answer.logits)
                }
                return Self.fold(number, split: split, test: answers)
            }
            return try Self.results(folds, split: split)
        }
        let runs = try found("runs") { String($0.prefix { $0 != "/" }) }
        let images = try found("blocks") { $0 }
        #expect(runs.intervalUnit == "run" && images.intervalUnit == "group")
        #expect(runs.pooled.accuracy == images.pooled.accuracy)
        for figure in ["accuracy", "macroF1", "malignantSensitivity", "benignSpecificity", "auroc", "ece15", "brier"] {
            let wide = try #require(runs.pooled.confidenceIntervals95[figure])
            let narrow = try #require(images.pooled.confidenceIntervals95[figure])
            #expect(wide.upper - wide.lower > narrow.upper - narrow.lower, "\(figure)")
        }
        #expect(runs.markdown.contains("| 95 % interval over runs |"))
        #expect(try found("runs") { String($0.prefix { $0 != "/" }) }.json() == runs.json())
    }

    @Test func `the answers of folds that are kept tell how novel each image was to its fold`() throws {
        let place = FileManager.default.temporaryDirectory.appending(path: "folds-\(UUID())")
        defer { try? FileManager.default.removeItem(at: place) }
        let recipe = try TrainingConfiguration().decisiveJSON()
        for number in 1...2 {
            let fold = FoldResult(
                fold: number, split: "blocks", name: "fold \(number)", configurationJSON: recipe, manifestSHA256: "ab",
                trainingClassCounts: [9, 9, 9, 9], test: Self.answers(number, count: 80), validation: [],
                temperature: 1,
                noveltyThreshold: 1, novelties: (0..<80).map { Double(number) + Double($0) / 100 }, epochs: [],
                seconds: 1)
            let folder = place.appending(path: "fold-\(number)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try JSONEncoder().encode(fold).write(to: folder.appending(path: "result.json"))
        }
        let answers = try FoldAnswer.all(in: place)
        #expect(answers.count == 160)
        #expect(answers["1/0.jpg"]?.novelty == 1 && answers["2/79.jpg"]?.novelty == 2.79)
    }

    @Test func `results of an earlier version, which knew no runs, can be read`() throws {
        let folds = (1...2).map { Self.fold($0, test: Self.answers($0)) }
        var object = try #require(
            JSONSerialization.jsonObject(with: try Self.results(folds).json()) as? [String: Any])
        #expect(object.removeValue(forKey: "intervalUnit") != nil)
        let read = try JSONDecoder().decode(
            CrossValidationResults.self, from: JSONSerialization.data(withJSONObject: object))
        #expect(read.intervalUnit == nil && read.runs == nil)
        #expect(read.markdown.contains("| 95 % interval over groups |"))
    }

    @Test func `what is resampled together is the run only where folds are runs`() {
        let image = TrainingImage(
            url: URL(fileURLWithPath: "/a"), label: 0, group: "g", id: "a", series: nil, run: "benign-1")
        #expect(image.resamplingUnit(split: "runs") == "benign-1")
        #expect(image.resamplingUnit(split: "blocks") == "g" && image.resamplingUnit(split: "random") == "g")
    }

    @Test func `every figure can be made again from what a fold keeps`() throws {
        let folds = (1...3).map { Self.fold($0, test: Self.answers($0)) }
        let kept = try folds.map { try JSONDecoder().decode(FoldResult.self, from: JSONEncoder().encode($0)) }
        let found = try Self.results(folds)
        #expect(try Self.results(kept).json() == found.json())
        let read = try JSONDecoder().decode(CrossValidationResults.self, from: found.json())
        #expect(try read.json() == found.json())
        #expect(read.shipped == found.shipped)
        #expect(
            kept[0].predictions.first?.probabilities
                == TemperatureScaling.softmax(folds[0].test[0].logits, temperature: 0.5))
    }

    @Test func `calibration and limits come from the other folds, and the shipped ones from all`() throws {
        let folds = (1...3).map { Self.fold($0, test: Self.answers($0)) }
        let found = try Self.results(folds)
        #expect(found.calibration.source == .otherFolds)
        #expect(found.calibration.temperatures.count == 3)
        let others = try CrossCalibration.fit(folds[1].test + folds[2].test)
        #expect(found.calibration.temperatures[0] == others.calibrator.temperature)
        #expect(found.selection.minimumConfidences[0] == others.selection.minimumConfidence)
        #expect(try found.shipped == CrossCalibration.fit(folds.flatMap(\.test)))
        #expect(found.predictionSets.coverage == 0.99)
        #expect(found.calibration.candidates.map(\.method) == LogitCalibrator.Method.allCases)
        #expect(found.predictionSets.candidates.map(\.score) == [.leastAmbiguous] + ConformalScore.allCases)
        #expect(
            found.predictionSets.candidates.map(\.alwaysPossible) == [
                found.predictionSets.alwaysPossible, nil, nil, nil,
            ])
        #expect(found.predictionSets.candidates[0].summary == found.predictionSets.summary)
        #expect(found.predictionSets.summary.sizes.reduce(0, +) == 1200)
        let gaps = found.conformalCoverage.values.map { abs($0 - 0.99) }
        #expect(found.predictionSets.largestGap == gaps.max())
    }

    @Test func `mistakes are listed with the most confident first, and counted`() throws {
        let sure = Self.answer("a.jpg", 2, as: 1, margin: 9, series: "red")
        let unsure = Self.answer("b.jpg", 1, as: 0, margin: 1)
        let right = (0..<8).map { Self.answer("r\($0).jpg", $0 % 4, as: $0 % 4) }
        let folds = [
            Self.fold(1, test: right + [unsure]), Self.fold(2, test: right + [sure], novelty: { $0 == 8 ? 1 : 0 }),
        ]
        let found = try Self.results(folds)
        #expect(found.mistakeCount == 2)
        #expect(found.mistakes.map(\.file) == ["a.jpg", "b.jpg"])
        #expect(found.mistakes[0].label == "pre-b" && found.mistakes[0].answer == "early-pre-b")
        #expect(found.mistakes[0].fold == "fold 2" && found.mistakes[0].series == "red")
        #expect(found.mistakes[0].decision == .rejected)
        #expect(found.selection.decisions.rejected == 1)
        #expect(found.refusedAsNovel == 1.0 / 18)
    }

    @Test func `benign is told up to a fold's own limit of novelty, leukaemia as without one`() throws {
        let (right, mistake) = (0..<800, Self.answer("m", 2, as: 1))
        func results(_ limit: Double?) throws -> CrossValidationResults {
            try Self.results(
                (1...2).map { number in
                    // Every second benign image and every second early Pre-B one is less familiar.
                    Self.fold(
                        number, test: right.map { Self.answer("\(number)-\($0)", $0 % 4, as: $0 % 4) } + [mistake],
                        benignNovelty: number == 1 ? limit : nil, novelty: { $0 % 8 < 2 ? 0.45 : 0.3 })
                })
        }
        let (without, with) = (try results(nil), try results(0.4))
        #expect(without.selection.decisions.report == 1602)
        #expect(with.selection.decisions.report == 1502 && with.selection.decisions.uncertain == 100)
        #expect(with.refusedAsNovel == 0 && with.pooled.accuracy == without.pooled.accuracy)
        #expect(try results(0.45).selection.decisions.report == 1602)
    }

    @Test func `series are told apart where they are known`() throws {
        let found = try Self.results((1...3).map { Self.fold($0, test: Self.answers($0)) })
        #expect(found.series.map(\.name) == ["boxed", "red"])
        #expect(found.series.reduce(0) { $0 + $1.malignancy.images } == 1200)
        #expect(found.series[0].malignancy.confidenceIntervals95["auroc"] != nil)
        let unknown = try Self.results([
            Self.fold(1, test: (0..<8).map { Self.answer("\($0)", $0 % 4, as: $0 % 4) }),
            Self.fold(2, test: (0..<8).map { Self.answer("\($0)", $0 % 4, as: ($0 / 2) % 4) }),
        ])
        #expect(unknown.series.isEmpty)
    }

    /// `boxed` holds all of Pro, so the network without it cannot name Pro; `plain` holds benign images only.
    private static func leftOut() throws -> CrossValidationResults {
        let validation = (0..<40).map { answer("v\($0)", $0 % 4, as: $0 == 0 ? 1 : $0 % 4) }
        let boxed =
            (0..<10).map { answer("b\($0)", 0, as: $0 < 2 ? 1 : 0) } + (0..<20).map { answer("p\($0)", 3, as: 2) }
            + (0..<10).map { answer("e\($0)", 1, as: 1) }
        let plain = (0..<5).map { answer("n\($0)", 0, as: 0) }
        return try results(
            [
                fold(
                    1, split: "series", name: "boxed", trained: [9, 9, 9, 0], test: boxed,
                    validation: validation.filter { $0.label != 3 }),
                fold(
                    2, split: "series", name: "plain", test: plain, validation: validation, novelty: { $0 == 0 ? 1 : 0 }
                ),
            ], split: "series")
    }

    @Test func `a series left out is judged by what its network could know`() throws {
        let found = try Self.leftOut()
        #expect(found.calibration.source == .ownValidation)
        #expect(found.foldNames == ["boxed", "plain"])
        let (boxed, plain) = (found.series[0], found.series[1])
        #expect(boxed.unknownClasses == ["pro-b"])
        #expect(boxed.malignancy.sensitivity == 1 && boxed.malignancy.specificity == 0.8)
        #expect(boxed.fourClass?.images == 20 && boxed.fourClass?.accuracy == 0.9)
        #expect(plain.malignancy.auroc == nil && plain.fourClass?.macroF1 == nil)
        #expect(plain.decisions.rejected == 1)
        #expect(found.mean["benignSpecificity"] == 0.9 && found.worst["benignSpecificity"] == 0.8)
        #expect(found.mean["auroc"] == boxed.malignancy.auroc)
        #expect(found.mean["macroF1"] == boxed.fourClass?.macroF1)
    }

    @Test func `the printed table names series and leaves a dash where nothing can be judged`() throws {
        let table = try Self.leftOut().markdown
        #expect(table.contains("| plain, 5 images | – | – | 1.0000 | 1.0000 | – | 0.2000 |"))
        #expect(table.contains("| worst series |"))
        let blocks = try Self.results((1...3).map { Self.fold($0, test: Self.answers($0)) }).markdown
        #expect(blocks.contains("| fold 2, 400 images |") && blocks.contains("| worst fold |"))
    }
}
