import Foundation
import Tensors

extension ModelPackage {
    /// The tensors of `parameters.safetensors`, checked against the description.
    struct Parameters {
        let weight: Tensor
        let bias: Tensor
        let centroids: Tensor
        let appearance: AppearanceReference?
    }

    static func readParameters(of description: ModelDescription, in directory: URL) throws -> Parameters {
        let url = directory.appendingPathComponent(FileName.parameters)
        let tensors: [String: Tensor]
        do {
            tensors = try Safetensors.read(url)
        } catch {
            throw PackagingError(.malformed, "is no valid safetensors file", path: url.path, underlying: error)
        }
        let classes = description.classes.count
        let size = description.outputs.embeddingSize
        func tensor(_ name: String, _ shape: [Int]) throws -> Tensor {
            guard let tensor = tensors[name] else {
                throw PackagingError(
                    .wrongShape, "lacks the tensor \(name)", path: url.path, expected: "\(shape)", actual: "nothing")
            }
            guard tensor.shape == shape else {
                throw PackagingError(
                    .wrongShape, "\(name) has another shape than model.json states", path: url.path,
                    expected: "\(shape)", actual: "\(tensor.shape)")
            }
            guard tensor.values.allSatisfy(\.isFinite) else {
                throw PackagingError(.invalidValue, "\(name) holds a value that is no number", path: url.path)
            }
            return tensor
        }
        let parameters = Parameters(
            weight: try tensor(ParameterName.classifierWeight, [classes, size]),
            bias: try tensor(ParameterName.classifierBias, [classes]),
            centroids: try tensor(ParameterName.centroids, [classes, size]),
            appearance: try description.novelty.method == .appearanceMahalanobis
                ? AppearanceReference(reading: tensor, path: url.path) : nil)
        try checkUnitLength(parameters.centroids, path: url.path)
        return parameters
    }

    private static func checkUnitLength(_ centroids: Tensor, path: String) throws {
        let size = centroids.shape[1]
        for row in 0..<centroids.shape[0] {
            let squares = centroids.values[row * size..<(row + 1) * size].reduce(0.0) { $0 + Double($1) * Double($1) }
            guard abs(squares.squareRoot() - 1) < 1e-3 else {
                throw PackagingError(
                    .invalidValue, "row \(row) of \(ParameterName.centroids) is no unit vector", path: path,
                    expected: "length 1", actual: "length \(squares.squareRoot())")
            }
        }
    }
}
