import CLearning
import NativeCalls

/// Calls into CLearning, with status and text turned into `ComparisonError`.
enum NativeLearning {
    static func call(_ body: (Native.ErrorText) -> CSStatus) throws(ComparisonError) {
        try Native.call(body) { ComparisonError(.library, "OpenCV: \($1)") }
    }
}

/// A classifier of OpenCV over rows of features. Not `Sendable`: one thread at a time.
final class ClassicalModel {
    /// The kinds of classifier.
    enum Learner {
        /// One against the rest (Rifkin and Klautau 2004) with the kernel exp(−γ‖x − y‖²).
        case supportVectors(gamma: Double, cost: Double)
        /// Breiman 2001.
        case forest(trees: Int, depth: Int, seed: UInt64)
        /// Cover and Hart 1967.
        case neighbours(Int)
    }

    private let handle: OpaquePointer
    private let width: Int
    private let classes: Int

    /// - Parameters:
    ///   - rows: `[N, features]`, at least one.
    ///   - labels: `[N]`, 0 up to `classes`.
    /// - Throws: `ComparisonError` when OpenCV cannot learn.
    init(_ learner: Learner, rows: [[Float]], labels: [Int], classes: Int) throws {
        guard let width = rows.first?.count, rows.count == labels.count else {
            throw ComparisonError(.usage, "\(rows.count) rows and \(labels.count) labels do not fit")
        }
        let values = Array(rows.joined())
        let labels = labels.map(Int32.init)
        let (count, columns, kinds) = (Int32(rows.count), Int32(width), Int32(classes))
        var made: OpaquePointer?
        try NativeLearning.call { error in
            switch learner {
            case .supportVectors(let gamma, let cost):
                cl_svm(values, labels, count, columns, kinds, gamma, cost, &made, error)
            case .forest(let trees, let depth, let seed):
                cl_forest(
                    values, labels, count, columns, kinds, Int32(trees), Int32(depth), seed, &made, error)
            case .neighbours(let neighbours):
                cl_neighbours(values, labels, count, columns, kinds, Int32(neighbours), &made, error)
            }
        }
        guard let made else { throw ComparisonError(.library, "OpenCV made no model") }
        handle = made
        self.width = width
        self.classes = classes
    }

    deinit { cl_model_free(handle) }

    /// The numbers that the model stores.
    var parameterCount: Int { Int(cl_model_parameters(handle)) }

    /// Margins of support vector machines, numbers of votes of the others, `[N, classes]`.
    func scores(_ rows: [[Float]]) throws -> [[Double]] {
        guard !rows.isEmpty else { return [] }
        let values = Array(rows.joined())
        guard values.count == rows.count * width else {
            throw ComparisonError(.usage, "the model reads rows of \(width) features")
        }
        var scores = [Double](repeating: 0, count: rows.count * classes)
        try NativeLearning.call { cl_model_scores(handle, values, Int32(rows.count), &scores, $0) }
        return rows.indices.map { Array(scores[$0 * classes..<($0 + 1) * classes]) }
    }
}
