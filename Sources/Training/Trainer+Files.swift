import Crypto
import Foundation

extension Trainer {
    private var checkpointFile: URL { directory.appendingPathComponent("checkpoint.safetensors") }

    /// Identifies what a checkpoint belongs to: the configuration (threads and cache aside) and the images.
    var fingerprint: String {
        get throws {
            var hash = SHA256()
            hash.update(data: Data(try configuration.decisiveJSON().utf8))
            hash.update(data: Data(dataFingerprint.utf8))
            hash.update(data: Data("\(parts.training) \(parts.validation)".utf8))
            return hash.finalize().map { String(format: "%02x", $0) }.joined()
        }
    }

    func refuseToOverwrite() throws {
        guard !FileManager.default.fileExists(atPath: checkpointFile.path) else {
            throw TrainingError(
                .run, "\(directory.path) holds a training already; go on with --resume, or choose an empty folder")
        }
    }

    /// Goes on after the last whole epoch; without a checkpoint the training starts from the beginning.
    func restore() throws {
        guard FileManager.default.fileExists(atPath: checkpointFile.path) else { return }
        let checkpoint = try TrainingCheckpoint.read(from: checkpointFile, fingerprint: fingerprint)
        try network.beginTraining(
            configuration, classWeights: classWeights, completedSteps: checkpoint.completedSteps)
        try checkpoint.restore(into: network, configuration: configuration)
        history = checkpoint.history
        best = checkpoint.best
        completedSteps = checkpoint.completedSteps
        try writeHistory()
        observe(.resumed(afterEpoch: history.epochs.count))
    }

    func save() throws {
        let checkpoint = TrainingCheckpoint(
            history: history, completedSteps: completedSteps,
            tensors: try TrainingCheckpoint.capture(network, configuration: configuration), best: best,
            fingerprint: try fingerprint)
        try checkpoint.write(to: checkpointFile)
        try writeHistory()
    }

    private func writeHistory() throws {
        let title = "\(configuration.architecture), \(parts.training.count) training images"
        try Data(history.csv.utf8).write(to: directory.appendingPathComponent("history.csv"), options: .atomic)
        let curves = history.curves(title: title)
        try Data(curves.utf8).write(to: directory.appendingPathComponent("curves.svg"), options: .atomic)
    }
}
