import Foundation

/// A linear correction of a classifier's logits, learned from few examples: `α z + W x + b` for the logits `z` and further
/// features `x` of the same image.
///
/// Multinomial logistic regression with an offset. It minimises the mean cross entropy, every class weighing the same,
/// plus `(‖W‖² + (α − 1)²) / (2 · inverseRegularization · N)` on standardised features, so that without evidence the
/// logits stay as they are. A class without an example keeps its own logit, scaled.
public struct LogisticCorrection: Sendable, Equatable {
    /// α, over 0 where the logits are of any use.
    public let scale: Double
    /// W, `[classes, features]`, for features as they are given.
    public let weight: [[Double]]
    /// b, `[classes]`.
    public let bias: [Double]

    /// - Parameters:
    ///   - features: `[N, features]`.
    ///   - logits: `[N, classes]`.
    ///   - labels: `[N]`.
    ///   - inverseRegularization: Above 0; larger follows the examples more closely.
    /// - Throws: `EvaluationError` for empty or uneven input, or values that are no numbers.
    public init(features: [[Float]], logits: [[Double]], labels: [Int], inverseRegularization: Double) throws {
        let (width, classes) = try Self.sizes(features, logits, labels)
        guard inverseRegularization > 0 else {
            throw EvaluationError(
                code: .parameter, message: "the inverse regularisation \(inverseRegularization) is not above 0")
        }
        let standard = Standardization(features)
        let objective = CorrectionObjective(
            features: standard.apply(to: features), logits: logits, labels: labels, width: width + 1, classes: classes,
            penalty: 1 / (inverseRegularization * Double(labels.count)))
        var start = [Double](repeating: 0, count: 1 + classes * (width + 1))
        start[0] = 1
        let found = LimitedMemoryBFGS().minimum(from: start, of: objective.valueAndGradient)
        scale = found[0]
        var (weight, bias) = ([[Double]](), [Double]())
        for label in 0..<classes {
            let row = found[(1 + label * (width + 1))..<(1 + (label + 1) * (width + 1))].map { $0 }
            let scaled = (0..<width).map { row[$0] / standard.deviation[$0] }
            weight.append(scaled)
            bias.append(row[width] - zip(scaled, standard.mean).reduce(0) { $0 + $1.0 * $1.1 })
        }
        self.weight = weight
        self.bias = bias
    }

    /// Corrected logits, `[N, classes]`.
    /// - Precondition: Features and logits have the widths that the correction was learned with.
    public func apply(features: [[Float]], logits: [[Double]]) -> [[Double]] {
        zip(features, logits).map { features, logits in
            precondition(logits.count == bias.count, "\(logits.count) logits for \(bias.count) classes")
            let values = features.map(Double.init)
            return logits.indices.map { scale * logits[$0] + weight[$0].dot(values) + bias[$0] }
        }
    }

    private static func sizes(_ features: [[Float]], _ logits: [[Double]], _ labels: [Int]) throws -> (Int, Int) {
        guard let width = features.first?.count, let classes = logits.first?.count, width > 0, classes > 1 else {
            throw EvaluationError(code: .empty, message: "no examples to learn a correction from")
        }
        guard features.count == labels.count, logits.count == labels.count else {
            throw EvaluationError(
                code: .shape,
                message: "\(features.count) features, \(logits.count) logits and \(labels.count) labels do not fit")
        }
        for row in labels.indices {
            try validate(label: labels[row], classes: classes, row: row)
            guard features[row].count == width, logits[row].count == classes else {
                throw EvaluationError(
                    code: .shape, message: "expected \(width) features and \(classes) logits", row: row)
            }
            guard features[row].allSatisfy(\.isFinite), logits[row].allSatisfy(\.isFinite) else {
                throw EvaluationError(code: .notAProbability, message: "a feature or logit is not finite", row: row)
            }
        }
        return (width, classes)
    }
}

/// The function that is minimised, of α, then a row of W and its intercept for each class.
private struct CorrectionObjective {
    /// `[N, width]` in one array, standardised, a 1 last in each row.
    let features: [Double]
    let logits: [[Double]]
    let labels: [Int]
    let width: Int
    let classes: Int
    let penalty: Double
    private let exampleWeights: [Double]
    private let isPresent: [Bool]

    init(features: [Double], logits: [[Double]], labels: [Int], width: Int, classes: Int, penalty: Double) {
        (self.features, self.logits, self.labels) = (features, logits, labels)
        (self.width, self.classes, self.penalty) = (width, classes, penalty)
        var counts = [Int](repeating: 0, count: classes)
        for label in labels { counts[label] += 1 }
        isPresent = counts.map { $0 > 0 }
        let present = Double(counts.count { $0 > 0 })
        exampleWeights = labels.map { 1 / (present * Double(counts[$0])) }
    }

    func valueAndGradient(_ parameters: [Double]) -> (value: Double, gradient: [Double]) {
        var gradient = [Double](repeating: 0, count: parameters.count)
        var loss = 0.0
        for (row, label) in labels.enumerated() {
            let scores = (0..<classes).map { label in
                parameters[0] * logits[row][label]
                    + (isPresent[label]
                        ? InnerProduct.of(
                            features, from: row * width, parameters, from: 1 + label * width, count: width) : 0)
            }
            var errors = TemperatureScaling.softmax(scores)
            loss -= exampleWeights[row] * log(max(errors[label], 1e-300))
            errors[label] -= 1
            for label in 0..<classes {
                let error = exampleWeights[row] * errors[label]
                gradient[0] += error * logits[row][label]
                guard isPresent[label] else { continue }
                InnerProduct.add(
                    error, times: features, from: row * width, to: &gradient, from: 1 + label * width, count: width)
            }
        }
        var squares = (parameters[0] - 1) * (parameters[0] - 1)
        gradient[0] += penalty * (parameters[0] - 1)
        for index in 1..<parameters.count where (index - 1) % width != width - 1 {
            squares += parameters[index] * parameters[index]
            gradient[index] += penalty * parameters[index]
        }
        return (loss + penalty * squares / 2, gradient)
    }
}
