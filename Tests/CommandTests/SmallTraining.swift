import Foundation
import Testing

/// A training of seconds: drawn smears, the small network, one thread, single precision.
struct SmallTraining {
    let place: Place
    var epochs = 3

    private static var configuration: [String: Any] {
        [
            "architecture": "small-cnn", "batchSize": 4, "precision": "f32", "threads": 1, "seed": 7,
            "augmentation": "light", "validationFraction": 0.25, "warmUpEpochs": 0.5,
            "preprocessing": [
                ["step": "resize", "width": 64, "height": 64],
                ["step": "normalize", "mean": [0.5, 0.5, 0.5], "deviation": [0.25, 0.25, 0.25]],
            ],
        ]
    }

    /// So few images are hardly answered better than by guessing.
    static let despite = ["--despite", "a training of seconds"]

    /// Draws the images and writes `config.json`.
    init(_ place: Place, epochs: Int = 3, extra: [String: Any] = [:]) async throws {
        self.place = place
        self.epochs = epochs
        try await place.draw(24, side: 72, into: "drawn")
        let configuration = Self.configuration.merging(extra) { $1 }
        try place.write(JSONSerialization.data(withJSONObject: configuration), to: "config.json")
    }

    func arguments(_ command: String, out: String, _ more: [String] = []) -> [String] {
        [command, "--data", "drawn", "--config", "config.json", "--epochs", "\(epochs)", "--out", out]
            + (command == "train" ? Self.despite : []) + more
    }

    func train(out: String, _ more: [String] = []) async throws -> ProgramRun.Outcome {
        try await Program.lab.run(arguments("train", out: out, more), in: place.folder)
    }

    /// Starts a training and waits until it has kept `epochs` epochs and goes on.
    /// - Parameter history: The folder of the history to look at.
    func start(
        _ command: String = "train", out: String, history: String? = nil, until epochs: Int, _ more: [String] = []
    ) async throws -> ProgramRun {
        let history = history ?? out
        let run = try Program.lab.start(arguments(command, out: out, more), in: place.folder)
        let hasReached = try await run.waits {
            try place.exists("\(history)/history.csv") && self.epochs(in: history).count >= epochs
        }
        try #require(hasReached, "the training ended too soon")
        return run
    }

    /// The first column of a run's history: the numbers of the epochs.
    func epochs(in run: String) throws -> [Int] {
        try place.text("\(run)/history.csv").split(whereSeparator: \.isNewline).dropFirst().compactMap {
            $0.split(separator: ",").first.flatMap { Int($0) }
        }
    }

    /// SHA-256 of the network and of the classifier with what was calibrated, as the package states them.
    func weights(of run: String) throws -> [String: String] {
        let description = try Place.object(Data(contentsOf: place.url("\(run)/package/model.json")))
        return try #require(description["files"] as? [String: String])
    }
}
