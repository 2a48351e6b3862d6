import ArgumentParser
import Datasets
import Findings
import Foundation
import Networks
import Packaging
import Training

/// Options that training, cross-validation and the benchmark share.
struct TrainingOptions: ParsableArguments {
    @Option(help: "Folder of labelled images (Benign, Early, Pre, Pro), or a set made by `dataset import`.")
    var data: String

    @Option(help: "JSON file whose keys replace the defaults of the same names.")
    var config: String?

    @Option(help: "Network: one of \(Architecture.names).")
    var architecture: String?

    @Option(help: "Passes over the training images.")
    var epochs: Int?

    @Option(help: "Seed of every random choice.")
    var seed: UInt64?

    @Option(help: "Threads within libtorch; 0 takes all processors.")
    var threads: Int?

    @Option(help: ArgumentHelp("Folder of ImageNet weights.", visibility: .hidden))
    var weights: String?

    /// File, then the options over it.
    func configuration() throws -> TrainingConfiguration {
        var configuration = try config.map { try TrainingConfiguration.read(from: URL(fileURLWithPath: $0)) } ?? .init()
        if let architecture { configuration.architecture = architecture }
        if let epochs { configuration.epochs = epochs }
        if let seed { configuration.seed = seed }
        if let threads { configuration.threads = threads }
        try configuration.validate()
        return configuration
    }

    /// `.deps/weights`, found from the working directory or the executable upwards.
    var weightsFolder: URL { Self.weightsFolder(weights) }

    /// The folder that was named, `weights` beside the program, where the Debian package has it, or `.deps/weights`.
    static func weightsFolder(_ named: String?) -> URL {
        if let named { return URL(fileURLWithPath: named) }
        let executable = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
        if let installed = executable?.appendingPathComponent("weights"),
            FileManager.default.fileExists(atPath: installed.path)
        {
            return installed
        }
        let starts = [URL(fileURLWithPath: FileManager.default.currentDirectoryPath), executable].compactMap { $0 }
        for start in starts {
            var folder = start.standardizedFileURL
            while folder.path != "/" {
                let candidate = folder.appendingPathComponent(".deps/weights")
                if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
                folder.deleteLastPathComponent()
            }
        }
        return starts[0].appendingPathComponent(".deps/weights")
    }

    /// Opens the images of the classes that are learned from, and says which were refused.
    func dataset(_ configuration: TrainingConfiguration, _ progress: LabProgress) throws -> Dataset {
        try progress.dataset(in: data).keeping(
            Set(configuration.classes.compactMap { SmearClass(rawValue: $0)?.index }))
    }

    /// Decodes the images of a data set.
    func prepare(_ dataset: Dataset, _ configuration: TrainingConfiguration, _ progress: LabProgress) throws
        -> PreparedImages
    {
        try PreparedImages(
            items: dataset.items.map(TrainingImage.init), classKeys: SmearClass.keys,
            manifestSHA256: dataset.manifest.sha256, configuration: configuration,
            observe: { progress.show($0) })
    }
}

/// Folds named on the command line.
enum FoldSelection {
    /// Reads `1,2,5`.
    /// - Parameter count: How many folds there are.
    /// - Returns: Nil where none is named, for all.
    /// - Throws: `ValidationError` for a number that is no fold.
    static func read(_ only: String?, count: Int) throws -> Set<Int>? {
        guard let only else { return nil }
        let numbers = only.split(separator: ",").map { Int($0) }
        guard !numbers.isEmpty, numbers.allSatisfy({ (1...count).contains($0 ?? 0) }) else {
            throw ValidationError("--only \(only): give fold numbers from 1 to \(count), separated by commas")
        }
        return Set(numbers.compactMap { $0 })
    }
}
