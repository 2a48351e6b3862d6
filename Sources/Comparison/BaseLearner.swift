import Evaluation

/// A learner of the stack.
protocol BaseLearner {
    var parameterCount: Int { get }
    /// Shares of the classes, `[N, classes]`.
    func probabilities(_ rows: [[Float]]) throws -> [[Double]]
}

/// Softmax of the margins.
struct MarginLearner: BaseLearner {
    let model: ClassicalModel
    var parameterCount: Int { model.parameterCount }

    func probabilities(_ rows: [[Float]]) throws -> [[Double]] {
        try model.scores(rows).map { TemperatureScaling.softmax($0) }
    }
}

/// Shares of the votes.
struct VoteLearner: BaseLearner {
    let model: ClassicalModel
    var parameterCount: Int { model.parameterCount }

    func probabilities(_ rows: [[Float]]) throws -> [[Double]] {
        try model.scores(rows).map { votes in
            let all = max(1, votes.reduce(0, +))
            return votes.map { $0 / all }
        }
    }
}

struct LogisticLearner: BaseLearner {
    let model: LogisticRegression
    let parameterCount: Int

    init(rows: [[Float]], labels: [Int], classes: Int, inverseRegularization: Double) throws {
        model = try LogisticRegression(
            inputs: rows, labels: labels, classes: classes, inverseRegularization: inverseRegularization)
        parameterCount = Self.parameterCount(width: rows.first?.count ?? 0, classes: classes)
    }

    /// Weights and intercepts, and the mean and deviation of each input.
    static func parameterCount(width: Int, classes: Int) -> Int { (width + 1) * classes + 2 * width }

    func probabilities(_ rows: [[Float]]) throws -> [[Double]] { try model.probabilities(rows) }
}

/// The learners with their settings, to be fitted on any part of the images.
struct BaseRecipe {
    private let vectors: ClassicalModel.Learner
    private let forest: ClassicalModel.Learner
    private let neighbours: ClassicalModel.Learner
    private let inverseRegularization: Double
    private let classes: Int
    let chosen: [String: Double]

    /// Chooses the open settings by fitting each on the training rows.
    init(
        inputs: [[Float]], labels: [Int], validation: (rows: [[Float]], labels: [Int]), classes: Int,
        settings: StackedClassifier.Settings, seed: UInt64
    ) throws {
        let features = Double(max(1, inputs.first?.count ?? 0))
        func best<Candidate>(_ candidates: [Candidate], _ learner: (Candidate) -> ClassicalModel.Learner) throws
            -> Candidate
        {
            try ValidationChoice.best(of: candidates, labels: validation.labels, classes: classes) { candidate in
                try ClassicalModel(learner(candidate), rows: inputs, labels: labels, classes: classes)
                    .scores(validation.rows)
            }
        }
        let kernel = try best(settings.costs.flatMap { cost in settings.gammas.map { (cost: cost, gamma: $0) } }) {
            .supportVectors(gamma: $0.gamma / features, cost: $0.cost)
        }
        let votes = try best(settings.neighbours) { .neighbours($0) }
        vectors = .supportVectors(gamma: kernel.gamma / features, cost: kernel.cost)
        forest = .forest(trees: settings.trees, depth: settings.depth, seed: seed)
        neighbours = .neighbours(votes)
        inverseRegularization = settings.inverseRegularization
        self.classes = classes
        chosen = ["cost": kernel.cost, "gamma": kernel.gamma, "neighbours": Double(votes)]
    }

    /// Support vectors, forest, neighbours, logistic regression.
    func fit(_ rows: [[Float]], labels: [Int]) throws -> [any BaseLearner] {
        func model(_ learner: ClassicalModel.Learner) throws -> ClassicalModel {
            try ClassicalModel(learner, rows: rows, labels: labels, classes: classes)
        }
        return [
            MarginLearner(model: try model(vectors)), VoteLearner(model: try model(forest)),
            VoteLearner(model: try model(neighbours)),
            try LogisticLearner(
                rows: rows, labels: labels, classes: classes, inverseRegularization: inverseRegularization),
        ]
    }
}
