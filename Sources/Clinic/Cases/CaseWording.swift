import Foundation

extension SmearCase {
    /// Characters that a title may have.
    public static let maximumTitle = 120
    /// Characters that a note may have.
    public static let maximumNote = 4000

    /// A title as somebody wrote it, on one line and without white space around it.
    ///
    /// - Throws: `ClinicError.invalid` with field `title` when it is empty or too long, or has a letter that nobody
    ///   sees.
    public static func title(_ text: String) throws -> String {
        let words = text.split { $0.isWhitespace || $0.unicodeScalars.contains(where: isControl) }
        let title = words.joined(separator: " ")
        guard !title.isEmpty else { throw ClinicError(.invalid, "errors.cases.noName", field: "title") }
        guard title.count <= maximumTitle, title.utf8.count <= 4 * maximumTitle else {
            throw ClinicError(
                .invalid, "errors.cases.nameTooLong", ["count": title.count, "maximum": maximumTitle],
                field: "title")
        }
        try HiddenLetters.refuse(in: title, field: "title")
        return title
    }

    /// A note as somebody wrote it, its lines kept.
    ///
    /// - Throws: `ClinicError.invalid` with field `note` when it is too long.
    public static func note(_ text: String) throws -> String {
        let lines = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        let kept = String(String.UnicodeScalarView(lines.unicodeScalars.filter { $0 == "\n" || !isControl($0) }))
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard kept.count <= maximumNote, kept.utf8.count <= 4 * maximumNote else {
            throw ClinicError(
                .invalid, "errors.cases.noteTooLong", ["count": kept.count, "maximum": maximumNote],
                field: "note")
        }
        return kept
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control
    }
}
