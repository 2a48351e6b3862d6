/// Reads comma-separated values (RFC 4180) piece by piece, as they come: fields in quotes, doubled quotes, line breaks
/// within quotes, lines ended by CRLF, LF or CR; UTF-8 with or without a byte-order mark.
///
/// A record that breaks the rules does not stop the next: reading goes on behind the end of its line.
public struct CSVReader: Sendable {
    /// A line, or several where quotes hold a line break.
    public struct Record: Sendable, Equatable {
        /// The line where it begins, from 1.
        public let line: Int
        public let fields: [String]
        /// Why it cannot be read; then it has no fields.
        public let problem: Problem?
    }

    /// Why a record cannot be read, as part of a sentence.
    public enum Problem: String, Sendable {
        case unclosedQuote = "a quoted field is never closed"
        case quoteInField = "a quote stands inside a field that does not begin with one"
        case textAfterQuote = "text follows a closing quote"
        case tooLong = "the line is too long"
        case notUTF8 = "the line is not written in UTF-8"
    }

    /// Bytes of one record; a quote that is never closed takes no more than these along.
    public static let maximumRecord = 65_536
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    private static let (lineFeed, carriageReturn, quote) = (UInt8(0x0A), UInt8(0x0D), UInt8(ascii: "\""))

    private enum Position { case fieldStart, bare, quoted, quoteInQuoted, broken }

    private var position = Position.fieldStart
    private var fields: [[UInt8]] = []
    private var field: [UInt8] = []
    private var size = 0
    private var line = 1
    private var recordLine = 1
    private var problem: Problem?
    private var separator: UInt8?
    private var isAfterReturn = false
    /// The beginning of the first line, as long as the separator is not known.
    private var head: [UInt8] = []
    private var isBegun = false
    private var records: [Record] = []

    /// - Parameter separator: What stands between fields; nil for `,` or `;`, whichever the first line has more of.
    public init(separator: Unicode.Scalar? = nil) { self.separator = separator.map { UInt8(ascii: $0) } }

    /// The records of a whole text.
    public static func records(in text: String, separator: Unicode.Scalar = ",") -> [Record] {
        var reader = CSVReader(separator: separator)
        return reader.append(text.utf8) + reader.finish()
    }

    /// Takes the next bytes.
    ///
    /// - Returns: The records that are complete with them; lines that hold nothing, or only separators, are none.
    public mutating func append(_ bytes: some Sequence<UInt8>) -> [Record] {
        if isBegun {
            for byte in bytes { take(byte) }
        } else {
            head += bytes
            guard head.contains(where: Self.endsLine) || head.count > Self.maximumRecord else { return [] }
            begin()
        }
        defer { records = [] }
        return records
    }

    /// Says that nothing more comes.
    public mutating func finish() -> [Record] {
        if !isBegun { begin() }
        if position == .quoted { problem = .unclosedQuote }
        endRecord()
        return records
    }

    private static func endsLine(_ byte: UInt8) -> Bool { byte == lineFeed || byte == carriageReturn }

    private mutating func begin() {
        isBegun = true
        if head.starts(with: Self.byteOrderMark) { head.removeFirst(3) }
        if separator == nil {
            let first = head.prefix { !Self.endsLine($0) }
            let (comma, semicolon) = (UInt8(ascii: ","), UInt8(ascii: ";"))
            separator = first.count { $0 == semicolon } > first.count { $0 == comma } ? semicolon : comma
        }
        for byte in head { take(byte) }
        head = []
    }

    private mutating func take(_ byte: UInt8) {
        // The second byte of CRLF ends nothing more, and belongs to a field only where quotes hold it.
        let isSecondOfPair = isAfterReturn && byte == Self.lineFeed
        isAfterReturn = byte == Self.carriageReturn
        if isSecondOfPair, position != .quoted { return }
        if Self.endsLine(byte), !isSecondOfPair { line += 1 }
        size += 1
        if size > Self.maximumRecord, position != .broken {
            fail(position == .quoted ? .unclosedQuote : .tooLong)
        }
        switch position {
        case .quoted:
            if byte == Self.quote { position = .quoteInQuoted } else { field.append(byte) }
        case .broken:
            if Self.endsLine(byte) { endRecord() }
        case .fieldStart, .bare, .quoteInQuoted:
            takeOutside(byte)
        }
    }

    private mutating func takeOutside(_ byte: UInt8) {
        switch byte {
        case Self.quote where position == .fieldStart: position = .quoted
        case Self.quote where position == .quoteInQuoted:
            field.append(byte)
            position = .quoted
        case Self.quote: fail(.quoteInField)
        case separator: endField()
        case Self.lineFeed, Self.carriageReturn: endRecord()
        default:
            guard position != .quoteInQuoted else { return fail(.textAfterQuote) }
            position = .bare
            field.append(byte)
        }
    }

    private mutating func fail(_ reason: Problem) {
        problem = reason
        position = .broken
        (field, fields) = ([], [])
    }

    private mutating func endField() {
        fields.append(field)
        field = []
        position = .fieldStart
    }

    private mutating func endRecord() {
        endField()
        let texts = fields.map { String(validating: $0, as: UTF8.self) }
        if problem == nil, texts.contains(nil) { problem = .notUTF8 }
        if problem != nil {
            records.append(Record(line: recordLine, fields: [], problem: problem))
        } else if fields.contains(where: { $0.contains { $0 != 0x20 } }) {
            records.append(Record(line: recordLine, fields: texts.compactMap { $0 }, problem: nil))
        }
        (fields, problem, size) = ([], nil, 0)
        recordLine = line
    }
}
