import Clinic
import Foundation
import Wording

/// A place that somebody chose, with where it is.
struct ChosenPlace: Sendable, Equatable {
    /// As it is shown and kept, such as “Bengaluru, India”.
    let name: String
    let position: GeoPosition
    /// Its number in GeoNames; nil for a point that is no town.
    let placeID: Int64?
    /// ISO 3166-1 of the town, or of the town nearest to the point; nil where no towns are known.
    let countryCode: String?
    /// An identifier of the IANA time zone database, of the town or the nearest; nil where not known.
    let timeZone: String?
    /// The postcode that was typed and decided nothing.
    let ignoredPostcode: String?

    /// As the account keeps it.
    var userPlace: UserPlace {
        UserPlace(
            name: String(name.prefix(100)), latitude: position.latitude, longitude: position.longitude)
    }
}

/// Understands what a form with a `PlaceField` sent.
struct PlaceReader: Sendable {
    /// What the form says.
    enum Outcome: Sendable, Equatable {
        /// Nothing was typed.
        case none
        case chosen(ChosenPlace)
        /// Several towns are called so, or several countries have the postcode: ask which.
        case choose([PlaceChoice])
    }

    let places: Places
    let words: PlaceWords
    /// Countries whose postcodes are shown first.
    let regions: [String]

    /// - Parameter regions: Countries that the person's browser names (`PreferredLanguages.regions`).
    init(places: Places, text: TextCatalogue, regions: [String] = []) {
        self.places = places
        words = PlaceWords(text)
        self.regions = regions
    }

    /// Reads `place`, `place_for`, `place_id`, `latitude` (or `lat`) and `longitude` (or `lon`).
    ///
    /// What was chosen counts as long as the words are those for which it was chosen (`place_for`); else the words do.
    ///
    /// - Throws: `ClinicError.invalid` with field `place` when the words say no place.
    func read(_ form: FormFields) async throws -> Outcome {
        let text = form.trimmed("place")
        let isUnchanged = form["place_for"] == nil || text == form.trimmed("place_for")
        if isUnchanged, let id = Int64(form.trimmed("place_id")) {
            if let place = try await places.place(id) {
                // Chosen from a list after “Springfield” was typed, it gets its whole name.
                return .chosen(chosen(PlaceFound(place: place), name: text.contains(",") ? text : ""))
            }
        } else if isUnchanged, let (country, code) = PlaceChoice.postcode(form.trimmed("place_id")) {
            let found = try await places.postcodes(code, countryCode: country)
            if let only = found.first { return .chosen(chosen(only, typed: Self.code(in: text, code))) }
        } else if isUnchanged, let position = try Self.position(form) {
            return .chosen(try await chosen(position, name: text))
        }
        return try await read(text)
    }

    /// Reads what was typed.
    ///
    /// - Throws: As above.
    func read(_ text: String) async throws -> Outcome {
        switch try PlaceQuery(text, countries: words.countries) {
        case .empty: return .none
        case .position(let position): return .chosen(try await chosen(position, name: ""))
        case .town(let town, let region, let country, let postcode):
            return try await read(town, in: region, of: country, postcode: postcode)
        case .postcode(let query):
            let answer = try await postcodes(query)
            if let only = answer.found.first, answer.found.count == 1, !answer.isElsewhere {
                return .chosen(chosen(only, typed: query.typed))
            }
            if !answer.found.isEmpty {
                return .choose(answer.found.map { PlaceChoice($0, typed: query.typed, words) })
            }
            guard let town = query.town else { throw words.unknown(query) }
            return try await read(town.name, of: town.countryCode, postcode: town.postcode)
        }
    }

    /// What a postcode can mean, the countries that the person's browser names first, then by name.
    func postcodes(_ query: PostcodeQuery) async throws -> PostcodeSearch.Answer {
        let answer = try await places.postcodes(for: query)
        let order = { (found: PostcodeFound) -> (Int, String) in
            let country = found.postcode.countryCode
            return (regions.firstIndex(of: country) ?? regions.count, words.countries.name(of: country))
        }
        return PostcodeSearch.Answer(
            found: answer.found.sorted { order($0) < order($1) }, isElsewhere: answer.isElsewhere)
    }

    private func read(
        _ town: String, in region: String? = nil, of country: String?, postcode: String?
    ) async throws -> Outcome {
        let found = try await places.towns(town, region: region, countryCode: country)
        if let only = PlaceSearch.only(town, of: found) {
            return .chosen(chosen(only, name: "", postcode: postcode))
        }
        guard !found.isEmpty else {
            throw ClinicError(.invalid, "errors.places.noTown", ["town": town], field: "place")
        }
        return .choose(found.map { PlaceChoice($0, words) })
    }

    private func chosen(_ found: PostcodeFound, typed: String) -> ChosenPlace {
        let zone = found.nearest?.timeZone ?? ""
        return ChosenPlace(
            name: words.label(found, typed: typed), position: found.postcode.position, placeID: nil,
            countryCode: found.postcode.countryCode, timeZone: zone.isEmpty ? nil : zone, ignoredPostcode: nil)
    }

    /// The code as it was typed, where the words are no more than that.
    private static func code(in text: String, _ code: String) -> String {
        Postcode.compared(text) == code ? text.uppercased() : code
    }

    private func chosen(_ found: PlaceFound, name: String, postcode: String? = nil) -> ChosenPlace {
        ChosenPlace(
            name: name.isEmpty ? words.label(found) : name, position: found.position, placeID: found.place.id,
            countryCode: found.place.countryCode, timeZone: found.place.timeZone.isEmpty ? nil : found.place.timeZone,
            ignoredPostcode: postcode)
    }

    private func chosen(_ position: GeoPosition, name: String) async throws -> ChosenPlace {
        let nearest = try await places.nearest(to: position)
        return ChosenPlace(
            name: name.isEmpty ? words.label(position) : name, position: position, placeID: nil,
            countryCode: nearest?.countryCode,
            timeZone: nearest.flatMap { $0.timeZone.isEmpty ? nil : $0.timeZone }, ignoredPostcode: nil)
    }

    private static func position(_ form: FormFields) throws -> GeoPosition? {
        let value = { (names: [String]) in names.map { form.trimmed($0) }.first { !$0.isEmpty } }
        guard let latitude = value(["latitude", "lat"]), let longitude = value(["longitude", "lon"]) else { return nil }
        let degrees = { (text: String) in Double(text.replacing(",", with: ".").replacing("−", with: "-")) }
        guard let north = degrees(latitude), let east = degrees(longitude) else {
            throw ClinicError(.invalid, "errors.places.coordinates", field: "place")
        }
        return try GeoPosition(checkedLatitude: north, longitude: east)
    }
}
