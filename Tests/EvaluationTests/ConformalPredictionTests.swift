import Evaluation
import Randomness
import Testing

@Suite struct ConformalPredictionTests {
    @Test func `the threshold is the score of the rank that the paper names`() throws {
        // Nine images of a class: rank ⌈10 · 0.8⌉ = 8 of the scores 0.1 … 0.9.
        let scores = (1...9).map { Double($0) / 10 }
        let rows = scores.map { [1 - $0, $0] } + [[0.5, 0.5]]
        let labels = Array(repeating: 0, count: 9) + [1]
        let thresholds = try ConformalPrediction.thresholds(probabilities: rows, labels: labels, coverage: 0.8)
        #expect(close(thresholds[0], 0.8))
        #expect(thresholds[1] == 1, "one image is too few for 80 %, so the class is in every set")
    }

    @Test func `thresholds agree with NumPy`() throws {
        let golden = try Golden.load()
        let found = try ConformalPrediction.thresholds(
            probabilities: golden.probabilities, labels: golden.labels, coverage: 0.9)
        #expect(zip(found, golden.conformalThresholds90).allSatisfy { close($0, $1) })
    }

    @Test func `sets hold every class that is probable enough`() {
        #expect(ConformalPrediction.set(probabilities: [0.7, 0.2, 0.1], thresholds: [0.5, 0.85, 0.5]) == [0, 1])
        #expect(ConformalPrediction.set(probabilities: [0.4, 0.3, 0.3], thresholds: [0.5, 0.5, 0.5]) == [0])
    }

    @Test func `raised thresholds exclude no class of the given probability`() {
        #expect(ConformalPrediction.raised([0.5, 0.99, 1], alwaysPossible: 0.1) == [0.9, 0.99, 1])
        #expect(ConformalPrediction.raised([0.5, 0.99, 1], alwaysPossible: nil) == [0.5, 0.99, 1])
        #expect(
            ConformalPrediction.set(probabilities: [0.95, 0.05], thresholds: ConformalPrediction.raised([0, 0])) == [
                0, 1,
            ])
    }

    @Test(arguments: [0.8, 0.9, 0.95])
    func `fresh images are covered as often as promised in every class`(coverage: Double) throws {
        var generator = SplitMix64(seed: 11)
        func draw(_ count: Int) -> [LabelledPrediction] {
            (0..<count).map { index in
                let label = index % 4
                // Classes differ in difficulty, which thresholds shared by all classes would not survive.
                let logits = (0..<4).map {
                    generator.nextUnit() * 4 + ($0 == label ? generator.nextUnit() * Double(label + 1) : 0)
                }
                return LabelledPrediction(
                    label: label, probabilities: TemperatureScaling.softmax(logits), group: "\(index)", id: "\(index)")
            }
        }
        let calibration = draw(8000)
        let thresholds = try ConformalPrediction.thresholds(
            probabilities: calibration.map(\.probabilities), labels: calibration.map(\.label), coverage: coverage)
        let summary = try ConformalSummary(draw(8000), thresholds: thresholds)
        for covered in summary.coveragePerClass {
            #expect(close(covered, coverage, tolerance: 0.025))
        }
        #expect(summary.sizes.reduce(0, +) == 8000)
        #expect(summary.meanSize > 1 && summary.meanSize < 4)
    }

    @Test(arguments: [0, 1, -0.5, Double.nan])
    func `a coverage out of range is refused`(coverage: Double) {
        let error = #expect(throws: EvaluationError.self) {
            try ConformalPrediction.thresholds(probabilities: [[1, 0]], labels: [0], coverage: coverage)
        }
        #expect(error?.code == .parameter)
    }

    @Test func `risk falls with coverage as the confidences say`() throws {
        let curve = try RiskCoverageCurve([binary(0, 0.1), binary(1, 0.8), binary(0, 0.7), binary(1, 0.7)])
        #expect(curve.points.map(\.coverage) == [0.25, 0.5, 1])
        #expect(curve.points.map(\.risk) == [0, 0, 0.25])
        #expect(close(curve.area, 0.125))
    }
}
