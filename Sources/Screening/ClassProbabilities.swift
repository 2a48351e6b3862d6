import Foundation
import Packaging

/// A probability for each class, in the order of the classes; a JSON object `{key: probability}`.
public struct ClassProbabilities: Codable, Sendable, Equatable {
    /// The class keys, in order.
    public let keys: [String]
    /// The probabilities, 0 to 1, in the order of `keys`; they sum to 1.
    public let values: [Double]

    /// - Precondition: as many values as keys.
    public init(keys: [String], values: [Double]) {
        precondition(keys.count == values.count, "\(values.count) probabilities for \(keys.count) classes")
        self.keys = keys
        self.values = values
    }

    /// softmax(logits / temperature), computed from the greatest logit so that nothing overflows.
    /// - Parameters:
    ///   - keys: the class keys.
    ///   - logits: one for each key, finite.
    ///   - temperature: greater than 0.
    public init(keys: [String], logits: [Float], temperature: Double) {
        let scaled = logits.map { Double($0) / temperature }
        let greatest = scaled.max() ?? 0
        let exponentials = scaled.map { exp($0 - greatest) }
        let sum = exponentials.reduce(0, +)
        self.init(keys: keys, values: exponentials.map { $0 / sum })
    }

    /// The probability of a class, or `nil` for an unknown key.
    public subscript(key: String) -> Double? {
        keys.firstIndex(of: key).map { values[$0] }
    }

    /// The index of the most probable class, the first of equals.
    public var mostProbable: Int {
        values.indices.reduce(0) { values[$1] > values[$0] ? $1 : $0 }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Reads the object; the classes of this project come first, in their order.
    /// - Throws: `DecodingError`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let standard = ModelClass.standard.map(\.key)
        let found = container.allKeys.map(\.stringValue)
        let keys = standard.filter(found.contains) + found.filter { !standard.contains($0) }.sorted()
        self.init(keys: keys, values: try keys.map { try container.decode(Double.self, forKey: Key(stringValue: $0)) })
    }

    /// Writes the object.
    /// - Throws: `EncodingError`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        for (key, value) in zip(keys, values) { try container.encode(value, forKey: Key(stringValue: key)) }
    }
}
