import Evaluation
import Foundation
import Testing

@Suite struct LogisticRegressionTests {
    @Test func `gives the probabilities of scikit-learn`() throws {
        let golden = try Golden.load()
        let expected = golden.logisticRegression
        let inputs = golden.logits.map { $0.map(Float.init) }
        for (strength, wanted) in zip(expected.inverseRegularizations, expected.probabilities) {
            let model = try LogisticRegression(
                inputs: inputs, labels: golden.labels, classes: 4, inverseRegularization: strength)
            let found = try model.probabilities(Array(inputs.prefix(wanted.count)))
            #expect(found.count == wanted.count && !wanted.isEmpty)
            for (row, wantedRow) in zip(found, wanted) {
                #expect(row.count == 4)
                #expect(abs(row.reduce(0, +) - 1) < 1e-12)
                for (value, target) in zip(row, wantedRow) { #expect(close(value, target, tolerance: 2e-3)) }
            }
        }
    }

    @Test func `a feature that never varies, and one of huge scale, change nothing`() throws {
        let golden = try Golden.load()
        let plain = golden.logits.map { $0.map(Float.init) }
        let scaled = golden.logits.map { row in [7] + row.map { Float($0) * 1e6 + 3 } }
        let one = try LogisticRegression(inputs: plain, labels: golden.labels, classes: 4).probabilities(plain)
        let other = try LogisticRegression(inputs: scaled, labels: golden.labels, classes: 4).probabilities(scaled)
        #expect(one.map(\.count) == [Int](repeating: 4, count: plain.count) && other.map(\.count) == one.map(\.count))
        for (first, second) in zip(one.flatMap(\.self), other.flatMap(\.self)) { #expect(abs(first - second) < 1e-3) }
    }

    @Test func `separable classes are told apart, and shuffled labels are not`() throws {
        let inputs: [[Float]] = (0..<90).map { index in
            let first: Float = index % 3 == 0 ? 1 : 0
            return [first + Float(index) * 0.001, index % 3 == 1 ? 1 : 0]
        }
        let labels = (0..<90).map { $0 % 3 }
        let rows = try LogisticRegression(inputs: inputs, labels: labels, classes: 3).probabilities(inputs)
        #expect(rows.count == 90)
        for (row, label) in zip(rows, labels) { #expect(row.firstIndex(of: row.max() ?? 0) == label) }
        let mixed = (0..<90).map { $0 / 3 % 3 }
        let chance = try LogisticRegression(inputs: inputs, labels: mixed, classes: 3).probabilities(inputs)
        let hits = zip(chance, mixed).count { $0.firstIndex(of: $0.max() ?? 0) == $1 }
        #expect(hits < 50)
    }

    @Test func `what cannot be fitted is refused`() throws {
        #expect(throws: EvaluationError.self) { try LogisticRegression(inputs: [], labels: [], classes: 2) }
        #expect(throws: EvaluationError.self) { try LogisticRegression(inputs: [[1]], labels: [2], classes: 2) }
        #expect(throws: EvaluationError.self) {
            try LogisticRegression(inputs: [[1], [1, 2]], labels: [0, 1], classes: 2)
        }
        #expect(throws: EvaluationError.self) {
            try LogisticRegression(inputs: [[.nan], [1]], labels: [0, 1], classes: 2)
        }
        let model = try LogisticRegression(inputs: [[0], [1]], labels: [0, 1], classes: 2)
        #expect(throws: EvaluationError.self) { try model.probabilities([[1, 2]]) }
    }
}
