/// Comma-separated values (RFC 4180), as they are written here: CRLF behind each line, quotes where a field needs them.
public enum CSV {
    /// One line with its end.
    public static func line(_ fields: [String]) -> String { fields.map(quoted).joined(separator: ",") + "\r\n" }

    /// A table: a line for each list of fields.
    public static func table(_ rows: [[String]]) -> String { rows.map(line).joined() }

    /// A field that no spreadsheet takes for a formula: one that begins like one gets an apostrophe (OWASP, CSV injection).
    public static func plain(_ field: String) -> String {
        field.unicodeScalars.first.map { "=+-@\t\r\n".unicodeScalars.contains($0) } == true ? "'" + field : field
    }

    private static func quoted(_ field: String) -> String {
        let needsQuotes = field.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
        guard needsQuotes || field.first == " " || field.last == " " else { return field }
        return "\"" + field.escaping(["\"": "\"\""]) + "\""
    }
}
