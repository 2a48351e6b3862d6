import Foundation

/// Text as the search compares it: without regard to case, accents and width.
public enum FoldedText {
    /// The longest word that is compared; longer ones are cut.
    static let wordLimit = 40
    /// Words of one case that are kept for the search.
    public static let wordsLimit = 200

    /// Letters that Unicode does not take apart, as people type them on a plain keyboard.
    private static let plain: [Unicode.Scalar: String] = [
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i",
        "ŧ": "t",
    ]

    /// The words of a text: runs of letters, digits and the marks that belong to them.
    ///
    /// Accents of the Latin, Greek and Cyrillic scripts are dropped (Unicode blocks of combining diacritical marks);
    /// vowel signs of Indic scripts stay, since without them other words come out.
    public static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var length = 0
        for scalar in text.decomposedStringWithCompatibilityMapping.lowercased().unicodeScalars {
            if isAccent(scalar) { continue }
            guard isPartOfWord(scalar) else {
                if !word.isEmpty { words.append(word) }
                (word, length) = ("", 0)
                continue
            }
            guard length < wordLimit else { continue }
            length += 1
            if let letters = plain[scalar] { word += letters } else { word.unicodeScalars.append(scalar) }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    /// A whole line, for a search by its beginning: its words with one space between.
    public static func line(_ text: String) -> String {
        String(String.UnicodeScalarView(words(text).joined(separator: " ").unicodeScalars.prefix(300)))
    }

    /// What follows every text that begins so, in the order of code points, and belongs to no word.
    public static func end(ofPrefix prefix: String) -> String { prefix + "\u{10FFFF}" }

    private static func isAccent(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0300...0x036F, 0x1AB0...0x1AFF, 0x1DC0...0x1DFF, 0x20D0...0x20FF, 0xFE20...0xFE2F: true
        default: false
        }
    }

    private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber, .nonspacingMark, .spacingMark:
            true
        default: false
        }
    }
}
