/// A probability for each class, in the order of the classes; a JSON object `{key: probability}`.
public struct ClassProbabilities: Codable, Sendable, Equatable {
    /// One for each class, 0 to 1; they sum to 1.
    public let values: [Double]

    /// - Precondition: as many values as classes.
    public init(_ values: [Double]) {
        precondition(values.count == SmearClass.allCases.count, "\(values.count) probabilities of four")
        self.values = values
    }

    /// The probability of a class.
    public subscript(smearClass: SmearClass) -> Double { values[smearClass.index] }

    /// The most probable class, the first of equals.
    public var mostProbable: SmearClass {
        SmearClass.allCases.reduce(.benign) { self[$1] > self[$0] ? $1 : $0 }
    }

    /// The classes with their probabilities, the most probable first.
    public var ranked: [(smearClass: SmearClass, probability: Double)] {
        zip(SmearClass.allCases, values).sorted { $0.1 > $1.1 }.map { ($0, $1) }
    }

    /// Reads the object.
    /// - Throws: `DecodingError` for one that lacks a class.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        values = try SmearClass.allCases.map { try container.decode(Double.self, forKey: Key(smearClass: $0)) }
    }

    /// Writes the object.
    /// - Throws: `EncodingError`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        for (smearClass, value) in zip(SmearClass.allCases, values) {
            try container.encode(value, forKey: Key(smearClass: smearClass))
        }
    }

    private struct Key: CodingKey {
        let smearClass: SmearClass
        var stringValue: String { smearClass.rawValue }
        var intValue: Int? { nil }
        init(smearClass: SmearClass) { self.smearClass = smearClass }
        init?(stringValue: String) {
            guard let smearClass = SmearClass(rawValue: stringValue) else { return nil }
            self.smearClass = smearClass
        }
        init?(intValue: Int) { nil }
    }
}
