import Datasets
import Evaluation
import Formats
import Foundation
import Networks
import Training

/// Measures methods side by side on the same folds. Finished folds are kept in `<directory>/<method>/fold-K`.
public struct Comparison {
    /// What is compared, on what.
    public struct Plan: Sendable {
        public let dataset: Dataset
        /// In the order of the labels, the benign one first.
        public let classKeys: [String]
        public let split: SplitMethod
        public let foldCount: Int
        /// The folds to run, counted from 1; nil for all.
        public let only: Set<Int>?
        /// Of the networks, by name of the architecture.
        public let recipes: [String: TrainingConfiguration]
        /// Folders of finished cross-validations, by name of the method.
        public let finished: [String: URL]
        public let directory: URL
        /// The folder of ImageNet weights.
        public let pretrained: URL
        public let seed: UInt64

        public init(
            dataset: Dataset, classKeys: [String], split: SplitMethod, foldCount: Int, only: Set<Int>?,
            recipes: [String: TrainingConfiguration], finished: [String: URL], directory: URL, pretrained: URL,
            seed: UInt64 = 1
        ) {
            (self.dataset, self.classKeys, self.split, self.foldCount) = (dataset, classKeys, split, foldCount)
            (self.only, self.recipes, self.finished, self.directory) = (only, recipes, finished, directory)
            (self.pretrained, self.seed) = (pretrained, seed)
        }
    }

    /// Told how the work gets on, and asked whether to go on.
    public struct Observer {
        let line: (String) -> Void
        let training: @Sendable (TrainingEvent) -> Void
        let shouldStop: () -> Bool

        /// - Parameters:
        ///   - line: Told what is being done.
        ///   - training: Told how a network in training gets on.
        ///   - shouldStop: Whether the person asked it to stop; whole folds and epochs are kept.
        public init(
            line: @escaping (String) -> Void, training: @escaping @Sendable (TrainingEvent) -> Void,
            shouldStop: @escaping () -> Bool
        ) {
            (self.line, self.training, self.shouldStop) = (line, training, shouldStop)
        }
    }

    let plan: Plan
    let observer: Observer
    let items: [TrainingImage]
    /// With the seed and the validation part of all recipes that do not say otherwise.
    let folds: [CrossValidation.Fold]
    let classical: [any ComparedMethod]

    /// - Parameter classical: The methods that are no networks.
    /// - Throws: `ComparisonError` for a split that it cannot compare on, `DatasetError` for one that the set does not allow.
    public init(
        plan: Plan, observer: Observer,
        classical: [any ComparedMethod] = [ColourStacking(), VisualWords(), AutoencoderMachine()]
    ) throws {
        guard plan.split != .series else {
            throw ComparisonError(
                .usage, "methods are compared on folds that hold all classes, not on series; cross-validate has those")
        }
        (self.plan, self.observer, self.classical) = (plan, observer, classical)
        items = plan.dataset.items.map(TrainingImage.init)
        var configuration = TrainingConfiguration()
        configuration.seed = plan.seed
        folds = try CrossValidation.Fold.all(
            of: plan.dataset, method: plan.split, count: plan.foldCount, configuration: configuration)
        guard folds.count == plan.foldCount else {
            throw ComparisonError(
                .usage,
                "this set has runs for \(folds.count) folds, not for \(plan.foldCount); give --folds \(folds.count)")
        }
    }

    /// Everything that can be compared, in the order of the table; the fusion where there are two networks and more.
    public var methods: [String] {
        let networks = Architecture.allCases.map(\.rawValue).filter { plan.recipes[$0] != nil }
        return networks + classical.map(\.name) + (networks.count > 1 ? [FuzzyRankFusion.name] : [])
    }

    var numbers: [Int] { plan.only?.sorted() ?? Array(1...plan.foldCount) }

    /// Runs what is not finished yet, and makes the figures of it all. Blocks for hours where networks must be trained.
    /// - Parameter chosen: Names of methods; the fusion combines the networks among them.
    public func run(_ chosen: [String]) throws -> ComparisonResults {
        if let unknown = chosen.first(where: { !methods.contains($0) }) {
            throw ComparisonError(
                .usage, "there is no method \(unknown) here; there are \(methods.joined(separator: ", "))")
        }
        let ordered = methods.filter(chosen.contains)
        let networks = ordered.filter { plan.recipes[$0] != nil }
        guard !ordered.contains(FuzzyRankFusion.name) || networks.count > 1 else {
            throw ComparisonError(.usage, "\(FuzzyRankFusion.name) needs two networks or more among the methods")
        }
        var measured: [String: [MeasuredFold]] = [:]
        for name in ordered where name != FuzzyRankFusion.name {
            measured[name] = try plan.recipes[name].map { try measureNetwork(name, $0) } ?? measureClassical(name)
        }
        if ordered.contains(FuzzyRankFusion.name) {
            measured[FuzzyRankFusion.name] = try fused(networks.map { measured[$0] ?? [] })
        }
        observer.line("figures and intervals")
        return try ComparisonResults(
            plan: plan, items: items, numbers: numbers, defaultMethod: TrainingConfiguration().architecture,
            methods: ordered.map { name in
                (name, measured[name] ?? [], name == FuzzyRankFusion.name ? networks : [])
            })
    }

    /// The folder of a method's fold.
    func folder(_ name: String, _ number: Int) -> URL {
        plan.directory.appendingPathComponent("\(name)/fold-\(number)")
    }

    /// Says what is being done, and stops when the person asked it to.
    func report(_ name: String, _ number: Int, _ what: String) throws {
        if observer.shouldStop() {
            throw ComparisonError(.interrupted, "stopped; finished folds are kept, the same command goes on")
        }
        observer.line("\(name), fold \(number): \(what)")
    }

    /// Refuses answers to other images than the fold's, or of another method.
    func check(_ result: FoldResult, number: Int, file: URL, isOfMethod: Bool) throws {
        guard result.manifestSHA256 == plan.dataset.manifest.sha256, result.split == plan.split.rawValue,
            result.test.map(\.id) == folds[number - 1].test.map({ items[$0].id }),
            isOfMethod
        else {
            throw ComparisonError(
                .file, "\(file.path) was made with another configuration, split or data set; use an empty folder")
        }
    }

    /// What was measured before, if it belongs to the answers as they are now.
    func keptMeasurement(_ name: String, _ number: Int, answersSHA256: String) throws -> FoldMeasurement? {
        let file = folder(name, number).appendingPathComponent(MeasuredFold.measurementName)
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        let kept: FoldMeasurement
        do { kept = try JSONDecoder().decode(FoldMeasurement.self, from: Data(contentsOf: file)) } catch {
            throw ComparisonError(.file, "\(file.path) cannot be read; without it the fold is measured anew (\(error))")
        }
        return kept.answersSHA256 == answersSHA256 ? kept : nil
    }

    func write(_ measurement: FoldMeasurement, _ name: String, _ number: Int) throws {
        try JSONFormat.line.data(measurement).write(
            to: folder(name, number).appendingPathComponent(MeasuredFold.measurementName), options: .atomic)
    }
}
