/// A postcode that somebody typed without a town, in each way it can be read.
public struct PostcodeQuery: Sendable, Equatable {
    /// A code as it is compared, perhaps of one country.
    public struct Reading: Sendable, Equatable {
        public let code: String
        public let countryCode: String?

        public init(code: String, countryCode: String? = nil) {
            self.code = code
            self.countryCode = countryCode
        }
    }

    /// As it is shown again, such as “SW1A 1AA”.
    public let typed: String
    /// The likeliest first; those behind count where it finds nothing.
    public let readings: [Reading]
    /// The town that the words may name where no reading is a postcode, such as that of “98000 Monaco”.
    public let town: Town?

    /// A town with the postcode written beside it.
    public struct Town: Sendable, Equatable {
        public let name: String
        public let countryCode: String?
        public let postcode: String

        public init(name: String, countryCode: String?, postcode: String) {
            (self.name, self.countryCode, self.postcode) = (name, countryCode, postcode)
        }
    }

    public init(typed: String, readings: [Reading], town: Town? = nil) {
        (self.typed, self.readings, self.town) = (typed, readings, town)
    }

    /// Digits and letters that a code has.
    private static let lengths = 2...10

    /// Reads `560001`, `SW1A 1AA`, `LV-1010`, `560001 India` or `1012 AB`; nil for what is no postcode alone.
    ///
    /// - Parameters:
    ///   - words: What was typed, without a country behind a comma.
    ///   - country: The country behind the comma.
    ///   - countries: The names of countries in the reader's language.
    init?(_ words: [String], country: String?, countries: CountryNames) {
        let codes = words.filter(Self.isCode)
        let others = words.filter { !Self.isCode($0) }
        guard !codes.isEmpty else { return nil }
        let whole = Postcode.compared(words.joined())
        var readings: [Reading] = []
        if others.isEmpty {
            readings = [Reading(code: whole, countryCode: country)] + Self.prefixed(whole, country, countries)
        } else {
            let name = others.joined(separator: " ")
            if country == nil, let named = countries.code(of: name) {
                readings = Self.readings(codes.joined(), of: named)
            }
            // Letters that are part of the code: “1012 AB”, “VLT 1117”.
            if others.count == 1, name.utf8.count <= 3, Postcode.compared(name).utf8.count == name.utf8.count {
                readings.append(Reading(code: whole, countryCode: country))
            }
        }
        readings = readings.filter { Self.lengths.contains($0.code.utf8.count) }
        guard !readings.isEmpty else { return nil }
        let postcode = codes.joined(separator: " ")
        let town = Town(name: others.joined(separator: " "), countryCode: country, postcode: postcode)
        self.init(
            typed: (readings[0].code == whole ? words.joined(separator: " ") : postcode).uppercased(),
            readings: readings, town: others.isEmpty ? nil : town)
    }

    /// A word of a postcode has a digit.
    static func isCode(_ word: String) -> Bool { word.utf8.contains(where: Postcode.isDigit) }

    private static func readings(_ typed: String, of country: String) -> [Reading] {
        let code = Postcode.compared(typed)
        let alone = code.hasPrefix(country) ? [Reading(code: String(code.dropFirst(2)), countryCode: country)] : []
        return [Reading(code: code, countryCode: country)] + alone
    }

    /// “LV-1010”: the country's letters stand before digits alone.
    private static func prefixed(_ whole: String, _ country: String?, _ countries: CountryNames) -> [Reading] {
        let (letters, digits) = (String(whole.prefix(2)), whole.dropFirst(2))
        guard digits.utf8.count >= 3, digits.utf8.allSatisfy(Postcode.isDigit),
            letters.utf8.allSatisfy(Postcode.isLetter),
            countries.contains(letters), country == nil || country == letters
        else { return [] }
        return [Reading(code: String(digits), countryCode: letters)]
    }
}
