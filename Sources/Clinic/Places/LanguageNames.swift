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

    /// The codes in a list such as `English, Hindi` or `en, hi`; English names are always understood. What is no language stays as it is, so that the rules of
    /// the directory name it.
    public func codes(in text: String) -> [String] {
        text.split { ",;/|".contains($0) }.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
            .filter { !$0.isEmpty }.map { name in
                let folded = PlaceSearch.folded(name)
                return codes[folded] ?? Self.english.codes[folded] ?? name.lowercased()
            }
    }
}
