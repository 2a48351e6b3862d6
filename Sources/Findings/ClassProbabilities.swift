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
    /// - Throws: `DecodingError` for one that lacks a class, or has another.
    public init(from decoder: any Decoder) throws {
        let found = try [SmearClass: Double](from: decoder)
        values = SmearClass.allCases.compactMap { found[$0] }
        guard values.count == SmearClass.allCases.count else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "a class is missing"))
        }
    }

    /// Writes the object.
    /// - Throws: `EncodingError`.
    public func encode(to encoder: any Encoder) throws {
        try Dictionary(zip(SmearClass.allCases, values), uniquingKeysWith: { $1 }).encode(to: encoder)
    }
}
