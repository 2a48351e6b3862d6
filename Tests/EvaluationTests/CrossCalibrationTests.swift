import Evaluation
import Foundation
import Randomness
import Testing

@Suite struct CrossCalibrationTests {
    /// Classes differ in difficulty; one answer in some is wrong.
    static func answers(_ count: Int, seed: UInt64, ease: Double = 4) -> [RawAnswer] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { index in
            let label = index % 4
            let logits = (0..<4).map {
                generator.nextUnit() * 4 + ($0 == label ? generator.nextUnit() * ease * Double(label + 1) / 2 : 0)
            }
            return RawAnswer(id: "\(seed)-\(index)", group: "\(index)", label: label, logits: logits)
        }
    }

    private func folds(_ count: Int = 5, images: Int = 400) -> [CrossCalibration.Fold] {
        (0..<count).map { index in
            .init(
                test: Self.answers(images, seed: UInt64(index + 1)),
                validation: Self.answers(images / 4, seed: UInt64(index + 100), ease: 7))
        }
    }

    @Test func `a fold's own test answers have no part in its calibration`() throws {
        let folds = folds()
        let found = try CrossCalibration(folds, source: .otherFolds)
        var changed = folds
        changed[1] = .init(
            test: folds[1].test.map { RawAnswer(id: $0.id, group: $0.group, label: 3 - $0.label, logits: $0.logits) },
            validation: folds[1].validation)
        let other = try CrossCalibration(changed, source: .otherFolds)
        #expect(other.fits[1] == found.fits[1])
        for index in [0, 2, 3, 4] { #expect(other.fits[index] != found.fits[index]) }
        let rest = folds[0].test + folds[2].test + folds[3].test + folds[4].test
        #expect(try found.fits[1] == CrossCalibration.fit(rest))
    }

    @Test func `with its own validation part a fold is calibrated on nothing else`() throws {
        let folds = folds()
        let found = try CrossCalibration(folds, source: .ownValidation)
        for (fit, fold) in zip(found.fits, folds) {
            #expect(try fit == CrossCalibration.fit(fold.validation, allowsLess: true))
        }
        #expect(found.predictions.map(\.count) == folds.map(\.test.count))
    }

    @Test(arguments: ConformalScore.allCases, [0.9, 0.99])
    func `every class is covered as often as stated, or more where the best class fills the set`(
        score: ConformalScore, coverage: Double
    ) throws {
        let settings = CrossCalibration.Settings(score: score, coverage: coverage)
        let folds = folds(images: 2000)
        let found = try CrossCalibration(folds, source: .otherFolds, settings: settings)
        let summary = try ConformalSummary(
            labels: folds.flatMap { $0.test.map(\.label) }, sets: found.sets.flatMap { $0 }, classes: 4)
        #expect(summary.coveragePerClass.count == 4)
        for share in summary.coveragePerClass { #expect(share ?? 0 > coverage - 0.01) }
        #expect(summary.sizes[0] == 0)
        #expect(summary.meanSize < 4)
    }

    @Test func `the least ambiguous sets are the smallest`() throws {
        let folds = folds(images: 2000)
        let sizes = try ConformalScore.allCases.map { score in
            let found = try CrossCalibration(
                folds, source: .otherFolds, settings: .init(score: score, coverage: 0.95, alwaysPossible: nil))
            return try ConformalSummary(
                labels: folds.flatMap { $0.test.map(\.label) }, sets: found.sets.flatMap { $0 }, classes: 4
            ).meanSize
        }
        #expect(sizes[0] < sizes[1] && sizes[0] < sizes[2])
    }

    @Test func `no class of the stated probability is excluded, and every set holds the plain one`() throws {
        let folds = folds(images: 2000)
        let plain = try CrossCalibration(
            folds, source: .otherFolds, settings: .init(coverage: 0.9, alwaysPossible: nil))
        let found = try CrossCalibration(
            folds, source: .otherFolds, settings: .init(coverage: 0.9, alwaysPossible: 0.2))
        var widened = 0
        for index in folds.indices {
            for (row, (wide, narrow)) in zip(found.sets[index], plain.sets[index]).enumerated() {
                let probabilities = found.predictions[index][row].probabilities
                #expect(Set(wide) == Set(narrow).union(probabilities.indices.filter { probabilities[$0] >= 0.2 }))
                widened += wide == narrow ? 0 : 1
            }
        }
        #expect(widened > 0)
        #expect(
            try CrossCalibration(folds, source: .otherFolds).fits.allSatisfy { fit in
                fit.thresholds.allSatisfy { $0 >= 1 - ConformalPrediction.alwaysPossible }
            })
    }

    @Test func `scores are those of the papers`() {
        let probabilities = [0.3, 0.5, 0.2]
        func isClose(_ values: [Double], _ expected: [Double]) -> Bool {
            zip(values, expected).allSatisfy { close($0, $1) }
        }
        #expect(isClose(ConformalScore.leastAmbiguous.values(probabilities, uniform: 0.5), [0.7, 0.5, 0.8]))
        #expect(isClose(ConformalScore.adaptive.values(probabilities, uniform: 0.5), [0.8, 0.5, 1]))
        #expect(isClose(ConformalScore.adaptiveRandomised.values(probabilities, uniform: 0.5), [0.65, 0.25, 0.9]))
    }

    @Test func `a class without images is in every set`() throws {
        let answers = Self.answers(400, seed: 5).filter { $0.label != 2 }
        let fit = try CrossCalibration.fit(answers)
        #expect(fit.thresholds[2] == 1)
        #expect(fit.thresholds[0] < 1)
    }

    @Test func `a class with too few images is in every set, or promised what they allow`() throws {
        let answers = Self.answers(40, seed: 6)  // ten of each class, too few for 99 %
        #expect(try CrossCalibration.fit(answers).thresholds == [1, 1, 1, 1])
        let fit = try CrossCalibration.fit(answers, .init(alwaysPossible: nil), allowsLess: true)
        for index in 0..<4 {
            let scores = answers.filter { $0.label == index }.map {
                1 - fit.calibrator.probabilities($0.logits)[index]
            }
            #expect(close(scores.max(), fit.thresholds[index]))
        }
        let missing = try CrossCalibration.fit(answers.filter { $0.label != 2 }, allowsLess: true)
        #expect(missing.thresholds[2] == 1)
    }

    @Test func `what cannot be calibrated is refused`() {
        let folds = folds(1)
        #expect(throws: EvaluationError.self) { try CrossCalibration(folds, source: .otherFolds) }
        #expect(throws: EvaluationError.self) { try CrossCalibration.fit([]) }
        #expect(throws: EvaluationError.self) {
            try CrossCalibration.fit(folds[0].test, .init(coverage: 1))
        }
    }
}
