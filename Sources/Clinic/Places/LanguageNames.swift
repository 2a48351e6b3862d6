import Foundation

/// The languages of ISO 639-1 with their names in a language (Unicode CLDR).
public struct LanguageNames: Sendable {
    private let names: [String: String]
    private let codes: [String: String]

    /// - Parameter language: The language of the names, ISO 639-1.
    public init(language: String) {
        let locale = Locale(identifier: language)
        names = Dictionary(
            uniqueKeysWithValues: DirectoryRules.languages.map { code in
                (code, locale.localizedString(forLanguageCode: code) ?? code)
            })
        codes = Dictionary(
            names.map { (PlaceSearch.folded($0.value), $0.key) }, uniquingKeysWith: { min($0, $1) })
    }

    /// The names in English.
    public static let english = LanguageNames(language: "en")

    /// A language's name; the code itself where there is none.
    public func name(of code: String) -> String { names[code] ?? code }

    /// All names, in order, for a list of suggestions.
    public var all: [String] { names.values.sorted() }

    /// The codes in a list such as `English, Hindi`, `en|hi` or `தமிழ் and English`. Understood are names in this language, in English
    /// and in the language itself, other ways in which people spell them in Latin letters, and codes of ISO 639 with or without a
    /// country behind (`en-IN`, `tam`). What is no language stays as it is, so that the rules of the directory name it.
    public func codes(in text: String) -> [String] {
        text.split(separator: /[,;\/|&+\n]|\band\b/.ignoresCase()).flatMap { part -> [String] in
            let name = part.trimmingCharacters(in: .whitespacesAndNewlines)
            if name.isEmpty { return [] }
            if let code = code(of: name) { return [code] }
            let words = name.split(whereSeparator: \.isWhitespace).map { code(of: String($0)) }
            let known = words.compactMap(\.self)
            return known.count == words.count ? known : [name.lowercased()]
        }
    }

    private func code(of name: String) -> String? {
        let folded = PlaceSearch.folded(name)
        if let code = codes[folded] ?? Self.english.codes[folded] ?? Self.spellings[folded] { return code }
        let language = String(folded.prefix { $0 != "-" && $0 != "_" })
        let isPlain = (2...3).contains(language.utf8.count) && language.utf8.allSatisfy(Postcode.isLowerLetter)
        guard isPlain, language == folded || folded.utf8.count <= 12 else { return nil }
        if DirectoryRules.languages.contains(language) { return language }
        return Locale.LanguageCode(language).identifier(.alpha2).flatMap {
            DirectoryRules.languages.contains($0) ? $0 : nil
        }
    }

    /// What languages call themselves, and names that are not CLDR's.
    private static let spellings: [String: String] = {
        let others = [
            "ta": "tamizh tamil thamizh thamil", "hi": "hindhi hindustani हिंदी", "te": "telegu telugoo",
            "kn": "kannad kanarese canarese",
            "ml": "malayali malyalam", "bn": "bengali bangali", "or": "oriya odiya", "pa": "panjabi gurmukhi",
            "gu": "gujrati gujerati",
            "mr": "marati maharashtrian", "as": "asamiya axomiya", "ur": "urdhu", "fa": "farsi",
            "zh": "mandarin cantonese putonghua",
            "he": "ivrit", "el": "hellenic", "tl": "tagalog filipino", "my": "myanmar", "si": "sinhalese singhala",
            "ne": "gorkhali",
        ]
        var spellings: [String: String] = [:]
        for code in DirectoryRules.languages.sorted() {
            if let own = Locale(identifier: code).localizedString(forLanguageCode: code) {
                spellings[PlaceSearch.folded(own)] = code
            }
        }
        for (code, names) in others {
            for name in names.split(separator: " ") { spellings[PlaceSearch.folded(String(name))] = code }
        }
        return spellings
    }()
}
