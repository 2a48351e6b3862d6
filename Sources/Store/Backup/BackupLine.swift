import Clinic
import Formats
import Foundation

/// A row as one line of JSON: an array in the order of the table's columns.
///
/// Numbers with a fraction stand in an object, `{"real":0.5}`, so that a whole one comes back as what it was.
enum BackupLine {
    static func line(_ row: [SQLValue]) -> String {
        "[" + row.map(json).joined(separator: ",") + "]\n"
    }

    /// Reads what `line` writes, and no other form of JSON.
    ///
    /// - Parameters:
    ///   - columns: How many values the row must have.
    ///   - file: For the message.
    /// - Throws: `ClinicError.corrupt`.
    static func row(_ line: Data, columns: Int, in file: String) throws -> [SQLValue] {
        var reader = BackupLineReader(bytes: [UInt8](line))
        guard let row = reader.row(), row.count == columns else {
            throw ClinicError(.corrupt, fault: "\(file) in the backup holds a line that is no row.")
        }
        return row
    }

    private static func json(_ value: SQLValue) -> String {
        switch value {
        case .null: "null"
        case .integer(let number): String(number)
        case .real(let number): number.isFinite ? "{\"real\":\(number)}" : "null"
        case .text(let text): quoted(text)
        }
    }

    private static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "\"")]
        bytes.reserveCapacity(text.utf8.count + 2)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<32:
                bytes += Array(("\\u00" + [byte].hexadecimal).utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Walks along the bytes of a line.
private struct BackupLineReader {
    let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Nil when the line is no row.
    mutating func row() -> [SQLValue]? {
        guard take("[") else { return nil }
        var row: [SQLValue] = []
        while let value = value() {
            row.append(value)
            if take("]") { return position == bytes.count ? row : nil }
            guard take(",") else { return nil }
        }
        return nil
    }

    private mutating func value() -> SQLValue? {
        if take("\"") { return text().map(SQLValue.text) }
        if take("null") { return .null }
        if take("{\"real\":") {
            guard let number = Double(until(UInt8(ascii: "}"))), take("}") else { return nil }
            return .real(number)
        }
        let start = position
        while position < bytes.count, bytes[position] == UInt8(ascii: "-") || (48...57).contains(bytes[position]) {
            position += 1
        }
        return Int64(String(decoding: bytes[start..<position], as: UTF8.self)).map(SQLValue.integer)
    }

    /// The rest of a text whose first quotation mark is taken.
    private mutating func text() -> String? {
        var found: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: found, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = escaped() else { return nil }
                found.append(escaped)
            default: found.append(byte)
            }
        }
        return nil
    }

    private mutating func escaped() -> UInt8? {
        if take("\"") { return UInt8(ascii: "\"") }
        if take("\\") { return UInt8(ascii: "\\") }
        guard take("u00"), position + 2 <= bytes.count else { return nil }
        defer { position += 2 }
        return UInt8(String(decoding: bytes[position..<(position + 2)], as: UTF8.self), radix: 16)
    }

    private mutating func until(_ end: UInt8) -> String {
        let start = position
        while position < bytes.count, bytes[position] != end { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func take(_ expected: StaticString) -> Bool {
        let count = expected.utf8CodeUnitCount
        guard position + count <= bytes.count else { return false }
        for offset in 0..<count where bytes[position + offset] != expected.utf8Start[offset] { return false }
        position += count
        return true
    }
}
