import Clinic
import Foundation

/// A row, read from left to right.
struct SQLRow {
    private var values: ArraySlice<SQLValue>

    init(_ values: [SQLValue]) {
        self.values = values[...]
    }

    /// The next column as it is.
    mutating func value() throws -> SQLValue {
        guard let value = values.popFirst() else { throw Self.unexpected("a column too few") }
        return value
    }

    mutating func text() throws -> String {
        guard let text = try optionalText() else { throw Self.unexpected("no text") }
        return text
    }

    mutating func optionalText() throws -> String? {
        switch try value() {
        case .text(let text): return text
        case .null: return nil
        case let other: throw Self.unexpected("\(other) in place of text")
        }
    }

    mutating func int64() throws -> Int64 {
        guard let number = try optionalInt64() else { throw Self.unexpected("no number") }
        return number
    }

    mutating func int() throws -> Int { Int(try int64()) }

    mutating func optionalInt64() throws -> Int64? {
        switch try value() {
        case .integer(let number): return number
        case .null: return nil
        case let other: throw Self.unexpected("\(other) in place of a whole number")
        }
    }

    mutating func bool() throws -> Bool { try int64() != 0 }

    mutating func double() throws -> Double {
        guard let number = try optionalDouble() else { throw Self.unexpected("no number") }
        return number
    }

    mutating func optionalDouble() throws -> Double? {
        switch try value() {
        case .real(let number): return number
        case .integer(let number): return Double(number)
        case .null: return nil
        case let other: throw Self.unexpected("\(other) in place of a number")
        }
    }

    mutating func date() throws -> Date { Date(milliseconds: try int64()) }

    mutating func optionalDate() throws -> Date? { try optionalInt64().map(Date.init(milliseconds:)) }

    mutating func identifier<Thing>() throws -> Identifier<Thing> {
        guard let identifier = Identifier<Thing>(try text()) else { throw Self.unexpected("no identifier") }
        return identifier
    }

    mutating func optionalIdentifier<Thing>() throws -> Identifier<Thing>? {
        guard let text = try optionalText() else { return nil }
        guard let identifier = Identifier<Thing>(text) else { throw Self.unexpected("no identifier") }
        return identifier
    }

    /// The case of an enumeration that is stored by its raw value.
    mutating func raw<Value: RawRepresentable>(_ type: Value.Type = Value.self) throws -> Value
    where Value.RawValue == String {
        guard let value = Value(rawValue: try text()) else { throw Self.unexpected("an unknown \(type)") }
        return value
    }

    private static func unexpected(_ what: String) -> ClinicError {
        ClinicError(.corrupt, .fault("A row of the database is not what was written: \(what)."))
    }
}
