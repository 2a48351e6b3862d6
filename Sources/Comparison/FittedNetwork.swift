import Foundation
import Imaging
import Networks
import Tensors
import Training

/// A network of a cross-validation, asked one image at a time in single precision.
struct FittedNetwork: FittedMethod {
    let network: TrainableNetwork
    let pipeline: PreprocessingPipeline

    var parameterCount: Int { network.graph.trainableParameterCount }
    var chosen: [String: Double] { [:] }

    func logits(_ photograph: RGBImage) throws -> [Double] {
        let batch = Batch(
            images: try pipeline.tensor(from: photograph), labels: [0], height: pipeline.outputHeight,
            width: pipeline.outputWidth)
        return try network.forward(batch).logits.values.map(Double.init)
    }
}

/// The recipes of the networks that are compared.
public enum NetworkRecipes {
    /// Reads `compare/<architecture>.json` for each architecture that has one; that of the shipped network is
    /// `release.json`.
    /// - Parameters:
    ///   - folder: `Recipes`.
    ///   - threads: The threads that libtorch may use.
    /// - Returns: The recipes by the name of the architecture.
    /// - Throws: `TrainingError` for a file that holds no recipe of its architecture.
    public static func read(from folder: URL, threads: Int) throws -> [String: TrainingConfiguration] {
        var recipes: [String: TrainingConfiguration] = [:]
        for architecture in Architecture.allCases {
            let isShipped = architecture.rawValue == TrainingConfiguration().architecture
            let file = folder.appendingPathComponent(
                isShipped ? "release.json" : "compare/\(architecture.rawValue).json")
            guard FileManager.default.fileExists(atPath: file.path) else { continue }
            var configuration = try TrainingConfiguration.read(from: file)
            guard configuration.architecture == architecture.rawValue else {
                throw ComparisonError(.usage, "\(file.path) is a recipe for \(configuration.architecture)")
            }
            configuration.threads = threads
            try configuration.validate()
            recipes[architecture.rawValue] = configuration
        }
        return recipes
    }
}
