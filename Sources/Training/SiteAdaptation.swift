import Evaluation
import Foundation
import Packaging

/// Fits a released model to the images of one laboratory, with a few labelled ones.
///
/// Three ways are compared by cross-validation within the images that are learnt from: a new temperature alone, the
/// classifier, and the last stages with it. The one of least log loss is taken, then measured once on the images that
/// were held back, beside the released model. The embedding changes only where the last stages win.
public struct SiteAdaptation {
    /// What is changed in the network.
    public enum Method: String, Codable, Sendable, CaseIterable {
        /// Nothing but the temperature.
        case temperature
        /// The linear classifier.
        case classifier
        /// The last block, the head and the classifier.
        case lastStages = "last-stages"
    }

    /// Parts of the cross-validation within the images that are learnt from.
    static let innerFolds = 3

    let package: ModelPackage
    let images: PreparedImages
    let learning: [Int]
    let heldBack: [Int]
    let seed: UInt64
    let observe: (String) -> Void
    let shouldStop: () -> Bool
    private let released: ReleasedNetwork

    /// - Parameters:
    ///   - images: prepared with the package's own steps.
    ///   - learning: numbers of the images that are learnt from.
    ///   - heldBack: numbers of those that judge.
    ///   - observe: told what is being done, in words.
    /// - Throws: ``TrainingError``, `NetworkError`.
    public init(
        package: ModelPackage, images: PreparedImages, learning: [Int], heldBack: [Int], seed: UInt64,
        observe: @escaping (String) -> Void = { _ in }, shouldStop: @escaping () -> Bool = { false }
    ) throws {
        self.package = package
        self.images = images
        self.learning = learning
        self.heldBack = heldBack
        self.seed = seed
        self.observe = observe
        self.shouldStop = shouldStop
        released = try ReleasedNetwork(package)
    }

    /// An adapted network with all that a package of it needs.
    public struct Outcome {
        let network: TrainableNetwork
        let temperature: Double
        let conformalThresholds: [Double]
        /// Answers for the images that were learnt from, each by a network that had not seen it.
        let outOfFold: Predictions
        public let report: SiteAdaptationReport
    }

    /// Compares, chooses, tunes and measures. Blocks for minutes.
    public func run() throws -> Outcome {
        let before = try answers(of: TrainableNetwork(graph: released.graph, weights: released.weights))
        var candidates: [(method: Method, outOfFold: Predictions)] = []
        for method in Method.allCases {
            observe("trying: \(method.words)")
            candidates.append((method, try outOfFold(method)))
        }
        let scored = try candidates.map { ($0, try Self.logLoss($0.outOfFold)) }
        // Methods stand in order of how much they change: a later one must be better, not equal.
        let best = scored.reduce(scored[0]) { $1.1 < $0.1 ? $1 : $0 }
        let (method, outOfFold) = best.0
        observe("chosen: \(method.words)")
        let network = try tuned(method, on: learning)
        let temperature = try TemperatureScaling.fit(logits: outOfFold.logits, labels: outOfFold.labels)
        let coverage = package.description.conformal.coverage
        let thresholds = try ConformalPrediction.thresholds(
            probabilities: outOfFold.probabilities(temperature: temperature), labels: outOfFold.labels,
            coverage: coverage)
        let report = SiteAdaptationReport(
            method: method, candidates: scored.map { .init(method: $0.0.method, logLoss: $0.1) },
            learningPerClass: counts(learning), heldBackPerClass: counts(heldBack),
            before: try figures(before, temperature: package.description.calibration.temperature),
            after: try figures(answers(of: network), temperature: temperature),
            learningCurve: try learningCurve(method, temperature: temperature))
        return Outcome(
            network: network, temperature: temperature, conformalThresholds: thresholds, outOfFold: outOfFold,
            report: report)
    }

    private func counts(_ indices: [Int]) -> [String: Int] {
        Dictionary(indices.map { (images.classKeys[images.labels[$0]], 1) }, uniquingKeysWith: +)
    }

    private func tuned(_ method: Method, on training: [Int]) throws -> TrainableNetwork {
        guard let schedule = method.schedule(classifierStage: released.classifierStage) else {
            return try TrainableNetwork(graph: released.graph, weights: released.weights)
        }
        return try StageTuning(network: released, images: images, seed: seed)
            .tuned(schedule, on: training, shouldStop: shouldStop)
    }

