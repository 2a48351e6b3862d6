import Foundation

/// The two ways in which JSON is written here: keys sorted, so that equal values are equal bytes, and dates in ISO 8601.
public enum JSONFormat: Sendable {
    /// On one line: answers to programs, rows of the database, JSON Lines.
    case line
    /// Indented: files that people read too.
    case file

    /// A new encoder, for a caller that has a rule of its own to add.
    public var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if self == .file { encoder.outputFormatting.insert(.prettyPrinted) }
        encoder.dateEncodingStrategy = .iso8601
        return encoder
    }

    /// - Throws: `EncodingError`, for a number that is not finite.
    public func data(_ value: some Encodable) throws -> Data { try encoder.encode(value) }

    /// - Throws: `EncodingError`, for a number that is not finite.
    public func text(_ value: some Encodable) throws -> String { String(decoding: try data(value), as: UTF8.self) }

    /// Reads what either way has written.
    /// - Throws: `DecodingError`.
    public static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(type, from: data)
    }
}
