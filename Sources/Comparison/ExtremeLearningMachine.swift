import CLearning
import Evaluation
import Randomness

/// A regularised extreme learning machine (Huang, Zhou, Ding and Zhang 2012): a hidden layer of random weights that stay as
/// they are, and output weights of least squares with a ridge, in closed form.
package struct ExtremeLearningMachine {
    struct Settings: Codable, Sendable {
        var nodes = 1000
        /// Half the range of the uniform hidden weights, times the root of the number of inputs; of the biases too.
        var spread = 3.0
        /// Inverse strengths of the ridge, the paper's C, that validation chooses among.
        var costs = [0.01, 0.1, 1, 10, 100, 1000]
    }

    private let standard: Standardization
    private let hidden: HiddenLayer
    /// `[nodes, classes]`.
    private let output: [Float]
    private let classes: Int
    let cost: Double

    /// - Parameters:
    ///   - rows: `[N, features]` of the training images.
    ///   - validation: Rows and labels that the ridge is chosen by.
    init(
        rows: [[Float]], labels: [Int], validation: (rows: [[Float]], labels: [Int]), classes: Int, settings: Settings,
        seed: UInt64
    ) throws {
        let standard = Standardization(rows)
        let hidden = HiddenLayer(width: standard.mean.count, settings: settings, seed: seed)
        let activations = try hidden.activations(rows.map(standard.standardized))
        // As in the paper, the wanted output of a class is 1 and that of the others -1.
        let targets = labels.flatMap { label in (0..<classes).map { $0 == label ? Float(1) : -1 } }
        let solutions = try Self.outputWeights(
            hidden: activations, targets: targets, nodes: settings.nodes, outputs: classes, costs: settings.costs)
        let held = try hidden.activations(validation.rows.map(standard.standardized))
        let best = try ValidationChoice.best(
            of: Array(settings.costs.indices), labels: validation.labels, classes: classes
        ) { Self.scores(held, weights: solutions[$0], nodes: settings.nodes, classes: classes) }
        self.standard = standard
        self.hidden = hidden
        output = solutions[best]
        self.classes = classes
        cost = settings.costs[best]
    }

    var parameterCount: Int { 2 * standard.mean.count + hidden.parameterCount + output.count }

    /// Near 1 for the class and near -1 for the others, `[N, classes]`.
    func scores(_ rows: [[Float]]) throws -> [[Double]] {
        Self.scores(
            try hidden.activations(rows.map(standard.standardized)), weights: output, nodes: hidden.nodes,
            classes: classes)
    }

    /// `(I / C + HᵀH)⁻¹ HᵀT`, the paper's solution where there are more images than hidden nodes, for each C.
    /// - Parameters:
    ///   - hidden: H, `[N, nodes]`.
    ///   - targets: T, `[N, outputs]`.
    /// - Returns: `[costs][nodes * outputs]`, row-major.
    package static func outputWeights(hidden: [Float], targets: [Float], nodes: Int, outputs: Int, costs: [Double])
        throws
        -> [[Float]]
    {
        let size = nodes * outputs
        var weights = [Float](repeating: 0, count: costs.count * size)
        try NativeLearning.call {
            cl_ridge(
                hidden, targets, Int32(hidden.count / nodes), Int32(nodes), Int32(outputs), costs, Int32(costs.count),
                &weights, $0)
        }
        return costs.indices.map { Array(weights[$0 * size..<($0 + 1) * size]) }
    }

    private static func scores(_ activations: [Float], weights: [Float], nodes: Int, classes: Int) -> [[Double]] {
        stride(from: 0, to: activations.count, by: nodes).map { start in
            var sums = [Double](repeating: 0, count: classes)
            for node in 0..<nodes {
                let activation = Double(activations[start + node])
                for label in 0..<classes { sums[label] += activation * Double(weights[node * classes + label]) }
            }
            return sums
        }
    }
}

/// The random layer, which is never trained.
private struct HiddenLayer {
    let nodes: Int
    /// `[features, nodes]`.
    private let weights: [Float]
    private let biases: [Float]
    private let width: Int

    init(width: Int, settings: ExtremeLearningMachine.Settings, seed: UInt64) {
        var generator = SplitMix64(seed: seed, 0xE1)
        let scale = settings.spread / Double(max(1, width)).squareRoot()
        weights = (0..<width * settings.nodes).map { _ in Float(scale * (2 * generator.nextUnit() - 1)) }
        biases = (0..<settings.nodes).map { _ in Float(settings.spread * (2 * generator.nextUnit() - 1)) }
        nodes = settings.nodes
        self.width = width
    }

    var parameterCount: Int { weights.count + biases.count }

    /// Logistic function of the weighted sums, `[N, nodes]`.
    func activations(_ rows: [[Float]]) throws -> [Float] {
        guard !rows.isEmpty else { return [] }
        var activations = [Float](repeating: 0, count: rows.count * nodes)
        let values = Array(rows.joined())
        try NativeLearning.call {
            cl_hidden_layer(
                values, Int32(rows.count), Int32(width), weights, biases, Int32(nodes), &activations, $0)
        }
        return activations
    }
}
