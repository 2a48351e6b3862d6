import Evaluation
import Randomness
import Testing

/// The worked example of the module's documentation, which `Scripts/examples.py` copies from here.
@Suite struct EvaluationExampleTests {
    @Test func `the worked example calibrates a network and counts what its sets hold`() throws {
        let (logits, labels) = Self.answers(images: 4000)
        // example
        // logits: [N, classes], of images that the network was not trained on; labels: their classes, [N].
        let temperature = try TemperatureScaling.fit(logits: logits, labels: labels)
        let probabilities = logits.map { TemperatureScaling.softmax($0, temperature: temperature) }

        // The sets of classes that remain possible hold the true one for 90 % of the images of each class.
        let thresholds = try ConformalPrediction.thresholds(
            probabilities: probabilities, labels: labels, coverage: 0.9)
        let sets = probabilities.map { ConformalPrediction.set(probabilities: $0, thresholds: thresholds) }
        let summary = try ConformalSummary(labels: labels, sets: sets, classes: 4)

        // A patient's images count together; intervals come from resampling patients.
        let predictions = probabilities.indices.map { image in
            LabelledPrediction(
                label: labels[image], probabilities: probabilities[image], group: "patient \(image / 8)",
                id: "image \(image)")
        }
        let metrics = try ClassificationMetrics(
            predictions, classKeys: ["benign", "early-pre-b", "pre-b", "pro-b"])
        let interval = metrics.confidenceIntervals95["accuracy"]
        // end of example
        // The logits were made three times too certain.
        #expect(abs(temperature - 3) < 0.3)
        #expect(summary.coveragePerClass.count == 4)
        for coverage in summary.coveragePerClass { #expect(abs((coverage ?? 0) - 0.9) < 0.02) }
        let accuracy = try #require(interval)
        #expect(accuracy.lower < metrics.accuracy && metrics.accuracy < accuracy.upper)
        #expect(metrics.ece15 < 0.05)
    }

    /// Labels drawn from the very probabilities that the logits, divided by 3, give.
    private static func answers(images: Int) -> (logits: [[Double]], labels: [Int]) {
        var generator = SplitMix64(seed: 5)
        var (logits, labels): ([[Double]], [Int]) = ([], [])
        for _ in 0..<images {
            let honest = (0..<4).map { _ in generator.nextUnit() * 4 }
            let probabilities = TemperatureScaling.softmax(honest)
            var (rest, label) = (generator.nextUnit(), 0)
            while label < 3, rest >= probabilities[label] {
                rest -= probabilities[label]
                label += 1
            }
            logits.append(honest.map { $0 * 3 })
            labels.append(label)
        }
        return (logits, labels)
    }
}
