/// What names one postcode.
public struct PostcodeKey: Sendable, Equatable {
    /// As `Postcode.code`.
    public let code: String
    /// ISO 3166-1, two letters.
    public let countryCode: String

    public init(code: String, countryCode: String) { (self.code, self.countryCode) = (code, countryCode) }
}

/// A postcode of a country, or the beginning of many, with where it is.
public struct Postcode: Sendable, Equatable {
    /// How well its place is known.
    public enum Exactness: String, Sendable, CaseIterable {
        /// The list of postcodes has a position for it.
        case point
        /// It is that of a town, found by its name.
        case town
        /// Somewhere about there: by a larger place in its name, or by the codes beside it.
        case about
    }

    /// Upper case, letters and digits alone.
    public let code: String
    /// ISO 3166-1, two letters.
    public let countryCode: String
    /// What may stand behind the code, each `|` another ending: `#` a digit, `@` a letter, `*` up to five of both. Empty
    /// for a whole code.
    public let ending: String
    public let position: GeoPosition
    public let exactness: Exactness
    /// The town or locality; empty where the list names none.
    public let label: String

    public init(
        code: String, countryCode: String, ending: String = "", position: GeoPosition, exactness: Exactness,
        label: String
    ) {
        (self.code, self.countryCode, self.ending) = (code, countryCode, ending)
        (self.position, self.exactness, self.label) = (position, exactness, label)
    }

    /// A code as it is compared: upper case, letters and digits alone.
    public static func compared(_ typed: String) -> String {
        String(decoding: typed.uppercased().utf8.filter { isDigit($0) || isLetter($0) }, as: UTF8.self)
    }

    /// Whether this is what somebody means by a code as it is compared.
    public func isMeant(by compared: String) -> Bool {
        guard compared.hasPrefix(code) else { return false }
        let rest = Array(compared.utf8.dropFirst(code.utf8.count))
        return ending.split(separator: "|", omittingEmptySubsequences: false).contains { Self.fits(rest, $0) }
    }

    private static func fits(_ rest: [UInt8], _ ending: Substring) -> Bool {
        if ending == "*" { return rest.count <= 5 }
        return rest.count == ending.utf8.count
            && zip(rest, ending.utf8).allSatisfy { $1 == UInt8(ascii: "#") ? isDigit($0) : isLetter($0) }
    }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    static func isLowerLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }

    static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
}
