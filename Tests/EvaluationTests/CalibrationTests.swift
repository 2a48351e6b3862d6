import Evaluation
import Foundation
import Randomness
import Testing

@Suite struct CalibrationTests {
    @Test func `figures agree with a case computed by hand`() throws {
        // Bins of width 0.2: 0.7 and 0.7 fall in (0.6, 0.8], half right; 0.9 and 0.95 in (0.8, 1], both right.
        let calibration = try Calibration([binary(0, 0.3), binary(1, 0.3), binary(1, 0.9), binary(0, 0.05)], bins: 5)
        #expect(calibration.bins.map(\.count) == [0, 0, 0, 2, 2])
        #expect(close(calibration.bins[3].accuracy, 0.5))
        #expect(close(calibration.bins[4].confidence, 0.925))
        #expect(close(calibration.expectedError, 0.5 * 0.2 + 0.5 * 0.075))
        #expect(close(calibration.brier, 2 * (0.09 + 0.49 + 0.01 + 0.0025) / 4))
        let likelihood = -(log(0.7) + log(0.3) + log(0.9) + log(0.95)) / 4
        #expect(close(calibration.negativeLogLikelihood, likelihood))
    }

    @Test func `a sure and right model has no error, a sure and wrong one all of it`() throws {
        let right = try Calibration([binary(0, 0), binary(1, 1)])
        #expect(right.expectedError == 0)
        #expect(right.brier == 0)
        let wrong = try Calibration([binary(0, 1), binary(1, 0)])
        #expect(wrong.expectedError == 1)
        #expect(wrong.brier == 2)
        #expect(wrong.negativeLogLikelihood.isFinite)
    }

    @Test func `temperature scaling finds the temperature of SciPy`() throws {
        let golden = try Golden.load()
        let found = try TemperatureScaling.fit(logits: golden.logits, labels: golden.labels)
        #expect(close(found, golden.temperature, tolerance: 1e-6))
    }

    @Test(arguments: [0.5, 1, 2.5])
    func `temperature scaling recovers the temperature that labels were drawn with`(truth: Double) throws {
        var generator = SplitMix64(seed: 7)
        var logits: [[Float]] = []
        var labels: [Int] = []
        for _ in 0..<20_000 {
            let row = (0..<4).map { _ in Float(generator.nextUnit() * 8 - 4) }
            var rest = generator.nextUnit()
            let label = TemperatureScaling.softmax(row, temperature: truth).firstIndex { probability in
                rest -= probability
                return rest < 0
            }
            logits.append(row)
            labels.append(label ?? 3)
        }
        let found = try TemperatureScaling.fit(logits: logits, labels: labels)
        #expect(abs(found / truth - 1) < 0.04)
    }

    @Test func `a separable set stops at the end of the range`() throws {
        #expect(try TemperatureScaling.fit(logits: [[1.0, 0], [0, 1]], labels: [0, 1]) == 0.05)
        #expect(try TemperatureScaling.fit(logits: [[1.0, 0], [0, 1]], labels: [1, 0]) == 20)
    }

    @Test func `logits that are not finite are refused`() {
        let error = #expect(throws: EvaluationError.self) {
            try TemperatureScaling.fit(logits: [[1, Double.infinity]], labels: [0])
        }
        #expect(error?.code == .notAProbability)
    }
}