    /// Answers for the images that are learnt from, each by a network tuned on the other parts.
    private func outOfFold(_ method: Method) throws -> Predictions {
        let folds = innerParts()
        var rows: [(index: Int, logits: [Double], embedding: [Float])] = []
        for test in folds {
            let held = Set(test)
            let network = try tuned(method, on: learning.filter { !held.contains($0) })
            let part = try NetworkPredictor(network: network).predict(
                cache: images.cache, labels: images.labels, indices: test)
            rows += zip(part.indices, zip(part.logits, part.embeddings)).map { ($0, $1.0, $1.1) }
        }
        rows.sort { $0.index < $1.index }
        return Predictions(
            indices: rows.map(\.index), labels: rows.map { images.labels[$0.index] }, logits: rows.map(\.logits),
            embeddings: rows.map(\.embedding))
    }

    /// Every class dealt over the parts in turn, duplicates together.
    private func innerParts() -> [[Int]] {
        var parts = [[Int]](repeating: [], count: Self.innerFolds)
        var partOfGroup: [String: Int] = [:]
        var next = [Int](repeating: 0, count: images.classKeys.count)
        for index in learning {
            let (label, group) = (images.labels[index], images.items[index].group)
            let part = partOfGroup[group] ?? next[label] % Self.innerFolds
            if partOfGroup.updateValue(part, forKey: group) == nil { next[label] += 1 }
            parts[part].append(index)
        }
        return parts.filter { !$0.isEmpty }
    }

    private func answers(of network: TrainableNetwork) throws -> Predictions {
        try NetworkPredictor(network: network).predict(cache: images.cache, labels: images.labels, indices: heldBack)
    }

    private func figures(_ answers: Predictions, temperature: Double) throws -> SiteAdaptationReport.Figures {
        let labelled = answers.labelled(images.items, temperature: temperature)
        return try SiteAdaptationReport.Figures(
            ClassificationMetrics(labelled, classKeys: images.classKeys),
            logLoss: answers.logLoss(temperature: temperature), labelled: labelled)
    }

    /// Log loss after the best temperature, by which methods are compared.
    private static func logLoss(_ answers: Predictions) throws -> Double {
        answers.logLoss(temperature: try TemperatureScaling.fit(logits: answers.logits, labels: answers.labels))
    }

    /// The chosen method with a quarter, half and all of the images, measured on those held back.
    private func learningCurve(_ method: Method, temperature: Double) throws -> [SiteAdaptationReport.CurvePoint] {
        try [4, 2, 1].compactMap { divisor in
            let byClass = Dictionary(grouping: learning) { images.labels[$0] }.sorted { $0.key < $1.key }
            let part = byClass.flatMap { _, indices in indices.enumerated().filter { $0.offset % divisor == 0 } }
                .map(\.element).sorted()
            guard part.count >= 2 * byClass.count else { return nil }
            observe("learning from \(part.count) images")
            let answers = try answers(of: tuned(method, on: part))
            return .init(images: part.count, logLoss: answers.logLoss(temperature: temperature))
        }
    }
}

extension SiteAdaptation.Method {
    /// For people.
    public var words: String {
        switch self {
        case .temperature: "a new temperature, the network as it is"
        case .classifier: "a new classifier"
        case .lastStages: "the last block, the head and the classifier"
        }
    }

    /// How it is trained; nil where nothing is. Deeper layers hold what was learnt from thousands of images and move
    /// less.
    func schedule(classifierStage: Int) -> StageTuning.Schedule? {
        switch self {
        case .temperature: nil
        case .classifier: .init(learningRate: 3e-3, firstStage: classifierStage)
        case .lastStages: .init(learningRate: 3e-4, firstStage: max(0, classifierStage - 2))
        }
    }
}

extension Predictions {
    /// Mean negative log-likelihood of the labels in nats.
    func logLoss(temperature: Double) -> Double {
        let losses = zip(probabilities(temperature: temperature), labels).map { -log(max($0[$1], 1e-12)) }
        return losses.reduce(0, +) / Double(max(1, losses.count))
    }
}
