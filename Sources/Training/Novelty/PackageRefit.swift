import Foundation
import Packaging
import Tensors

extension ModelPackage {
    /// Fits the appearance of the training images anew and puts it into the package, whose network stays as it is.
    /// - Parameters:
    ///   - images: Prepared by the package's own steps.
    ///   - indices: The images that the model was made from.
    /// - Throws: `TrainingError`, `PackagingError`, `EvaluationError`; the package is then unchanged.
    @discardableResult
    public func refitAppearance(on images: PreparedImages, indices: [Int]) throws -> ModelPackage {
        let novelty = try AppearanceNovelty(of: images, indices: indices)
        var description = description
        description.novelty = novelty.description
        let parameters = try Safetensors.read(directory.appendingPathComponent(FileName.parameters))
        return try ModelPackage.write(
            description, onnx: networkURL, parameters: parameters.merging(novelty.reference.parameters) { $1 },
            card: String(contentsOf: cardURL, encoding: .utf8), metrics: Data(contentsOf: metricsURL), to: directory)
    }
}
