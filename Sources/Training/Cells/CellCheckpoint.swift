import Crypto
import Formats
import Foundation
import Randomness
import Tensors

/// Where the training of a cell model stands, so that it goes on as if it had never stopped.
struct CellCheckpoint {
    /// Which of the two networks was being trained; the one before is finished.
    var network: String
    /// Steps that were taken.
    var step: Int
    var random: SplitMix64
    /// The smoothed loss.
    var average: Double
    /// As `TrainingCheckpoint` captures them.
    var tensors: [String: Tensor]

    /// Steps from one checkpoint to the next.
    static let interval = 100

    private static func file(in folder: URL) -> URL { folder.appendingPathComponent("training.safetensors") }

    /// Identifies what a checkpoint belongs to: the recipe, threads aside, and what it found in the images.
    static func fingerprint(_ configuration: CellTrainingConfiguration, _ found: String) throws -> String {
        var decisive = configuration
        decisive.threads = 0
        return SHA256.hash(data: Data("\(try JSONFormat.line.text(decisive)) \(found)".utf8)).hexadecimal
    }

    /// Whether the folder holds a training that can go on.
    /// - Throws: `TrainingError` when it holds one that `resume` does not ask for.
    static func hasBegun(in folder: URL, resume: Bool) throws -> Bool {
        try TrainingCheckpoint.isThere(file(in: folder), resume: resume)
    }

    func write(to folder: URL, fingerprint: String) throws {
        let metadata = [
            "network": network, "step": "\(step)", "random": "\(random.state)", "average": "\(average)",
            "fingerprint": fingerprint,
        ]
        try Safetensors.write(tensors, metadata: metadata, to: Self.file(in: folder))
    }

    /// What process 0 finds in the folder, for all.
    /// - Throws: `TrainingError` when the file is damaged or belongs to another recipe or other images.
    static func read(from folder: URL, fingerprint: String, group: ProcessGroup) throws -> CellCheckpoint {
        let file = file(in: folder)
        let bytes = try group.broadcast { [UInt8](try Data(contentsOf: file)) }
        let (metadata, tensors) = try TrainingCheckpoint.contents(bytes, of: file, fingerprint: fingerprint)
        guard let network = metadata["network"], let step = metadata["step"].flatMap(Int.init),
            let random = metadata["random"].flatMap(UInt64.init), let average = metadata["average"].flatMap(Double.init)
        else { throw TrainingError(.run, "\(file.path) is no checkpoint of a cell model") }
        return CellCheckpoint(
            network: network, step: step, random: SplitMix64(seed: random), average: average, tensors: tensors)
    }

    /// Ends what is kept: the model is finished.
    static func remove(from folder: URL) throws {
        let file = file(in: folder)
        if FileManager.default.fileExists(atPath: file.path) { try FileManager.default.removeItem(at: file) }
    }
}
