/// Reads comma-separated values (RFC 4180) piece by piece, as they come: fields in quotes, doubled quotes, line breaks
/// within quotes, lines ended by CRLF, LF or CR; UTF-8 with or without a byte-order mark, or UTF-16 as spreadsheets save
/// “Unicode text”. A first line such as `sep=;`, which spreadsheets write, names the separator and is no record.
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
    /// The beginning of the bytes, as long as the encoding is not known.
    private var beginning: [UInt8] = []
    private var isEncodingKnown = false
    /// Nil for UTF-8.
    private var transcoder: UTF16Transcoder?
    /// The beginning of the first line in UTF-8, as long as the separator is not known.
    private var head: [UInt8] = []
    private var isBegun = false
    private var records: [Record] = []

    /// - Parameter separator: What stands between fields; nil for `,`, `;` or a tab, whichever the first line has most of.
    public init(separator: Unicode.Scalar? = nil) { self.separator = separator.map { UInt8(ascii: $0) } }

    /// The records of a whole text.
    public static func records(in text: String, separator: Unicode.Scalar = ",") -> [Record] {
        var reader = CSVReader(separator: separator)
        return reader.append(text.utf8) + reader.finish()
    }

    /// Takes the next bytes. How the text is cut into pieces changes nothing.
    ///
    /// - Returns: The records that are complete with them; lines that hold nothing, or only separators, are none.
    public mutating func append(_ bytes: some Sequence<UInt8>) -> [Record] {
        if isEncodingKnown {
            decode(bytes)
        } else {
            beginning += bytes
            if beginning.count >= UTF16Transcoder.beginningLength { knowEncoding() }
        }
        defer { records = [] }
        return records
    }

    /// Says that nothing more comes.
    public mutating func finish() -> [Record] {
        if !isEncodingKnown { knowEncoding() }
        if let rest = transcoder?.finish() { take(rest) }
        if !isBegun { begin() }
        if position == .quoted { problem = .unclosedQuote }
        endRecord()
        return records
    }

    private static func endsLine(_ byte: UInt8) -> Bool { byte == lineFeed || byte == carriageReturn }

    private mutating func knowEncoding() {
        isEncodingKnown = true
        transcoder = UTF16Transcoder(beginning: beginning)
        decode(beginning)
        beginning = []
    }

    private mutating func decode(_ bytes: some Sequence<UInt8>) {
        guard let text = transcoder?.utf8(of: bytes) else { return take(bytes) }
        take(text)
    }

    /// Takes UTF-8.
    private mutating func take(_ bytes: some Sequence<UInt8>) {
        guard !isBegun else { return bytes.forEach { take($0) } }
        head += bytes
        if head.count >= Self.maximumRecord || head.contains(where: Self.endsLine) { begin() }
    }

    private mutating func begin() {
        isBegun = true
        if head.starts(with: Self.byteOrderMark) { head.removeFirst(3) }
        // No further than where every cut into pieces has come by now.
        let first = head.prefix(Self.maximumRecord - 3).prefix { !Self.endsLine($0) }
        if separator == nil {
            let named = separatorNamed(by: first)
            if named != nil { head.removeFirst(first.count) }
            separator = named ?? separator(of: first)
        }
        for byte in head { take(byte) }
        head = []
    }

    /// The separator that a first line such as `sep=;` names; what is left of that line is nothing.
    private func separatorNamed(by first: ArraySlice<UInt8>) -> UInt8? {
        let line = String(decoding: first, as: UTF8.self).lowercased().filter { $0 != "\"" && $0 != " " }
        let named = line.hasPrefix("sep=") ? Array(line.utf8.dropFirst(4)) : []
        // A separator that is a space or a quote cannot be told from what was taken away, and none is written so.
        guard named.count == 1, Self.separators.contains(named[0]) else { return nil }
        return named[0]
    }

    private static let separators = Array(",;\t|".utf8)

    private func separator(of line: ArraySlice<UInt8>) -> UInt8 {
        let counts = Self.separators.dropLast().map { candidate in line.count { $0 == candidate } }
        let most = counts.max() ?? 0
        return counts.firstIndex(of: most).map { Self.separators[$0] } ?? UInt8(ascii: ",")
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
