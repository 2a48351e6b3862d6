import Evaluation
import Testing

@Suite struct ReceiverOperatingCharacteristicTests {
    static let cases: [(scores: [Double], positives: [Bool], area: Double)] = [
        ([0.1, 0.4, 0.35, 0.8], [false, false, true, true], 0.75),
        ([0.5, 0.5, 0.5, 0.5], [true, false, true, false], 0.5),
        ([0.2, 0.5, 0.5, 0.9], [false, false, true, true], 0.875), ([0.9, 0.1], [false, true], 0),
        ([0.1, 0.9], [false, true], 1),
    ]

    @Test(arguments: cases)
    func `the area counts ties half`(scores: [Double], positives: [Bool], area: Double) throws {
        let roc = try #require(try ReceiverOperatingCharacteristic(scores: scores, positives: positives))
        #expect(close(roc.area, area))
        #expect(close(trapezoids(roc), area))
    }

    @Test func `the curve runs from nothing called to everything called`() throws {
        let roc = try #require(
            try ReceiverOperatingCharacteristic(scores: [0.2, 0.5, 0.5, 0.9], positives: [false, false, true, true]))
        #expect(roc.points.map(\.falsePositiveRate) == [0, 0, 0.5, 1])
        #expect(roc.points.map(\.truePositiveRate) == [0, 0.5, 1, 1])
        #expect(roc.points.map(\.threshold) == [.infinity, 0.9, 0.5, 0.2])
    }

    @Test func `one class alone has no curve`() throws {
        #expect(try ReceiverOperatingCharacteristic(scores: [0.1, 0.2], positives: [true, true]) == nil)
    }

    @Test func `a score that is not a number is refused`() {
        let error = #expect(throws: EvaluationError.self) {
            try ReceiverOperatingCharacteristic(scores: [0.1, .nan], positives: [true, false])
        }
        #expect(error?.code == .notAProbability)
        #expect(error?.row == 1)
    }

    @Test func `curves and areas agree with scikit-learn`() throws {
        let golden = try Golden.load()
        let roc = try #require(try ReceiverOperatingCharacteristic.malignancy(golden.predictions))
        #expect(close(roc.area, golden.auroc))
        #expect(roc.points.count == golden.rocFalsePositiveRates.count)
        for (point, expected) in zip(roc.points, zip(golden.rocFalsePositiveRates, golden.rocTruePositiveRates)) {
            #expect(close(point.falsePositiveRate, expected.0) && close(point.truePositiveRate, expected.1))
        }
        for (index, expected) in golden.oneVersusRest.enumerated() {
            let curve = try ReceiverOperatingCharacteristic.oneVersusRest(golden.predictions, class: index)
            #expect(close(curve?.area, expected))
        }
    }

    private func trapezoids(_ roc: ReceiverOperatingCharacteristic) -> Double {
        zip(roc.points, roc.points.dropFirst()).reduce(0) { sum, pair in
            let width = pair.1.falsePositiveRate - pair.0.falsePositiveRate
            return sum + width * (pair.0.truePositiveRate + pair.1.truePositiveRate) / 2
        }
    }
}
