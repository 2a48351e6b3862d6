import Evaluation
import Foundation
import Networks
import Packaging
import Tensors

/// Fits a released model to the images of one laboratory, with a few labelled ones.
///
/// The network itself stays as it is. Its logits get a linear correction from the spatial means of one of its stages
/// (`LogisticCorrection`), or only a new temperature: which stage, and how strongly it is held back, is chosen by
/// cross-validation among the images that are learned from. The result is measured once on the images held back, beside
/// the released model. Embedding and novelty do not change.
public struct SiteAdaptation {
    /// Parts of the cross-validation within the images that are learned from.
    static let innerFolds = 4
    /// Orientations in which an image is learned from.
    static let views = 4
    static let inverseRegularizations = [0.001, 0.01, 0.1]

    let package: ModelPackage
    let images: PreparedImages
    let learning: [Int]
    let heldBack: [Int]
    /// Images held back of classes that no image was learned from: neither model is judged on them.
    private let notLearnt: [Int]
    private let released: ReleasedNetwork
    let features: SiteFeatures
    private let observe: (String) -> Void

    /// Runs the released network over all images. Blocks for about 20 ms an image.
    /// - Parameters:
    ///   - images: Prepared with the package's own steps.
    ///   - learning: The indices of the images that are learned from.
    ///   - heldBack: The indices of the images that are held back to judge.
    ///   - observe: Told what is being done, in words.
    /// - Throws: `TrainingError`, `NetworkError`.
    public init(
        package: ModelPackage, images: PreparedImages, learning: [Int], heldBack: [Int], seed: UInt64,
        observe: @escaping (String) -> Void = { _ in }
    ) throws {
        (self.package, self.images, self.learning) = (package, images, learning)
        let learnt = Set(learning.map { images.labels[$0] })
        self.heldBack = heldBack.filter { learnt.contains(images.labels[$0]) }
        notLearnt = heldBack.filter { !learnt.contains(images.labels[$0]) }
        self.observe = observe
        released = try ReleasedNetwork(package)
        observe("reading the network's stages")
        features = try SiteFeatures(
            of: released, images: images, indices: learning + self.heldBack, turned: Set(learning), views: Self.views,
            seed: seed)
    }

    /// What is done to the logits.
    struct Method: Equatable {
        /// Nil: nothing but a new temperature.
        var end: Graph.StageEnd?
        var inverseRegularization = 1.0

        var name: String {
            end.map { "\($0.node), \($0.channels) features, C = \(inverseRegularization)" } ?? "temperature"
        }
    }

    /// An adapted network with all that a package of it needs.
    public struct Outcome {
        let graph: Graph
        let weights: [String: Tensor]
        let temperature: Double
        let conformalThresholds: [Double]
        public let report: SiteAdaptationReport
    }

    /// Compares, chooses, fits and measures.
    public func run() throws -> Outcome {
        observe("comparing corrections")
        let methods =
            [Method()]
            + features.ends.flatMap { end in
                Self.inverseRegularizations.map { Method(end: end, inverseRegularization: $0) }
            }
        let scored = try methods.map { method in
            let answers = try outOfFold(method)
            return (
                method: method, answers: answers,
                logLoss: answers.logLoss(temperature: Self.temperature(answers))
            )
        }
        let best = scored.dropFirst().reduce(scored[0]) { $1.logLoss < $0.logLoss ? $1 : $0 }
        observe("chosen: \(best.method.name)")
        let correction = try correction(best.method, from: learning)
        let temperature = Self.temperature(best.answers)
        let thresholds = thresholds(best.answers, temperature: temperature)
        let report = SiteAdaptationReport(
            method: best.method.name, candidates: scored.map { .init(method: $0.method.name, logLoss: $0.logLoss) },
            learningPerClass: counts(learning), heldBackPerClass: counts(heldBack),
            notLearntPerClass: counts(notLearnt),
            before: try figures(
                answers(Method(), nil, heldBack), temperature: package.description.calibration.temperature),
            after: try figures(answers(best.method, correction, heldBack), temperature: temperature),
            learningCurve: try learningCurve(best.method, temperature: temperature))
        let (graph, weights) = adapted(best.method, correction)
        return Outcome(
            graph: graph, weights: weights, temperature: temperature, conformalThresholds: thresholds, report: report)
    }

    private func counts(_ indices: [Int]) -> [String: Int] {
        Dictionary(indices.map { (images.classKeys[images.labels[$0]], 1) }, uniquingKeysWith: +)
    }

    private func figures(_ answers: Predictions, temperature: Double) throws -> SiteAdaptationReport.Figures {
        let labelled = answers.labelled(images.items, temperature: temperature)
        return try SiteAdaptationReport.Figures(
            ClassificationMetrics(labelled, classKeys: images.classKeys),
            logLoss: answers.logLoss(temperature: temperature), labelled: labelled)
    }

    /// The chosen method with a quarter, half and all of the images, measured on those held back.
    private func learningCurve(_ method: Method, temperature: Double) throws -> [SiteAdaptationReport.CurvePoint] {
        let byClass = Dictionary(grouping: learning) { images.labels[$0] }.sorted { $0.key < $1.key }
        return try [4, 2, 1].compactMap { divisor in
            let part = byClass.flatMap { _, indices in indices.enumerated().filter { $0.offset % divisor == 0 } }
                .map(\.element).sorted()
            guard part.count >= 2 * byClass.count else { return nil }
            let answers = answers(method, try correction(method, from: part), heldBack)
            return .init(images: part.count, logLoss: answers.logLoss(temperature: temperature))
        }
    }

    /// The network with the correction inside.
    private func adapted(_ method: Method, _ correction: LogisticCorrection?) -> (Graph, [String: Tensor]) {
        var weights = released.weights
        guard let end = method.end, let correction else { return (released.graph, weights) }
        let classifier = released.graph.outputs.logits
        for name in ["\(classifier).weight", "\(classifier).bias"] {
            weights[name]?.values.indices.forEach { weights[name]?.values[$0] *= Float(correction.scale) }
        }
        let classes = correction.bias.count
        weights["correction.weight"] = Tensor(
            shape: [classes, end.channels], values: correction.weight.flatMap { $0 }.map(Float.init))
        weights["correction.bias"] = Tensor(shape: [classes], values: correction.bias.map(Float.init))
        return (released.graph.corrected(by: end, classes: classes), weights)
    }
}
