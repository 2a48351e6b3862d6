import Findings
import Foundation
import Imaging
import Tensors

/// A directory that holds a model and all that is needed to trust it, verified when loaded.
///
/// `model.json` describes it, `model.onnx` is the network, `parameters.safetensors` holds the classifier and the class
/// centroids, `references.safetensors` (optional) images to hold a new one against, `cells.json`, `cells-find.onnx` and
/// `cells-read.onnx` (optional) what finds and reads white cells, `MODEL_CARD.md` and `metrics.json` are for readers.
public struct ModelPackage: Sendable {
    /// The names of the files of a package.
    public enum FileName {
        /// The description.
        public static let description = "model.json"
        /// The network.
        public static let network = "model.onnx"
        /// The classifier and the centroids.
        public static let parameters = "parameters.safetensors"
        /// Training images to hold a new one against; may be missing.
        public static let references = "references.safetensors"
        /// What finds and reads white cells; may be missing, all together.
        public static let cells = ["cells.json", "cells-find.onnx", "cells-read.onnx"]
        /// What the model is for, for readers.
        public static let card = "MODEL_CARD.md"
        /// How good it is, as JSON.
        public static let metrics = "metrics.json"
    }

    /// The names of the tensors in `parameters.safetensors`.
    public enum ParameterName {
        /// `[classes, embeddingSize]`.
        public static let classifierWeight = "classifier.weight"
        /// `[classes]`.
        public static let classifierBias = "classifier.bias"
        /// `[classes, embeddingSize]`, every row of unit length.
        public static let centroids = "novelty.centroids"
        /// `[ImageAppearance.count]`, the mean appearance.
        public static let appearanceCenter = "novelty.appearance.center"
        /// `[ImageAppearance.count]`, greater than 0.
        public static let appearanceDeviation = "novelty.appearance.deviation"
        /// `[ImageAppearance.count, ImageAppearance.count]`, lower triangular.
        public static let appearanceWhitening = "novelty.appearance.whitening"
    }

    /// Where the package lies.
    public let directory: URL
    /// The content of `model.json`.
    public let description: ModelDescription
    /// The steps from a decoded image to the input tensor.
    public let pipeline: PreprocessingPipeline
    /// `[classes, embeddingSize]`, for class-activation maps.
    public let classifierWeight: Tensor
    /// `[classes]`.
    public let classifierBias: Tensor
    /// `[classes, embeddingSize]`, every row of unit length: the mean direction of each class's embeddings.
    public let centroids: Tensor
    /// Training images to hold a new one against; nil where the package has none.
    public let references: ReferenceCases?
    /// What the training images look like; nil where the novelty score does not ask.
    public let appearance: AppearanceReference?
    /// When a case is urgent by the answers of this model, and with which error; nil where that was not measured for this
    /// name and version.
    public let verdict: VerdictRule?

    /// How a file becomes what the network sees.
    public var sight: ImageSight { ImageSight(pipeline: pipeline, minimumSide: description.decoding?.minimumSide) }
    /// The network, in ONNX.
    public var networkURL: URL { directory.appendingPathComponent(FileName.network) }
    /// The folder of the cell model; nil for a package that reads no cells.
    public var cellModelURL: URL? { description.cells == nil ? nil : directory }
    /// The model card, in Markdown.
    public var cardURL: URL { directory.appendingPathComponent(FileName.card) }
    /// The measured quality, in JSON.
    public var metricsURL: URL { directory.appendingPathComponent(FileName.metrics) }

    /// Loads a package and verifies presence, checksums, classes, shapes, numbers and preprocessing.
    /// - Throws: `PackagingError` that names the file and the difference.
    public init(directory: URL) throws {
        let description = try Self.readDescription(in: directory)
        try description.validate(path: directory.appendingPathComponent(FileName.description).path)
        try Self.verifyFiles(of: description, in: directory)
        let parameters = try Self.readParameters(of: description, in: directory)
        self.directory = directory
        self.description = description
        self.pipeline = try description.pipeline(
            path: directory.appendingPathComponent(FileName.description).path)
        self.classifierWeight = parameters.weight
        self.classifierBias = parameters.bias
        self.centroids = parameters.centroids
        self.references = try ReferenceCases.read(of: description, in: directory)
        self.appearance = parameters.appearance
        self.verdict = try PackageVerdict.read(of: description, in: directory)
    }

    private static func readDescription(in directory: URL) throws -> ModelDescription {
        let url = directory.appendingPathComponent(FileName.description)
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw PackagingError(.missingFile, "this is no model package: model.json is missing", path: url.path)
        }
        let data: Data
        do {
            data = try Data(contentsOf: url)
        } catch {
            throw PackagingError(.inputOutput, "cannot be read", path: url.path, underlying: error)
        }
        struct Format: Decodable { let formatVersion: Int }
        do {
            let format = try JSONDecoder().decode(Format.self, from: data).formatVersion
            let readable = ModelDescription.readableFormatVersions
            guard readable.contains(format) else {
                throw PackagingError(
                    .unsupportedFormatVersion, "this package needs another version of the program", path: url.path,
                    expected: "format \(readable.lowerBound) to \(readable.upperBound)", actual: "format \(format)")
            }
            return try ModelDescription(json: data)
        } catch let error as PackagingError {
            throw error
        } catch {
            throw PackagingError(.malformed, "is no valid model description", path: url.path, underlying: error)
        }
    }

    private static func verifyFiles(of description: ModelDescription, in directory: URL) throws {
        for name in [FileName.card, FileName.metrics] {
            let url = directory.appendingPathComponent(name)
            guard FileManager.default.fileExists(atPath: url.path) else {
                throw PackagingError(.missingFile, "the model package lacks \(name)", path: url.path)
            }
        }
        for (name, expected) in description.files.sorted(by: { $0.key < $1.key }) {
            let url = directory.appendingPathComponent(name)
            let actual = try FileChecksum.sha256(of: url)
            guard actual == expected.lowercased() else {
                throw PackagingError(
                    .wrongChecksum, "differs from the file that was released", path: url.path,
                    expected: "SHA-256 \(expected)", actual: actual)
            }
        }
    }

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
