import Foundation

/// A value on its way into the database or out of it.
public enum SQLValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
}

/// What can be bound to a `?`.
protocol SQLConvertible {
    var sqlValue: SQLValue { get }
}

extension SQLValue: SQLConvertible {
    var sqlValue: SQLValue { self }
}

extension String: SQLConvertible {
    var sqlValue: SQLValue { .text(self) }
}

extension Int: SQLConvertible {
    var sqlValue: SQLValue { .integer(Int64(self)) }
}

extension Int64: SQLConvertible {
    var sqlValue: SQLValue { .integer(self) }
}

extension Double: SQLConvertible {
    var sqlValue: SQLValue { .real(self) }
}

extension Bool: SQLConvertible {
    var sqlValue: SQLValue { .integer(self ? 1 : 0) }
}

/// Stored as whole milliseconds since 1970 UTC.
extension Date: SQLConvertible {
    var sqlValue: SQLValue { .integer(milliseconds) }

    /// Whole milliseconds since 1970 UTC; a moment beyond ±292 million years is taken as that bound.
    var milliseconds: Int64 {
        let exact = (timeIntervalSince1970 * 1000).rounded()
        if exact >= 9.2e18 { return Int64.max }
        if exact <= -9.2e18 { return Int64.min }
        return exact.isNaN ? 0 : Int64(exact)
    }

    init(milliseconds: Int64) {
        self.init(timeIntervalSince1970: Double(milliseconds) / 1000)
    }
}

extension Optional: SQLConvertible where Wrapped: SQLConvertible {
    var sqlValue: SQLValue { self?.sqlValue ?? .null }
}
