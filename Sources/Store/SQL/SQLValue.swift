import Clinic
import Findings
import Foundation

/// A value on its way into the database or out of it.
public enum SQLValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
}

/// What can be bound to a `?`, and read out of a column.
protocol SQLConvertible {
    /// What a column should hold, in words.
    static var expectation: String { get }
    /// Nil where the column holds something else.
    init?(sqlValue: SQLValue)
    var sqlValue: SQLValue { get }
}

extension SQLValue: SQLConvertible {
    static let expectation = "a value"
    init?(sqlValue: SQLValue) { self = sqlValue }
    var sqlValue: SQLValue { self }
}

extension String: SQLConvertible {
    static let expectation = "a text"
    init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue else { return nil }
        self = text
    }
    var sqlValue: SQLValue { .text(self) }
}

extension Int64: SQLConvertible {
    static let expectation = "a whole number"
    init?(sqlValue: SQLValue) {
        guard case .integer(let number) = sqlValue else { return nil }
        self = number
    }
    var sqlValue: SQLValue { .integer(self) }
}

extension Int: SQLConvertible {
    static let expectation = Int64.expectation
    init?(sqlValue: SQLValue) {
        guard let number = Int64(sqlValue: sqlValue) else { return nil }
        self.init(exactly: number)
    }
    var sqlValue: SQLValue { .integer(Int64(self)) }
}

extension Double: SQLConvertible {
    static let expectation = "a number"
    init?(sqlValue: SQLValue) {
        switch sqlValue {
        case .real(let number): self = number
        case .integer(let number): self.init(number)
        case .null, .text: return nil
        }
    }
    var sqlValue: SQLValue { .real(self) }
}

extension Bool: SQLConvertible {
    static let expectation = "0 or 1"
    init?(sqlValue: SQLValue) {
        guard let number = Int64(sqlValue: sqlValue) else { return nil }
        self = number != 0
    }
    var sqlValue: SQLValue { .integer(self ? 1 : 0) }
}

/// Stored as whole milliseconds since 1970 UTC.
extension Date: SQLConvertible {
    static let expectation = "a moment"
    init?(sqlValue: SQLValue) {
        guard let milliseconds = Int64(sqlValue: sqlValue) else { return nil }
        self.init(timeIntervalSince1970: Double(milliseconds) / 1000)
    }
    var sqlValue: SQLValue { .integer(milliseconds) }

    /// Whole milliseconds since 1970 UTC; a moment beyond ±292 million years is taken as that bound.
    var milliseconds: Int64 {
        let exact = (timeIntervalSince1970 * 1000).rounded()
        if exact >= 9.2e18 { return Int64.max }
        if exact <= -9.2e18 { return Int64.min }
        return exact.isNaN ? 0 : Int64(exact)
    }
}

extension Identifier: SQLConvertible {
    static var expectation: String { "an identifier" }
    init?(sqlValue: SQLValue) {
        guard let text = String(sqlValue: sqlValue) else { return nil }
        self.init(text)
    }
    var sqlValue: SQLValue { .text(text) }
}

extension Optional: SQLConvertible where Wrapped: SQLConvertible {
    static var expectation: String { Wrapped.expectation }
    init?(sqlValue: SQLValue) {
        if sqlValue == .null {
            self = .none
        } else if let value = Wrapped(sqlValue: sqlValue) {
            self = .some(value)
        } else {
            return nil
        }
    }
    var sqlValue: SQLValue { self?.sqlValue ?? .null }
}

/// An enumeration that is stored by its raw value.
extension SQLConvertible where Self: RawRepresentable, RawValue == String {
    static var expectation: String { "a \(Self.self)" }
    init?(sqlValue: SQLValue) {
        guard let text = String(sqlValue: sqlValue) else { return nil }
        self.init(rawValue: text)
    }
    var sqlValue: SQLValue { .text(rawValue) }
}

extension Decision: SQLConvertible {}
extension SmearClass: SQLConvertible {}
extension ReaderLabel: SQLConvertible {}
extension Role: SQLConvertible {}
extension OneTimeToken.Purpose: SQLConvertible {}
extension ScreeningRecord.State: SQLConvertible {}
extension Appointment.State: SQLConvertible {}
extension Review.State: SQLConvertible {}
extension Doctor.Status: SQLConvertible {}
extension Postcode.Exactness: SQLConvertible {}
extension Person.Sex: SQLConvertible {}
extension Notice.Kind: SQLConvertible {}
extension VisitMessage.Kind: SQLConvertible {}
extension Notice.Letter: SQLConvertible {}
extension SmearSite.State: SQLConvertible {}
extension SmearSite.Suspension.Cause: SQLConvertible {}
extension ControlField.Method: SQLConvertible {}
extension ControlField.Purpose: SQLConvertible {}
extension SiteWatch.Alarm: SQLConvertible {}
extension SiteEvent.Kind: SQLConvertible {}
