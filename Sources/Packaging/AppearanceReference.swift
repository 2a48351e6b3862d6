import Imaging
import Tensors

/// What the images look like that a model was made from: the parameters of a Mahalanobis distance of `ImageAppearance`.
///
/// The distance of an appearance x is the length of whitening · ((x − center) / deviation).
public struct AppearanceReference: Sendable, Equatable {
    /// `[ImageAppearance.count]`.
    public let center: Tensor
    /// `[ImageAppearance.count]`, greater than 0.
    public let deviation: Tensor
    /// `[ImageAppearance.count, ImageAppearance.count]`, lower triangular.
    public let whitening: Tensor

    /// - Parameters:
    ///   - center: `[ImageAppearance.count]`.
    ///   - deviation: `[ImageAppearance.count]`, greater than 0.
    ///   - whitening: `[ImageAppearance.count, ImageAppearance.count]`, lower triangular.
    public init(center: Tensor, deviation: Tensor, whitening: Tensor) {
        (self.center, self.deviation, self.whitening) = (center, deviation, whitening)
    }

    /// The tensors under their names in `parameters.safetensors`.
    public var parameters: [String: Tensor] {
        [
            ModelPackage.ParameterName.appearanceCenter: center,
            ModelPackage.ParameterName.appearanceDeviation: deviation,
            ModelPackage.ParameterName.appearanceWhitening: whitening,
        ]
    }

    /// - Parameter tensor: Gives a checked tensor by name and shape.
    init(reading tensor: (String, [Int]) throws -> Tensor, path: String) throws {
        let size = ImageAppearance.count
        center = try tensor(ModelPackage.ParameterName.appearanceCenter, [size])
        deviation = try tensor(ModelPackage.ParameterName.appearanceDeviation, [size])
        whitening = try tensor(ModelPackage.ParameterName.appearanceWhitening, [size, size])
        guard deviation.values.allSatisfy({ $0 > 0 }) else {
            throw PackagingError(
                .invalidValue, "\(ModelPackage.ParameterName.appearanceDeviation) holds a number that is not positive",
                path: path)
        }
        let isLower = (0..<size).allSatisfy { row in
            whitening.values[row * size + row] > 0
                && (row + 1..<max(size, row + 1)).allSatisfy { whitening.values[row * size + $0] == 0 }
        }
        guard isLower else {
            throw PackagingError(
                .invalidValue,
                "\(ModelPackage.ParameterName.appearanceWhitening) is no lower triangle with a positive diagonal",
                path: path)
        }
    }
}
