import Evaluation
import Foundation
import Networks
import Tensors

/// The trained networks of a cross-validation, as it left them in its folder.
public struct FoldNetworks: Sendable {
    /// The recipe, the same in every fold.
    public let configuration: TrainingConfiguration
    /// In the order of their numbers.
    public let folds: [FoldResult]
    let directory: URL

    /// Reads `fold-1/result.json` and so on, as far as they go.
    /// - Throws: `TrainingError` when there is none, or when they are of different recipes, splits or images.
    public init(directory: URL) throws {
        var count = 0
        while Self.isFinished(count + 1, in: directory) { count += 1 }
        try self.init(directory: directory, numbers: Array(1..<count + 1))
    }

    /// Whether a fold's result lies in a folder of cross-validation.
    package static func isFinished(_ fold: Int, in directory: URL) -> Bool {
        FileManager.default.fileExists(atPath: result(fold, in: directory).path)
    }

    /// Where a fold's answers are kept.
    package static func result(_ fold: Int, in directory: URL) -> URL {
        directory.appendingPathComponent("fold-\(fold)/result.json")
    }

    /// Reads some of the folds.
    /// - Parameter numbers: Counted from 1; their results must be there.
    /// - Throws: `TrainingError` when there is none, or when they are of different recipes, splits or images.
    package init(directory: URL, numbers: [Int]) throws {
        self.directory = directory
        let folds = try numbers.map { number in
            try JSONDecoder().decode(
                FoldResult.self, from: Data(contentsOf: Self.result(number, in: directory)))
        }
        guard let first = folds.first else {
            throw TrainingError(.run, "\(directory.path) holds no finished fold (fold-1/result.json) of cross-validate")
        }
        let configuration = try TrainingConfiguration.decode(
            Data(first.configurationJSON.utf8), source: Self.result(first.fold, in: directory).path)
        let isAlike = try folds.allSatisfy {
            try $0.split == first.split && $0.manifestSHA256 == first.manifestSHA256
                && configuration.decidesAs(
                    $0.configurationJSON, source: Self.result($0.fold, in: directory).path)
        }
        guard isAlike else {
            throw TrainingError(.run, "the folds in \(directory.path) are of different recipes, splits or images")
        }
        self.folds = folds
        self.configuration = configuration
    }

    /// The images of a fold's test part, as positions in `items`, in the order of its predictions.
    /// - Throws: `TrainingError` when the images are others than those of the cross-validation.
    package func test(_ fold: FoldResult, items: [TrainingImage], manifestSHA256: String) throws -> [Int] {
        guard fold.manifestSHA256 == manifestSHA256 else {
            throw TrainingError(.run, "\(directory.path) was trained on other images than are given")
        }
        let positions = Dictionary(zip(items.map(\.id), items.indices), uniquingKeysWith: { first, _ in first })
        return try fold.predictions.map { prediction in
            guard let position = positions[prediction.id], items[position].label == prediction.label else {
                throw TrainingError(.run, "the images lack \(prediction.id), or name another class for it")
            }
            return position
        }
    }

    /// The network that answered the fold's test images, with the weights that were selected.
    /// - Throws: `TrainingError` when the checkpoint is missing or does not fit the recipe.
    package func network(_ fold: FoldResult, classes: Int) throws -> TrainableNetwork {
        let file = directory.appendingPathComponent("fold-\(fold.fold)/checkpoint.safetensors")
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw TrainingError(.run, "\(file.path) is missing: the audit needs the networks, not the figures alone")
        }
        let tensors = try Safetensors.read(file)
        let kept = ["best", configuration.averageDecay > 0 ? "average" : "value"].first { kind in
            tensors.keys.contains { $0.hasPrefix("\(kind)/") }
        }
        let prefix = "\(kept ?? "value")/"
        var weights: [String: Tensor] = [:]
        for (name, tensor) in tensors where name.hasPrefix(prefix) {
            weights[String(name.dropFirst(prefix.count))] = tensor
        }
        return try TrainableNetwork(graph: TrainingRun.graph(configuration, classes: classes), weights: weights)
    }

    /// The model package of a fold.
    /// - Throws: `TrainingError` where the cross-validation left none.
    package func packageDirectory(_ fold: FoldResult) throws -> URL {
        let folder = directory.appendingPathComponent("fold-\(fold.fold)/package")
        guard FileManager.default.fileExists(atPath: folder.path) else {
            throw TrainingError(.run, "\(folder.path) is missing: cross-validate with --packages")
        }
        return folder
    }

    /// How far an answer may be from the one that the cross-validation recorded: the same network in single precision,
    /// whatever the number of threads.
    private static let tolerance = 1e-3

    /// Throws unless the network gives the answers that the fold's result records, to some of its test images.
    /// - Parameter test: The positions of the fold's test images.
    package func check(
        _ network: TrainableNetwork, _ fold: FoldResult, test: [Int], images: AuditImages
    ) throws {
        let some = Array(test.prefix(AuditImages.batchSize))
        let logits = try network.forward(images.batch(some[...])).logits.rows.map { $0.map(Double.init) }
        let answers = Predictions(
            indices: some, labels: some.map { images.items[$0].label }, logits: logits, embeddings: [])
        for (answer, recorded) in zip(answers.probabilities(temperature: fold.temperature), fold.predictions) {
            guard zip(answer, recorded.probabilities).allSatisfy({ abs($0 - $1) < Self.tolerance }) else {
                throw TrainingError(
                    .run, "the network of fold \(fold.fold) answers \(recorded.id) otherwise than result.json records")
            }
        }
    }
}
