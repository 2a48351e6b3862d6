import Evaluation
import Testing

@Suite struct LogisticCorrectionTests {
    /// Logits that take the last two of three classes for each other, and one feature that tells them apart.
    private static let examples: (features: [[Float]], logits: [[Double]], labels: [Int]) = {
        let labels = (0..<60).map { $0 % 3 }
        let confused = [[3.0, 0, 0], [0, 1, 2], [0, 2, 1]]
        return (
            labels.enumerated().map { [$1 == 2 ? 5 : -5, Float($0 % 7)] }, labels.map { confused[$0] }, labels
        )
    }()

    private static func hits(_ logits: [[Double]]) -> Int {
        zip(logits, examples.labels).count { $0.firstIndex(of: $0.max() ?? 0) == $1 }
    }

    @Test func `a feature brings back what the logits confuse`() throws {
        let (features, logits, labels) = Self.examples
        #expect(Self.hits(logits) == 20)
        let correction = try LogisticCorrection(
            features: features, logits: logits, labels: labels, inverseRegularization: 1)
        #expect(Self.hits(correction.apply(features: features, logits: logits)) == 60)
        // The formula that the network with the correction inside computes.
        let row = logits[1].indices.map { label in
            correction.scale * logits[1][label] + correction.bias[label]
                + zip(correction.weight[label], features[1]).reduce(0) { $0 + $1.0 * Double($1.1) }
        }
        let applied = correction.apply(features: [features[1]], logits: [logits[1]])[0]
        #expect(applied.count == row.count)
        for (value, wanted) in zip(applied, row) { #expect(abs(value - wanted) < 1e-9) }
    }

    @Test func `without evidence logits stay as they are`() throws {
        let (features, logits, labels) = Self.examples
        let correction = try LogisticCorrection(
            features: features, logits: logits, labels: labels, inverseRegularization: 1e-9)
        #expect(abs(correction.scale - 1) < 1e-3)
        #expect(correction.weight.flatMap(\.self).allSatisfy { abs($0) < 1e-3 })
    }

    @Test func `a class without example keeps its logit`() throws {
        let (features, logits, labels) = Self.examples
        let known = labels.indices.filter { labels[$0] != 1 }
        let correction = try LogisticCorrection(
            features: known.map { features[$0] }, logits: known.map { logits[$0] }, labels: known.map { labels[$0] },
            inverseRegularization: 1)
        #expect(correction.weight[1].allSatisfy { $0 == 0 } && correction.bias[1] == 0)
        #expect(correction.weight[2].contains { $0 != 0 })
    }

    @Test func `what cannot be learnt from is refused`() {
        func learn(_ features: [[Float]], _ logits: [[Double]], _ labels: [Int], _ strength: Double = 1) throws {
            _ = try LogisticCorrection(
                features: features, logits: logits, labels: labels, inverseRegularization: strength)
        }
        #expect(throws: EvaluationError.self) { try learn([], [], []) }
        #expect(throws: EvaluationError.self) { try learn([[1]], [[1, 2]], [2]) }
        #expect(throws: EvaluationError.self) { try learn([[1], [1, 2]], [[1, 2], [1, 2]], [0, 1]) }
        #expect(throws: EvaluationError.self) { try learn([[.nan]], [[1, 2]], [0]) }
        #expect(throws: EvaluationError.self) { try learn([[1]], [[1, 2]], [0], 0) }
    }
}
