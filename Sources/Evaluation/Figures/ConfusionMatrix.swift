import Findings

/// Counts of true against predicted classes, and the figures that follow from them.
///
/// Definitions: Sokolova and Lapalme, "A systematic analysis of performance measures for classification tasks",
/// Information Processing & Management 45 (2009), tables 2 and 3. A figure whose denominator is 0 is `nil`, never 0.
public struct ConfusionMatrix: Sendable, Equatable {
    /// `[classes, classes]`, rows are true classes, columns predicted ones.
    public private(set) var counts: [[Int]]

    /// - Parameter classes: Number of classes, at least 1.
    public init(classes: Int) {
        precondition(classes > 0, "a confusion matrix needs a class")
        counts = Array(repeating: Array(repeating: 0, count: classes), count: classes)
    }

    /// - Parameters:
    ///   - labels: True classes, `[N]`.
    ///   - predicted: Predicted classes, `[N]`.
    ///   - classes: Number of classes.
    /// - Throws: `EvaluationError` for empty input, other lengths, or a class outside `0..<classes`.
    public init(labels: [Int], predicted: [Int], classes: Int) throws {
        guard !labels.isEmpty else { throw EvaluationError(code: .empty, message: "no labels to count") }
        guard labels.count == predicted.count else {
            throw EvaluationError(
                code: .shape, message: "\(labels.count) labels, but \(predicted.count) predicted classes")
        }
        guard classes > 0 else { throw EvaluationError(code: .shape, message: "expected at least one class") }
        self.init(classes: classes)
        for row in labels.indices {
            try validate(label: labels[row], classes: classes, row: row)
            try validate(label: predicted[row], classes: classes, row: row)
            counts[labels[row]][predicted[row]] += 1
        }
    }

    /// Counts `times` more images of class `label` that were predicted as `predicted`.
    ///
    /// - Precondition: Both are indices of classes.
    public mutating func add(label: Int, predicted: Int, times: Int = 1) {
        counts[label][predicted] += times
    }

    /// Number of classes.
    public var classes: Int { counts.count }
    /// Number of images.
    public var total: Int { counts.reduce(0) { $0 + $1.reduce(0, +) } }
    /// Number of images on the diagonal.
    public var correct: Int { counts.indices.reduce(0) { $0 + counts[$1][$1] } }
    /// Share of images on the diagonal.
    public var accuracy: Double? { ratio(correct, total) }

    /// Number of images whose true class is `index`.
    public func support(_ index: Int) -> Int { counts[index].reduce(0, +) }
    /// Number of images predicted as `index`.
    public func predictedCount(_ index: Int) -> Int { counts.reduce(0) { $0 + $1[index] } }

    /// Share of the images predicted as `index` that are of that class.
    public func precision(_ index: Int) -> Double? { ratio(counts[index][index], predictedCount(index)) }
    /// Share of the images of class `index` that are predicted so (sensitivity).
    public func recall(_ index: Int) -> Double? { ratio(counts[index][index], support(index)) }
    /// Share of the images of other classes that are not predicted as `index`.
    public func specificity(_ index: Int) -> Double? {
        let others = total - support(index)
        return ratio(others - (predictedCount(index) - counts[index][index]), others)
    }
    /// Harmonic mean of precision and recall, `2TP / (2TP + FP + FN)`; `nil` when the class neither occurs nor is predicted.
    public func f1(_ index: Int) -> Double? {
        ratio(2 * counts[index][index], support(index) + predictedCount(index))
    }

    /// Mean of the F1 of the classes that occur or are predicted (the definition of scikit-learn's `f1_score`,
    /// and "averaged F1" of Opitz and Burst, arXiv:1911.03347).
    public var macroF1: Double? {
        let values = counts.indices.compactMap { f1($0) }
        return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    /// Share of the malignant images that are predicted as any malignant class.
    public var malignantSensitivity: Double? { specificity(SmearClass.benign.index) }
    /// Share of the benign images that are predicted as benign.
    public var benignSpecificity: Double? { recall(SmearClass.benign.index) }

    private func ratio(_ part: Int, _ whole: Int) -> Double? {
        whole == 0 ? nil : Double(part) / Double(whole)
    }
}
