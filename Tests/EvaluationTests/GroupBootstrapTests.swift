import Evaluation
import Randomness
import Testing

@Suite struct GroupBootstrapTests {
    @Test func `the same seed gives the same intervals and another seed others`() throws {
        let predictions = try Golden.load().predictions
        func intervals(seed: UInt64) throws -> [String: ConfidenceInterval] {
            try ClassificationMetrics(
                predictions, classKeys: classKeys, bootstrap: GroupBootstrap(resamples: 200, seed: seed)
            ).confidenceIntervals95
        }
        #expect(try intervals(seed: 1) == intervals(seed: 1))
        #expect(try intervals(seed: 1) != intervals(seed: 2))
    }

    @Test func `every interval holds the figure it belongs to`() throws {
        let metrics = try ClassificationMetrics(try Golden.load().predictions, classKeys: classKeys)
        #expect(metrics.confidenceIntervals95.count == 15)
        let figures = [
            ("accuracy", metrics.accuracy), ("macroF1", metrics.macroF1), ("auroc", metrics.auroc ?? -1),
            ("malignantSensitivity", metrics.malignantSensitivity ?? -1), ("brier", metrics.brier),
        ]
        for (name, value) in figures {
            let interval = try #require(metrics.confidenceIntervals95[name])
            #expect(interval.lower < value && value < interval.upper)
        }
    }

    @Test func `intervals of a mean hold the truth about 95 times in 100`() {
        var generator = SplitMix64(seed: 3)
        var holds = 0
        for trial in 0..<400 {
            let values = (0..<150).map { _ in generator.nextUnit() }
            let bootstrap = GroupBootstrap(resamples: 300, seed: UInt64(trial))
            let found = bootstrap.intervals(groups: values.indices.map(String.init)) { counts in
                [zip(values, counts).reduce(0) { $0 + $1.0 * Double($1.1) } / 150]
            }
            if let interval = found[0], interval.lower <= 0.5, interval.upper >= 0.5 { holds += 1 }
        }
        #expect((364...396).contains(holds), "held \(holds) of 400")
    }

    @Test func `images of one group add no certainty`() throws {
        let single = (0..<40).map { binary($0 % 2, $0 % 5 == 0 ? 0.4 : 0.6, group: "g\($0)") }
        let copies = single.flatMap { Array(repeating: $0, count: 10) }
        func width(_ predictions: [LabelledPrediction]) throws -> Double {
            let metrics = try ClassificationMetrics(predictions, classKeys: ["benign", "pro-b"])
            let interval = try #require(metrics.confidenceIntervals95["accuracy"])
            return interval.upper - interval.lower
        }
        #expect(try close(width(copies), width(single), tolerance: 1e-9))
    }

    @Test func `a single group has no interval`() throws {
        let metrics = try ClassificationMetrics([binary(0, 0.1), binary(1, 0.9)], classKeys: ["benign", "pro-b"])
        #expect(metrics.confidenceIntervals95.isEmpty)
    }
}
