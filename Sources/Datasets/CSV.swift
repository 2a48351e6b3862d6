/// Comma-separated values after RFC 4180: quoted fields, doubled quotes, line breaks inside quotes, CRLF or LF.
public enum CSV {
    /// Splits `text` into records of fields; empty lines are skipped, a byte-order mark is dropped.
    ///
    /// - Parameter separator: the field separator, `,` or tab.
    /// - Returns: each record with the number of its first line, from 1.
    /// - Throws: `DatasetError` `malformedTable` with the line, for a quote that is never closed or stands in a bare field.
    public static func records(in text: String, separator: Character = ",") throws -> [(line: Int, fields: [String])] {
        var parser = Parser(separator: separator)
        // CRLF is one Character in Swift; scalars let quotes and breaks be read one by one.
        let start = text.unicodeScalars.first == "\u{FEFF}" ? 1 : 0
        for scalar in text.unicodeScalars.dropFirst(start) { try parser.take(Character(scalar)) }
        return try parser.finished()
    }

    /// One record, with the fields quoted that need it, without a line break at the end.
    public static func line(_ fields: [String]) -> String {
        fields.map(quoted).joined(separator: ",")
    }

    private static func quoted(_ field: String) -> String {
        let needsQuotes = field.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
        guard needsQuotes || field.first == " " || field.last == " " else { return field }
        return "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

extension CSV {
    /// Reads one character at a time, so that a quoted field may hold anything.
    private struct Parser {
        enum Position { case fieldStart, bare, quoted, quoteInQuoted }

        let separator: Character
        var records: [(line: Int, fields: [String])] = []
        var fields: [String] = []
        var field = ""
        var position = Position.fieldStart
        var line = 1
        var recordLine = 1

        init(separator: Character) { self.separator = separator }

        mutating func take(_ character: Character) throws {
            defer { if character == "\n" { line += 1 } }
            if position == .quoted {
                if character == "\"" { position = .quoteInQuoted } else { field.append(character) }
                return
            }
            switch character {
            case "\"": try takeQuote()
            case separator: endField()
            case "\n": endRecord()
            case "\r": break
            default:
                guard position != .quoteInQuoted else { throw malformed("text follows a closing quote") }
                position = .bare
                field.append(character)
            }
        }

        private mutating func takeQuote() throws {
            switch position {
            case .quoteInQuoted:
                field.append("\"")
                position = .quoted
            case .fieldStart: position = .quoted
            case .bare, .quoted: throw malformed("a quote stands inside an unquoted field")
            }
        }

        private mutating func endField() {
            fields.append(field)
            field = ""
            position = .fieldStart
        }

        private mutating func endRecord() {
            let isEmptyLine = fields.isEmpty && field.isEmpty && position == .fieldStart
            if !isEmptyLine {
                endField()
                records.append((recordLine, fields))
                fields = []
            }
            recordLine = line + 1
        }

        mutating func finished() throws -> [(line: Int, fields: [String])] {
            guard position != .quoted else { throw malformed("a quoted field is never closed") }
            endRecord()
            return records
        }

        private func malformed(_ reason: String) -> DatasetError {
            DatasetError(.malformedTable, reason, line: line)
        }
    }
}
