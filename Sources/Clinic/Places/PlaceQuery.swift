import Foundation

/// What somebody typed to say where they are.
public enum PlaceQuery: Sendable, Equatable {
    /// Nothing.
    case empty
    /// Coordinates.
    case position(GeoPosition)
    /// A postcode without a town.
    case postcode(PostcodeQuery)
    /// The name of a town or its beginning.
    ///
    /// `region` was written behind a comma, such as a state, and narrows the search where towns are named with it.
    /// `countryCode` is that of a country written behind a comma. `postcode` was written beside the town and decides
    /// nothing: towns have many.
    case town(String, region: String?, countryCode: String?, postcode: String?)

    /// Characters that are looked at.
    public static let maximumLength = 100

    /// Reads `12.97, 77.59`, `12°58′N 77°35′E`, `Bengaluru`, `Bengaluru, India`, `560001 Bengaluru`, `560001` or
    /// `01067, DE`.
    ///
    /// - Parameters:
    ///   - text: As typed.
    ///   - countries: The names of countries in the reader's language.
    /// - Throws: `ClinicError.invalid` with field `place` for coordinates out of range, and for digits that are no
    ///   postcode.
    public init(_ text: String, countries: CountryNames = .english) throws {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.count <= Self.maximumLength else {
            throw ClinicError(.invalid, "errors.texts.tooLong", ["maximum": Self.maximumLength], field: "place")
        }
        if text.isEmpty {
            self = .empty
        } else if let position = try GeoPosition(typed: text) {
            self = .position(position)
        } else {
            self = try Self.town(text, countries)
        }
    }

    private static func town(_ text: String, _ countries: CountryNames) throws -> PlaceQuery {
        var parts = text.replacing(/\([^)]*\)/, with: " ").split(separator: ",")
            .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        var country: String?
        if parts.count > 1, let last = parts.last, let code = countries.code(of: last) {
            country = code
            parts.removeLast()
        }
        let first = (parts.first ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
        if parts.count == 1, let query = PostcodeQuery(first, country: country, countries: countries) {
            return .postcode(query)
        }
        let (town, postcode) = withoutPostcode(first)
        // “560001, Bengaluru”: the town is in the second part.
        let words = town.isEmpty ? Array(parts.dropFirst().prefix(1)) : town
        let region = parts.dropFirst(town.isEmpty ? 2 : 1).first.flatMap { PostcodeQuery.isCode($0) ? nil : $0 }
        guard !words.isEmpty else { throw ClinicError(.invalid, "errors.places.noPostcode", field: "place") }
        return .town(
            words.joined(separator: " "), region: region, countryCode: country,
            postcode: postcode.isEmpty ? nil : postcode)
    }

    /// The words of a town, and the postcode before or behind them.
    private static func withoutPostcode(_ typed: [String]) -> (words: [String], postcode: String) {
        let words = Array(typed.drop(while: PostcodeQuery.isCode))
        let behind = Array(words.reversed().prefix(while: PostcodeQuery.isCode).reversed())
        let before = typed.prefix(while: PostcodeQuery.isCode)
        return (words.dropLast(behind.count).map { $0 }, (before + behind).joined(separator: " "))
    }
}

extension GeoPosition {
    /// Reads coordinates as people and maps write them: `12.97, 77.59`, `12.97° N, 77.59° E`, `12°58′N 77°35′E`,
    /// `12°58'12"N, 77°35'24"E`. Latitude comes first, unless the letters say otherwise.
    ///
    /// - Parameter text: As typed; nil when it is nothing of the kind.
    /// - Throws: `ClinicError.invalid` with field `place` for degrees or minutes that do not exist.
    public init?(typed text: String) throws {
        let plain = text.replacing("−", with: "-").replacing(/[′’‘´]/, with: "'").replacing(/[″”“]|''/, with: "\"")
            .uppercased().trimmingCharacters(in: .whitespacesAndNewlines)
        if let match = plain.wholeMatch(of: /([+-]?\d{1,3}(?:\.\d+)?)\s*[,;\s]\s*([+-]?\d{1,3}(?:\.\d+)?)/) {
            let isSeparated = plain.contains { $0 == "," || $0 == ";" }
            guard isSeparated || match.1.contains(".") && match.2.contains("."), let latitude = Double(match.1),
                let longitude = Double(match.2)
            else { return nil }
            try self.init(checkedLatitude: latitude, longitude: longitude)
            return
        }
        let part = /(\d{1,3}(?:\.\d+)?)\s*°?\s*(?:(\d{1,2}(?:\.\d+)?)\s*'\s*)?(?:(\d{1,2}(?:\.\d+)?)\s*"\s*)?([NSEW])/
        let found = plain.matches(of: part)
        let rest = plain.replacing(part, with: "").trimmingCharacters(in: CharacterSet(charactersIn: " ,;"))
        guard found.count == 2, rest.isEmpty else { return nil }
        let degrees = try found.map { match in
            try Self.degrees(match.1, minutes: match.2, seconds: match.3, isNegative: "SW".contains(match.4))
        }
        let isFirstLatitude = "NS".contains(found[0].4)
        guard isFirstLatitude != "NS".contains(found[1].4) else { return nil }
        try self.init(
            checkedLatitude: degrees[isFirstLatitude ? 0 : 1], longitude: degrees[isFirstLatitude ? 1 : 0])
    }

    private static func degrees(
        _ degrees: Substring, minutes: Substring?, seconds: Substring?, isNegative: Bool
    ) throws -> Double {
        let (minutes, seconds) = (minutes.flatMap { Double($0) } ?? 0, seconds.flatMap { Double($0) } ?? 0)
        guard let whole = Double(degrees), minutes < 60, seconds < 60 else {
            throw ClinicError(.invalid, "errors.places.minutes", field: "place")
        }
        let value = whole + minutes / 60 + seconds / 3600
        return isNegative ? -value : value
    }

    /// - Throws: `ClinicError.invalid` with field `place` for a point that is not on the Earth.
    public init(checkedLatitude latitude: Double, longitude: Double) throws {
        guard (-90...90).contains(latitude) else {
            throw ClinicError(.invalid, "errors.places.latitude", field: "place")
        }
        guard (-180...180).contains(longitude) else {
            throw ClinicError(.invalid, "errors.places.longitude", field: "place")
        }
        self.init(latitude: latitude, longitude: longitude)
    }
}
