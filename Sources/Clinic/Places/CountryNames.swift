import Foundation

/// The countries of ISO 3166-1 with their names in a language (Unicode CLDR).
public struct CountryNames: Sendable {
    /// A country to choose.
    public struct Country: Sendable, Equatable {
        /// ISO 3166-1, two capital letters.
        public let code: String
        public let name: String
    }

    /// By name.
    public let all: [Country]
    private let names: [String: String]
    private let codes: [String: String]

    /// Codes of no single country: the world, and territories that CLDR lists without a code of ISO 3166-1.
    private static let excluded: Set<String> = ["AC", "CP", "CQ", "DG", "EA", "IC", "TA"]

    /// - Parameter language: ISO 639-1, such as `en`.
    public init(language: String) {
        let locale = Locale(identifier: language)
        var names: [String: String] = [:]
        for region in Locale.Region.isoRegions {
            let code = region.identifier
            guard code.utf8.count == 2, !Self.excluded.contains(code),
                code.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }),
                let name = locale.localizedString(forRegionCode: code)
            else { continue }
            names[code] = name
        }
        // Kosovo has the user-assigned code that GeoNames, the EU and CLDR use.
        if names["XK"] == nil { names["XK"] = locale.localizedString(forRegionCode: "XK") ?? "Kosovo" }
        self.names = names
        all = names.map { Country(code: $0.key, name: $0.value) }.sorted { $0.name < $1.name }
        codes = Dictionary(names.map { (Self.folded($0.value), $0.key) }, uniquingKeysWith: { first, _ in first })
    }

    /// The names in English.
    public static let english = CountryNames(language: "en")

    /// A country's name; the code itself where there is no such country.
    public func name(of code: String) -> String { names[code] ?? code }

    /// Whether there is a country of this code.
    public func contains(_ code: String) -> Bool { names[code] != nil }

    /// The code of a country as somebody wrote it: its name, also in English, without regard to case and accents, or its two
    /// letters.
    public func code(of text: String) -> String? {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        if text.utf8.count == 2, names[text.uppercased()] != nil { return text.uppercased() }
        let name = Self.folded(text)
        return codes[name] ?? Self.others[name] ?? Self.english.codes[name]
    }

    /// What people also write.
    private static let others = [
        "usa": "US", "uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB",
        "uae": "AE", "czech republic": "CZ", "turkey": "TR", "burma": "MM", "ivory coast": "CI", "bharat": "IN",
    ]

    private static func folded(_ text: String) -> String {
        text.folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
    }
}
