import Foundation

/// One number that makes a network's confidences honest without changing its answers.
///
/// Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, section 4.2, equation 9:
/// `q = softmax(z / T)`, with `T` minimising the negative log-likelihood on held-out images.
public enum TemperatureScaling {
    /// Temperatures outside are not considered: a separable set would drive `T` to 0.
    public static let range: ClosedRange<Double> = 0.05...20

    /// Probabilities of `logits` at `temperature`, `[classes]`.
    ///
    /// - Precondition: `temperature > 0`.
    public static func softmax<Scalar: BinaryFloatingPoint>(_ logits: [Scalar], temperature: Double = 1) -> [Double] {
        precondition(temperature > 0, "temperature \(temperature) is not positive")
        let scaled = logits.map { Double($0) / temperature }
        let largest = scaled.max() ?? 0
        let exponentials = scaled.map { exp($0 - largest) }
        let sum = exponentials.reduce(0, +)
        return exponentials.map { $0 / sum }
    }

    /// The temperature of least negative log-likelihood, within `range`.
    ///
    /// In `β = 1/T` the loss is convex with derivative `mean(E_q[z] - z_label)`, so halving an interval around
    /// the root of that derivative finds the minimum.
    ///
    /// - Parameters:
    ///   - logits: `[N, classes]`.
    ///   - labels: True classes, `[N]`.
    /// - Throws: `EvaluationError` for empty input, uneven shapes, a label out of range or logits that are not finite.
    public static func fit<Scalar: BinaryFloatingPoint>(logits: [[Scalar]], labels: [Int]) throws -> Double {
        let rows = try validated(logits: logits, labels: labels)
        func slope(_ inverse: Double) -> Double {
            var sum = 0.0
            for (row, label) in zip(rows, labels) {
                let largest = (row.max() ?? 0) * inverse
                var weights = 0.0
                var mean = 0.0
                for value in row {
                    let weight = exp(value * inverse - largest)
                    weights += weight
                    mean += weight * value
                }
                sum += mean / weights - row[label]
            }
            return sum
        }
        var lower = 1 / range.upperBound
        var upper = 1 / range.lowerBound
        if slope(lower) >= 0 { return range.upperBound }
        if slope(upper) <= 0 { return range.lowerBound }
        for _ in 0..<60 {
            let middle = (lower + upper) / 2
            if slope(middle) < 0 { lower = middle } else { upper = middle }
        }
        return 2 / (lower + upper)
    }

    private static func validated<Scalar: BinaryFloatingPoint>(logits: [[Scalar]], labels: [Int]) throws -> [[Double]] {
        guard let classes = logits.first?.count, classes > 0 else {
            throw EvaluationError(code: .empty, message: "no logits to calibrate on")
        }
        guard logits.count == labels.count else {
            throw EvaluationError(code: .shape, message: "\(logits.count) rows of logits, but \(labels.count) labels")
        }
        return try logits.enumerated().map { index, row in
            guard row.count == classes else {
                throw EvaluationError(code: .shape, message: "expected \(classes) logits, got \(row.count)", row: index)
            }
            guard row.allSatisfy(\.isFinite) else {
                throw EvaluationError(code: .notAProbability, message: "a logit is not finite", row: index)
            }
            try validate(label: labels[index], classes: classes, row: index)
            return row.map { Double($0) }
        }
    }
}
