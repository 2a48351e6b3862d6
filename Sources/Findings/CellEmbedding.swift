import Foundation

/// How a cell looks to the reader of cells, in few bytes: what “cells like this one” compares.
public struct CellEmbedding: Sendable, Equatable, Codable {
    /// −127 to 127, 127 for 1.
    public let values: [Int8]

    /// - Parameter values: −1 to 1 each; what lies outside is cut off.
    public init(_ values: [Double]) {
        self.values = values.map { $0.isFinite ? Int8((min(1, max(-1, $0)) * 127).rounded()) : 0 }
    }

    /// - Parameter text: What `text` gives; nil for what is no base64.
    public init?(text: String) {
        guard let data = Data(base64Encoded: text) else { return nil }
        values = data.map { Int8(bitPattern: $0) }
    }

    /// The bytes in base64 (RFC 4648, section 4).
    public var text: String { Data(values.map { UInt8(bitPattern: $0) }).base64EncodedString() }

    /// The same with more measures behind, −1 to 1 each.
    public func adding(_ more: [Double]) -> CellEmbedding { CellEmbedding(values: values + CellEmbedding(more).values) }

    private init(values: [Int8]) { self.values = values }

    /// Cosine of the two, −1 to 1; 0 where one is empty, or they are of different models.
    public func similarity(to other: CellEmbedding) -> Double {
        guard values.count == other.values.count else { return 0 }
        var (product, own, others) = (0, 0, 0)
        for (a, b) in zip(values, other.values) {
            product += Int(a) * Int(b)
            own += Int(a) * Int(a)
            others += Int(b) * Int(b)
        }
        return own > 0 && others > 0 ? Double(product) / (Double(own) * Double(others)).squareRoot() : 0
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let embedding = CellEmbedding(text: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no embedding")
        }
        self = embedding
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
