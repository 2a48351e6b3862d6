import Foundation

/// Multinomial logistic regression on standardised inputs: how much of the answer lies open in them, for a linear reader.
///
/// Minimises the mean cross entropy plus `‖W‖² / (2 · inverseRegularization · N)`, intercepts left free (Hastie, Tibshirani
/// and Friedman, *The Elements of Statistical Learning*, 2nd edition 2009, section 4.4). Takes no chances.
public struct LogisticRegression: Sendable {
    /// Of the training inputs.
    private let standard: Standardization
    /// `[classes, features + 1]`, the intercept last in each row.
    private let weights: [Double]
    private let classes: Int

    /// - Parameters:
    ///   - inputs: `[N, features]`.
    ///   - labels: `[N]`, 0 up to `classes`.
    ///   - classes: At least 2.
    ///   - inverseRegularization: Above 0; larger follows the training inputs more closely.
    /// - Throws: `EvaluationError` for empty or uneven inputs, values that are no numbers, or a label out of range.
    public init(inputs: [[Float]], labels: [Int], classes: Int, inverseRegularization: Double = 1) throws {
        guard let width = inputs.first?.count, width > 0 else {
            throw EvaluationError(code: .empty, message: "no inputs to fit")
        }
        guard inputs.count == labels.count, classes > 1, inverseRegularization > 0 else {
            throw EvaluationError(
                code: .shape,
                message: "\(inputs.count) inputs and \(labels.count) labels of \(classes) classes do not fit")
        }
        for (row, label) in labels.enumerated() { try validate(label: label, classes: classes, row: row) }
        try Self.check(inputs, width: width)
        standard = Standardization(inputs)
        self.classes = classes
        let rows = standard.apply(to: inputs)
        let objective = Objective(
            rows: rows, labels: labels, width: width + 1, classes: classes,
            penalty: 1 / (inverseRegularization * Double(inputs.count)))
        weights = LimitedMemoryBFGS().minimum(
            from: [Double](repeating: 0, count: (width + 1) * classes), of: objective.valueAndGradient)
    }

    /// Probabilities of the classes, `[N, classes]`.
    /// - Throws: `EvaluationError` for inputs of another width or values that are no numbers.
    public func probabilities(_ inputs: [[Float]]) throws -> [[Double]] {
        try Self.check(inputs, width: standard.mean.count)
        let rows = standard.apply(to: inputs)
        var scores = [Double](repeating: 0, count: classes)
        return inputs.indices.map { row in
            Self.score(rows, row: row, width: standard.mean.count + 1, weights: weights, into: &scores)
            return TemperatureScaling.softmax(scores)
        }
    }

    private static func check(_ inputs: [[Float]], width: Int) throws {
        for (row, input) in inputs.enumerated() {
            guard input.count == width else {
                throw EvaluationError(code: .shape, message: "expected \(width) features, got \(input.count)", row: row)
            }
            guard input.allSatisfy(\.isFinite) else {
                throw EvaluationError(code: .notAProbability, message: "a feature is not finite", row: row)
            }
        }
    }

    fileprivate static func score(
        _ rows: [Double], row: Int, width: Int, weights: [Double], into scores: inout [Double]
    ) {
        for label in scores.indices {
            scores[label] = InnerProduct.of(rows, from: row * width, weights, from: label * width, count: width)
        }
    }
}

/// The function that is minimised.
private struct Objective {
    let rows: [Double]
    let labels: [Int]
    /// Features and the intercept.
    let width: Int
    let classes: Int
    let penalty: Double

    func valueAndGradient(_ weights: [Double]) -> (value: Double, gradient: [Double]) {
        var gradient = [Double](repeating: 0, count: weights.count)
        var loss = 0.0
        var scores = [Double](repeating: 0, count: classes)
        for (row, label) in labels.enumerated() {
            LogisticRegression.score(rows, row: row, width: width, weights: weights, into: &scores)
            var errors = TemperatureScaling.softmax(scores)
            loss -= log(max(errors[label], 1e-300))
            errors[label] -= 1
            for label in 0..<classes {
                InnerProduct.add(
                    errors[label], times: rows, from: row * width, to: &gradient, from: label * width, count: width)
            }
        }
        let count = Double(labels.count)
        var squares = 0.0
        for index in weights.indices {
            gradient[index] /= count
            guard (index + 1) % width != 0 else { continue }
            squares += weights[index] * weights[index]
            gradient[index] += penalty * weights[index]
        }
        return (loss / count + penalty * squares / 2, gradient)
    }
}
