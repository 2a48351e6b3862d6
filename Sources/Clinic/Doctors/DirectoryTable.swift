import Findings
import Foundation

/// Reads comma-separated values (RFC 4180) piece by piece, as they come: fields in quotes, doubled quotes, line breaks
/// within quotes, CRLF or LF; UTF-8 with or without a byte-order mark; `,` or `;` between fields, whichever the first line
/// has more of.
///
/// A record that breaks the rules does not stop the next: reading goes on behind the end of its line.
struct DirectoryTable {
    /// A line, or several where quotes hold a line break.
    struct Record: Sendable, Equatable {
        /// Of its beginning, from 1.
        let line: Int
        let fields: [String]
        /// Why it cannot be read; then it has no fields.
        let problem: Message?
    }

    /// Bytes of one record; a quote that is never closed takes no more than these along.
    static let maximumRecord = 65_536
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private enum Position { case fieldStart, bare, quoted, quoteInQuoted, broken }

    private var position = Position.fieldStart
    private var fields: [[UInt8]] = []
    private var field: [UInt8] = []
    private var size = 0
    private var line = 1
    private var recordLine = 1
    private var problem: Message?
    private var separator: UInt8?
    /// The beginning of the first line, as long as the separator is not known.
    private var head: [UInt8] = []
    private var records: [Record] = []

    /// Takes the next bytes.
    ///
    /// - Returns: The records that are complete with them; empty lines are none.
    mutating func append(_ bytes: some Sequence<UInt8>) -> [Record] {
        if separator == nil {
            head += bytes
            guard head.contains(0x0A) || head.count > Self.maximumRecord else { return [] }
            begin()
        } else {
            for byte in bytes { take(byte) }
        }
        defer { records = [] }
        return records
    }

    /// Says that nothing more comes.
    mutating func finish() -> [Record] {
        if separator == nil { begin() }
        if position == .quoted { problem = Message("errors.import.openQuote") }
        endRecord()
        return records
    }

    private mutating func begin() {
        if head.starts(with: Self.byteOrderMark) { head.removeFirst(3) }
        let first = head.prefix { $0 != 0x0A }
        let semicolons = first.count { $0 == UInt8(ascii: ";") }
        separator = semicolons > first.count { $0 == UInt8(ascii: ",") } ? UInt8(ascii: ";") : UInt8(ascii: ",")
        for byte in head { take(byte) }
        head = []
    }

    private mutating func take(_ byte: UInt8) {
        defer { if byte == 0x0A { line += 1 } }
        size += 1
        if size > Self.maximumRecord, position != .broken {
            fail(position == .quoted ? "errors.import.openQuote" : "errors.import.tooLong")
        }
        switch position {
        case .quoted:
            if byte == UInt8(ascii: "\"") { position = .quoteInQuoted } else { field.append(byte) }
        case .broken:
            if byte == 0x0A { endRecord() }
        case .fieldStart, .bare, .quoteInQuoted:
            takeOutside(byte)
        }
    }

    private mutating func takeOutside(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\"") where position == .fieldStart: position = .quoted
        case UInt8(ascii: "\"") where position == .quoteInQuoted:
            field.append(byte)
            position = .quoted
        case UInt8(ascii: "\""): fail("errors.import.strayQuote")
        case separator: endField()
        case 0x0A: endRecord()
        case 0x0D: break
        default:
            guard position != .quoteInQuoted else { return fail("errors.import.afterQuote") }
            position = .bare
            field.append(byte)
        }
    }

    private mutating func fail(_ key: String) {
        problem = Message(key)
        position = .broken
        (field, fields) = ([], [])
    }

    private mutating func endField() {
        fields.append(field)
        field = []
        position = .fieldStart
    }

    private mutating func endRecord() {
        let isEmpty = problem == nil && fields.isEmpty && field.isEmpty && position == .fieldStart
        if !isEmpty {
            endField()
            let texts = fields.map { String(validating: $0, as: UTF8.self) }
            if problem == nil, texts.contains(nil) { problem = Message("errors.import.encoding") }
            records.append(
                Record(line: recordLine, fields: problem == nil ? texts.compactMap { $0 } : [], problem: problem))
        }
        (fields, problem, size) = ([], nil, 0)
        position = .fieldStart
        recordLine = line + 1
    }
}
