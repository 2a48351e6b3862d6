import Formats
import Foundation
import Tensors

/// Training images that a new one is held against, without a picture of them: what the network made of each, its class and
/// its name in the data set.
///
/// In a package they are `references.safetensors`, an optional file: `embeddings` `[N, E]` of unit length in 16-bit
/// floats, `labels` `[N]`, `projection.mean` `[E]` and `projection.components` `[2, E]`; the names are the metadata `ids`, a
/// JSON array.
public struct ReferenceCases: Sendable, Equatable {
    /// The most images that a package may hold.
    public static let maximumCount = 1000

    /// Names of the images in the data set.
    public let ids: [String]
    /// Class numbers, in the order of the package's classes.
    public let labels: [Int]
    /// `[N, E]`, every row of unit length.
    public let embeddings: Tensor
    /// `[E]`: what is taken off an embedding of unit length before it is projected.
    public let projectionMean: Tensor
    /// `[2, E]`: the two directions in which the embeddings vary most.
    public let projectionComponents: Tensor
    /// Where each embedding lies on the plane of `projectionComponents`.
    public let places: [Place]

    /// - Throws: `PackagingError` when shapes, classes or numbers do not fit each other.
    public init(
        ids: [String], labels: [Int], embeddings: Tensor, projectionMean: Tensor, projectionComponents: Tensor,
        classes: Int, path: String = ModelPackage.FileName.references
    ) throws {
        let size = embeddings.shape.last ?? 0
        guard embeddings.shape.count == 2, (1...Self.maximumCount).contains(ids.count), size > 0,
            embeddings.shape[0] == ids.count, labels.count == ids.count, projectionMean.shape == [size],
            projectionComponents.shape == [2, size]
        else {
            throw PackagingError(
                .wrongShape, "the reference cases do not fit each other", path: path,
                expected: "1 to \(Self.maximumCount) names, with a label and an embedding each",
                actual: "\(ids.count) names, \(labels.count) labels, embeddings \(embeddings.shape)")
        }
        let numbers = [embeddings, projectionMean, projectionComponents]
        guard labels.allSatisfy((0..<classes).contains), numbers.allSatisfy({ $0.values.allSatisfy(\.isFinite) }) else {
            throw PackagingError(
                .invalidValue, "a reference case is of no class of the model, or holds a value that is no number",
                path: path)
        }
        (self.ids, self.labels, self.embeddings) = (ids, labels, embeddings)
        (self.projectionMean, self.projectionComponents) = (projectionMean, projectionComponents)
        let mean = projectionMean.values
        places = (0..<ids.count).map { row in
            Self.place(embeddings.values[row * size..<(row + 1) * size], mean, projectionComponents)
        }
        for row in 0..<ids.count {
            let length = embedding(row).reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            guard abs(length - 1) < 5e-3 else {
                throw PackagingError(
                    .invalidValue, "the embedding of \(ids[row]) is no unit vector", path: path, expected: "length 1",
                    actual: "length \(length)")
            }
        }
    }

    /// How many there are.
    public var count: Int { ids.count }

    /// One row of the embeddings, `[E]`.
    public func embedding(_ row: Int) -> [Float] {
        let size = embeddings.shape[1]
        return Array(embeddings.values[row * size..<(row + 1) * size])
    }

    /// Where an embedding of unit length lies on the plane of `projectionComponents`.
    /// - Parameter embedding: `[E]`.
    public func place(_ embedding: [Float]) -> Place {
        Self.place(embedding[...], projectionMean.values, projectionComponents)
    }

    private static func place(_ embedding: ArraySlice<Float>, _ mean: [Float], _ components: Tensor) -> Place {
        let products = components.rowProducts(with: zip(embedding, mean).map { $0 - $1 })
        return Place(x: Double(products[0]), y: Double(products[1]))
    }

    /// A point of the plane, without unit.
    public struct Place: Sendable, Equatable {
        public let x: Double
        public let y: Double
    }
}

extension ReferenceCases {
    private enum Name {
        static let embeddings = "embeddings"
        static let labels = "labels"
        static let mean = "projection.mean"
        static let components = "projection.components"
        static let ids = "ids"
    }

    /// The bytes of `references.safetensors`.
    /// - Throws: `SafetensorsError` or `EncodingError`.
    public func fileBytes() throws -> [UInt8] {
        return try Safetensors.bytes(
            [
                Name.embeddings: embeddings, Name.mean: projectionMean, Name.components: projectionComponents,
                Name.labels: Tensor(shape: [labels.count], values: labels.map(Float.init)),
            ], half: [Name.embeddings], metadata: [Name.ids: JSONFormat.line.text(ids)])
    }

    /// Reads the file of a package; nil where there is none.
    /// - Throws: `PackagingError`.
    static func read(of description: ModelDescription, in directory: URL) throws -> ReferenceCases? {
        let url = directory.appendingPathComponent(ModelPackage.FileName.references)
        guard FileManager.default.fileExists(atPath: url.path) else { return nil }
        guard description.files[ModelPackage.FileName.references] != nil else {
            throw PackagingError(
                .wrongChecksum, "states no checksum for \(ModelPackage.FileName.references)", path: url.path,
                expected: "64 hexadecimal digits", actual: "nothing")
        }
        let tensors: [String: Tensor]
        let ids: [String]
        do {
            tensors = try Safetensors.read(url)
            let text = try Safetensors.readMetadata(url)[Name.ids] ?? "[]"
            ids = try JSONDecoder().decode([String].self, from: Data(text.utf8))
        } catch {
            throw PackagingError(.malformed, "holds no reference cases", path: url.path, underlying: error)
        }
        guard let embeddings = tensors[Name.embeddings], let labels = tensors[Name.labels],
            let mean = tensors[Name.mean], let components = tensors[Name.components],
            embeddings.shape.last == description.outputs.embeddingSize
        else {
            throw PackagingError(
                .wrongShape, "lacks a tensor, or its embeddings are of another length than the model's", path: url.path)
        }
        return try ReferenceCases(
            ids: ids, labels: labels.values.map { Int(exactly: $0) ?? -1 }, embeddings: embeddings,
            projectionMean: mean, projectionComponents: components, classes: description.classes.count, path: url.path)
    }
}
