/// Letters that nobody sees and that make one name look like another: those that change the direction of writing, those that join or
/// part words without a space, and fillers (Unicode Technical Report 36, 2.5 and 3.2).
///
/// The two joiners stay where scripts need them: between letters of Indic and Arabic scripts and between the parts of an emoji.
enum HiddenLetters {
    /// - Throws: `ClinicError.invalid` with the field and the first such letter, as Unicode writes it: `U+202E`.
    static func refuse(in text: String, field: String) throws {
        guard let hidden = first(in: text) else { return }
        let digits = String(hidden.value, radix: 16, uppercase: true)
        let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        throw ClinicError(.invalid, "errors.texts.hidden", ["letter": code], field: field)
    }

    /// Hangul fillers, Khmer vowels that are not shown, the grapheme joiner and the empty Braille cell: letters by their category,
    /// and blank.
    private static let blanks: Set<Unicode.Scalar> = [
        "\u{034F}", "\u{115F}", "\u{1160}", "\u{17B4}", "\u{17B5}", "\u{2800}", "\u{3164}", "\u{FFA0}",
    ]

    private static func first(in text: String) -> Unicode.Scalar? {
        var before: Unicode.Scalar?
        let letters = Array(text.unicodeScalars)
        for (index, letter) in letters.enumerated() {
            defer { before = letter }
            switch letter {
            case "\u{200C}", "\u{200D}":
                let after = index + 1 < letters.count ? letters[index + 1] : nil
                // A joiner behind a virama makes a half letter, also at the end of a word, as in Malayalam.
                if before?.properties.canonicalCombiningClass == .virama { continue }
                if !isJoined(before) || !isJoined(after) { return letter }
            default:
                let isHidden =
                    switch letter.properties.generalCategory {
                    case .format, .lineSeparator, .paragraphSeparator, .privateUse: true
                    default: blanks.contains(letter) || letter.properties.isNoncharacterCodePoint
                    }
                if isHidden { return letter }
            }
        }
        return nil
    }

    /// Whether a joiner has something to join here. Of Latin, Greek and Cyrillic it joins nothing.
    private static func isJoined(_ letter: Unicode.Scalar?) -> Bool {
        guard let letter, letter.value >= 0x0590 || letter.properties.isEmoji else { return false }
        return switch letter.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .otherLetter, .nonspacingMark, .spacingMark, .otherSymbol,
            .modifierSymbol:
            true
        default: false
        }
    }
}
