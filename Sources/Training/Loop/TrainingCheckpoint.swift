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
    func restore(into network: TrainableNetwork, configuration: TrainingConfiguration) throws {
        for (prefix, kind) in Self.kinds(for: configuration) {
            let names = Self.names(network, kind)
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

    /// - Throws: `TrainingError` when the file is damaged or belongs to another configuration or data set.
    static func read(from file: URL, fingerprint: String) throws -> TrainingCheckpoint {
        let metadata = try Safetensors.readMetadata(file)
        let tensors = try Safetensors.read(file)
        guard let history = metadata["history"], let steps = metadata["completedSteps"].flatMap(Int.init) else {
            throw TrainingError(.run, "\(file.path) is no checkpoint of a training")
        }
        guard metadata["fingerprint"] == fingerprint else {
            throw TrainingError(
                .run,
                "\(file.path) was made with another configuration or other images; "
                    + "resume with the same ones, or start a new run in an empty folder")
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
}
