import CTorch
import Formats
import Foundation
import Tensors

/// Everything that a training needs to go on as if it had never stopped, after an epoch.
struct TrainingCheckpoint {
    var history: TrainingHistory
    var completedSteps: Int
    /// Keyed `value/<name>`, `average/<name>`, `first/<name>`, `second/<name>`, `steps/<name>`.
    var tensors: [String: Tensor]
    /// Weights of the best epoch so far, keyed by name; empty where the last epoch is kept.
    var best: [String: Tensor]
    /// What each group counts for in a group-robust loss; nil where there is none.
    var groupShares: [Double]?
    /// Fingerprint of configuration and data; a run goes on only with the same.
    var fingerprint: String

    private static let kinds = [
        ("value", CTValue), ("average", CTAverage), ("first", CTFirstMoment), ("second", CTSecondMoment),
        ("steps", CTSteps),
    ]

    private static func kinds(for configuration: TrainingConfiguration) -> [(String, Int)] {
        kinds.filter { _, kind in
            switch kind {
            case CTAverage: configuration.averageDecay > 0
            case CTSecondMoment, CTSteps: configuration.optimizer == .adamW
            default: true
            }
        }
    }

    /// Reads the network's state.
    static func capture(_ network: TrainableNetwork, configuration: TrainingConfiguration) throws -> [String: Tensor] {
        var all: [String: Tensor] = [:]
        for (prefix, kind) in kinds(for: configuration) {
            for (name, tensor) in try network.tensors(kind: kind, names: names(network, kind)) {
                all["\(prefix)/\(name)"] = tensor
            }
        }
        return all
    }

    /// Puts the state back; call after `beginTraining`.
    /// - Parameter tensors: As `capture` made them.
    static func restore(
        _ tensors: [String: Tensor], into network: TrainableNetwork, configuration: TrainingConfiguration
    ) throws {
        for (prefix, kind) in kinds(for: configuration) {
            let names = names(network, kind)
            var part: [String: Tensor] = [:]
            for name in names { part[name] = tensors["\(prefix)/\(name)"] }
            try network.setTensors(part, kind: kind, names: names)
        }
    }

    private static func names(_ network: TrainableNetwork, _ kind: Int) -> [String] {
        kind == CTValue || kind == CTAverage ? network.parameterShapes.keys.sorted() : network.trainedNames
    }

    func write(to file: URL) throws {
        var all = tensors
        for (name, tensor) in best { all["best/\(name)"] = tensor }
        var metadata = [
            "history": try JSONFormat.line.text(history),
            "completedSteps": "\(completedSteps)", "fingerprint": fingerprint,
        ]
        if let groupShares {
            metadata["groupShares"] = try JSONFormat.line.text(groupShares)
        }
        try Safetensors.write(all, metadata: metadata, to: file)
    }

    /// - Parameters:
    ///   - bytes: Those of the file.
    ///   - file: Where they come from, for errors.
    /// - Throws: `TrainingError` when the file is damaged or belongs to another configuration or data set.
    static func read(_ bytes: [UInt8], from file: URL, fingerprint: String) throws -> TrainingCheckpoint {
        let (metadata, tensors) = try contents(bytes, of: file, fingerprint: fingerprint)
        guard let history = metadata["history"], let steps = metadata["completedSteps"].flatMap(Int.init) else {
            throw TrainingError(.run, "\(file.path) is no checkpoint of a training")
        }
        let best = tensors.filter { $0.key.hasPrefix("best/") }
        return TrainingCheckpoint(
            history: try JSONDecoder().decode(TrainingHistory.self, from: Data(history.utf8)), completedSteps: steps,
            tensors: tensors.filter { !$0.key.hasPrefix("best/") },
            best: Dictionary(uniqueKeysWithValues: best.map { (String($0.key.dropFirst(5)), $0.value) }),
            groupShares: try metadata["groupShares"].map {
                try JSONDecoder().decode([Double].self, from: Data($0.utf8))
            }, fingerprint: fingerprint)
    }

    /// The tensors and the text of a checkpoint of the same configuration and images.
    static func contents(
        _ bytes: [UInt8], of file: URL, fingerprint: String
    ) throws -> (metadata: [String: String], tensors: [String: Tensor]) {
        do {
            let metadata = try Safetensors.readMetadata(bytes: bytes)
            guard metadata["fingerprint"] == fingerprint else {
                throw TrainingError(
                    .run,
                    "\(file.path) was made with another configuration or other images; "
                        + "resume with the same ones, or start a new run in an empty folder")
            }
            return (metadata, try Safetensors.read(bytes: bytes))
        } catch let error as SafetensorsError {
            throw error.inFile(file.path)
        }
    }

    /// Whether a checkpoint is there to go on from.
    /// - Throws: `TrainingError` when there is one and `resume` does not ask for it.
    static func isThere(_ file: URL, resume: Bool) throws -> Bool {
        guard FileManager.default.fileExists(atPath: file.path) else { return false }
        guard resume else {
            throw TrainingError(
                .run,
                "\(file.deletingLastPathComponent().path) holds a training already; go on with --resume, or choose an empty "
                    + "folder")
        }
        return true
    }
}
