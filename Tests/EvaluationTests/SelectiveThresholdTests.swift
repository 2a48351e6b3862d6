import Evaluation
import Testing

@Suite struct SelectiveThresholdTests {
    /// Confidences 0.9, 0.8, 0.7, 0.6; the third is wrong.
    private let predictions = [binary(1, 0.9), binary(1, 0.8), binary(0, 0.7), binary(1, 0.6)]

    @Test func `the smallest confidence that keeps the risk is taken`() throws {
        let found = try SelectiveThreshold(predictions, rule: .init(maximumRisk: 0.1, minimumCoverage: 0.5))
        #expect(found.isReached)
        #expect(close(found.minimumConfidence, 0.8))
        #expect(found.coverage == 0.5 && found.risk == 0 && found.images == 4)
    }

    @Test func `where too few would be answered the least risk among those that answer enough is taken`() throws {
        let found = try SelectiveThreshold(predictions, rule: .init(maximumRisk: 0.1, minimumCoverage: 0.75))
        #expect(!found.isReached)
        // Three answered: one of three is wrong; four answered: one of four.
        #expect(found.coverage == 1 && found.risk == 0.25)
        #expect(found.minimumConfidence == 0.5)
    }

    @Test func `answers without a mistake need no more than one half`() throws {
        let found = try SelectiveThreshold([binary(1, 0.9), binary(1, 0.6), binary(0, 0.2)])
        #expect(found.isReached && found.minimumConfidence == 0.5 && found.coverage == 1 && found.risk == 0)
    }

    @Test func `no confidence under the lowest is taken`() throws {
        let rule = SelectiveThreshold.Rule(maximumRisk: 0.5, minimumCoverage: 0.2, lowestConfidence: 0.75)
        let found = try SelectiveThreshold(predictions, rule: rule)
        #expect(close(found.minimumConfidence, 0.8))
        #expect(found.coverage == 0.5)
    }

    @Test(arguments: [
        SelectiveThreshold.Rule(maximumRisk: -0.1), .init(minimumCoverage: 1.1), .init(lowestConfidence: .nan),
    ])
    func `shares out of range are refused`(rule: SelectiveThreshold.Rule) {
        let error = #expect(throws: EvaluationError.self) { try SelectiveThreshold(predictions, rule: rule) }
        #expect(error?.code == .parameter)
    }
}
