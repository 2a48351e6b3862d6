import Evaluation
import Foundation
import Randomness
import Testing

@Suite struct LogitCalibratorTests {
    /// Labels drawn from `softmax(z / 2 + b)`.
    private static func answers(_ count: Int, biases: [Double], seed: UInt64 = 3) -> [RawAnswer] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { index in
            let logits = biases.map { _ in generator.nextUnit() * 8 }
            let truth = TemperatureScaling.softmax(zip(logits, biases).map { $0 / 2 + $1 })
            var left = generator.nextUnit()
            let label = truth.firstIndex { share in
                left -= share
                return left < 0
            }
            return RawAnswer(id: "\(index)", group: "\(index)", label: label ?? truth.count - 1, logits: logits)
        }
    }

    private static func loss(_ calibrator: LogitCalibrator, _ answers: [RawAnswer]) throws -> Double {
        try Calibration(answers.map { $0.calibrated(by: calibrator) }).negativeLogLikelihood
    }

    @Test func `temperature and biases that made the labels are found again`() throws {
        let biases = [1.5, 0, -0.5, -1]
        let answers = Self.answers(20_000, biases: biases)
        let fit = try LogitCalibrator(fitting: .biasCorrected, to: answers)
        #expect(close(fit.temperature, 2, tolerance: 0.1))
        // Only differences of biases mean anything.
        for index in 1..<4 {
            #expect(close(fit.biases[index] - fit.biases[0], biases[index] - biases[0], tolerance: 0.1))
        }
        let temperature = try LogitCalibrator(fitting: .temperature, to: answers)
        #expect(try Self.loss(fit, answers) < Self.loss(temperature, answers) - 0.01)
    }

    @Test func `no other temperature or bias nearby is likelier`() throws {
        let answers = Self.answers(500, biases: [0.5, 0, -0.5], seed: 8)
        let fit = try LogitCalibrator(fitting: .biasCorrected, to: answers)
        let least = try Self.loss(fit, answers)
        for index in 0...3 {
            for change in [-0.05, 0.05] {
                var biases = fit.biases
                if index < 3 { biases[index] += change }
                let other = LogitCalibrator(
                    method: .biasCorrected, temperature: fit.temperature * (index == 3 ? 1 + change : 1), biases: biases
                )
                #expect(try Self.loss(other, answers) > least - 1e-5)
            }
        }
    }

    @Test func `temperature alone is what temperature scaling finds`() throws {
        let answers = Self.answers(300, biases: [0, 0, 0, 0])
        let fit = try LogitCalibrator(fitting: .temperature, to: answers)
        #expect(
            try fit.temperature
                == TemperatureScaling.fit(logits: answers.map(\.logits), labels: answers.map(\.label)))
        #expect(fit.biases == [0, 0, 0, 0])
        #expect(
            fit.probabilities([2, 1, 0, 0]) == TemperatureScaling.softmax([2, 1, 0, 0], temperature: fit.temperature))
    }

    @Test(arguments: LogitCalibrator.Method.allCases)
    func `answers without a mistake leave the logits as they are`(method: LogitCalibrator.Method) throws {
        let answers = (0..<8).map { index in
            RawAnswer(
                id: "\(index)", group: "\(index)", label: index % 2, logits: index % 2 == 0 ? [1, 0] : [0, 1.5])
        }
        let fit = try LogitCalibrator(fitting: method, to: answers)
        #expect(fit.temperature == 1)
        #expect(fit.biases == [0, 0])
    }

    @Test(arguments: LogitCalibrator.Method.allCases)
    func `answers that cannot be fitted are refused`(method: LogitCalibrator.Method) {
        let broken: [[RawAnswer]] = [
            [], [RawAnswer(id: "a", group: "a", label: 2, logits: [0, 1])],
            [RawAnswer(id: "a", group: "a", label: 0, logits: [0, .nan])],
        ]
        for answers in broken {
            #expect(throws: EvaluationError.self) { try LogitCalibrator(fitting: method, to: answers) }
        }
    }
}
