import Crypto
import Formats
import Foundation

extension Trainer {
    private static func checkpointFile(in directory: URL) -> URL {
        directory.appendingPathComponent("checkpoint.safetensors")
    }

    private var checkpointFile: URL { Self.checkpointFile(in: directory) }

    /// Identifies what a checkpoint belongs to: the configuration (threads and cache aside) and the images.
    var fingerprint: String {
        get throws {
            var hash = SHA256()
            hash.update(data: Data(try configuration.decisiveJSON().utf8))
            hash.update(data: Data(dataFingerprint.utf8))
            hash.update(data: Data("\(parts.training) \(parts.validation)".utf8))
            return hash.finalize().hexadecimal
        }
    }

    /// Whether the folder holds a training that can go on.
    /// - Throws: `TrainingError` when it holds one that `resume` does not ask for.
    public static func hasBegun(in directory: URL, resume: Bool) throws -> Bool {
        try TrainingCheckpoint.isThere(checkpointFile(in: directory), resume: resume)
    }

    /// Goes on after the last whole epoch, which process 0 reads for all.
    func restore() throws {
        let bytes = try group.broadcast { [UInt8](try Data(contentsOf: checkpointFile)) }
        let checkpoint = try TrainingCheckpoint.read(bytes, from: checkpointFile, fingerprint: fingerprint)
        try network.beginTraining(
            configuration, classWeights: classWeights, completedSteps: checkpoint.completedSteps)
        try TrainingCheckpoint.restore(checkpoint.tensors, into: network, configuration: configuration)
        history = checkpoint.history
        best = checkpoint.best
        if let shares = checkpoint.groupShares { robustness?.resume(shares) }
        completedSteps = checkpoint.completedSteps
        try writeHistory()
        observe(.resumed(afterEpoch: history.epochs.count))
    }

    func save() throws {
        guard group.isFirst else { return }
        let checkpoint = TrainingCheckpoint(
            history: history, completedSteps: completedSteps,
            tensors: try TrainingCheckpoint.capture(network, configuration: configuration), best: best,
            groupShares: robustness?.shares, fingerprint: try fingerprint)
        try checkpoint.write(to: checkpointFile)
        try writeHistory()
    }

    private func writeHistory() throws {
        guard group.isFirst else { return }
        let title = "\(configuration.architecture), \(parts.training.count) training images"
        try Data(history.csv.utf8).write(to: directory.appendingPathComponent("history.csv"), options: .atomic)
        let curves = history.curves(title: title)
        try Data(curves.utf8).write(to: directory.appendingPathComponent("curves.svg"), options: .atomic)
    }
}
