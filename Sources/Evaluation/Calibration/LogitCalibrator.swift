import Foundation

/// How logits become probabilities: `softmax(z / T + b)`.
public struct LogitCalibrator: Sendable, Equatable, Codable {
    /// What is fitted.
    public enum Method: String, Sendable, Codable, CaseIterable {
        /// Nothing: the network's own softmax.
        case none
        /// `T` alone (Guo et al., ICML 2017, section 4.2).
        case temperature
        /// `T` and one bias a class (Alexandari, Kundaje and Shrikumar, ICML 2020, section 2.2: "bias-corrected
        /// temperature scaling").
        case biasCorrected = "bias-corrected"
    }

    public let method: Method
    /// Greater than 0.
    public let temperature: Double
    /// `[classes]`, added to the scaled logits.
    public let biases: [Double]

    public init(method: Method, temperature: Double, biases: [Double]) {
        (self.method, self.temperature, self.biases) = (method, temperature, biases)
    }

    /// Fits by least negative log-likelihood on answers to images that the network did not train on.
    ///
    /// Where no answer is wrong, the likelihood rises without end as the temperature falls to 0. Then the logits stay as
    /// they are, which after training with smoothed labels is on the modest side.
    ///
    /// - Throws: `EvaluationError` for no answers, uneven shapes, labels out of range or logits that are not finite.
    public init(fitting method: Method, to answers: [RawAnswer]) throws {
        let (logits, labels) = (answers.map(\.logits), answers.map(\.label))
        let temperature = try TemperatureScaling.fit(logits: logits, labels: labels)
        let unchanged = [Double](repeating: 0, count: logits[0].count)
        let isSeparable = answers.allSatisfy(\.isCorrect)
        switch method {
        case .none: self.init(method: method, temperature: 1, biases: unchanged)
        case .temperature: self.init(method: method, temperature: isSeparable ? 1 : temperature, biases: unchanged)
        case .biasCorrected where isSeparable: self.init(method: method, temperature: 1, biases: unchanged)
        case .biasCorrected:
            let fit = BiasCorrectedFit(logits: logits, labels: labels, temperature: temperature)
            self.init(method: method, temperature: fit.temperature, biases: fit.biases)
        }
    }

    /// Probabilities of one image, `[classes]`.
    ///
    /// - Precondition: One logit a class.
    public func probabilities(_ logits: [Double]) -> [Double] {
        precondition(logits.count == biases.count, "one logit a class")
        return TemperatureScaling.softmax(zip(logits, biases).map { $0 / temperature + $1 })
    }
}

/// Newton's method for inverse temperature and biases at once: the negative log-likelihood is convex in them.
struct BiasCorrectedFit {
    /// Keeps the sum of the biases, which no probability depends on, and biases of classes without images at 0.
    private static let ridge = 1e-4

    private(set) var temperature: Double
    private(set) var biases: [Double]

    /// - Precondition: Logits and labels have been checked.
    init(logits: [[Double]], labels: [Int], temperature start: Double) {
        let classes = logits[0].count
        var parameters = [1 / start] + [Double](repeating: 0, count: classes)
        var loss = Self.derivatives(parameters, logits, labels)
        for _ in 0..<50 {
            guard let step = LinearSystem.solve(loss.curvature, loss.slope) else { break }
            var length = 1.0
            var next = loss
            var candidate = parameters
            repeat {  // halves the step until the loss falls and the temperature stays in its range
                candidate = zip(parameters, step).map { $0 - length * $1 }
                let isInRange = candidate[0] > 0 && TemperatureScaling.range.contains(1 / candidate[0])
                next = isInRange ? Self.derivatives(candidate, logits, labels) : loss
                length /= 2
            } while next.value >= loss.value && length > 1e-6
            guard next.value < loss.value - 1e-12 else { break }
            (parameters, loss) = (candidate, next)
        }
        temperature = 1 / parameters[0]
        biases = Array(parameters.dropFirst())
    }

    private struct Derivatives {
        var value: Double
        var slope: [Double]
        var curvature: [[Double]]
    }

    /// Mean loss with its first and second derivatives: mean and covariance, under the answer's own probabilities `q`, of
    /// the features `(z_c, e_c)` of a class.
    private static func derivatives(_ parameters: [Double], _ logits: [[Double]], _ labels: [Int]) -> Derivatives {
        let classes = parameters.count - 1
        var sum = Derivatives(
            value: 0, slope: Array(repeating: 0, count: classes + 1),
            curvature: Array(repeating: Array(repeating: 0, count: classes + 1), count: classes + 1))
        for (row, label) in zip(logits, labels) {
            let q = TemperatureScaling.softmax((0..<classes).map { row[$0] * parameters[0] + parameters[$0 + 1] })
            sum.value -= log(max(q[label], 1e-300))
            let mean = zip(q, row).reduce(0) { $0 + $1.0 * $1.1 }
            sum.slope[0] += mean - row[label]
            for c in 0..<classes {
                sum.slope[c + 1] += q[c] - (c == label ? 1 : 0)
                sum.curvature[0][0] += q[c] * (row[c] - mean) * (row[c] - mean)
                sum.curvature[0][c + 1] += q[c] * (row[c] - mean)
                sum.curvature[c + 1][0] += q[c] * (row[c] - mean)
                for d in 0..<classes { sum.curvature[c + 1][d + 1] += q[c] * ((c == d ? 1 : 0) - q[d]) }
            }
        }
        let count = Double(labels.count)
        sum.value /= count
        for i in 0...classes {
            sum.slope[i] /= count
            for j in 0...classes { sum.curvature[i][j] /= count }
            guard i > 0 else { continue }
            sum.value += ridge / 2 * parameters[i] * parameters[i]
            sum.slope[i] += ridge * parameters[i]
            sum.curvature[i][i] += ridge
        }
        return sum
    }
}

/// Small dense systems of equations.
enum LinearSystem {
    /// Gaussian elimination with partial pivoting (Golub and Van Loan, "Matrix Computations", 4th ed., section 3.4).
    ///
    /// - Returns: `nil` where the matrix is singular to working precision.
    static func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double]? {
        var rows = zip(matrix, right).map { $0 + [$1] }
        let size = rows.count
        for column in 0..<size {
            guard let pivot = (column..<size).max(by: { abs(rows[$0][column]) < abs(rows[$1][column]) }),
                abs(rows[pivot][column]) > 1e-14
            else { return nil }
            rows.swapAt(column, pivot)
            for row in (column + 1)..<max(size, column + 1) {
                let factor = rows[row][column] / rows[column][column]
                for place in column...size { rows[row][place] -= factor * rows[column][place] }
            }
        }
        var solution = [Double](repeating: 0, count: size)
        for row in (0..<size).reversed() {
            let known = ((row + 1)..<max(size, row + 1)).reduce(0) { $0 + rows[row][$1] * solution[$1] }
            solution[row] = (rows[row][size] - known) / rows[row][row]
        }
        return solution
    }
}
