import Clinic
import Foundation
import Wording

/// How places are called on the pages.
struct PlaceWords: Sendable {
    let text: TextCatalogue
    let countries: CountryNames

    /// - Parameter text: The words of the pages; their language names the countries.
    init(_ text: TextCatalogue) {
        self.text = text
        countries = text.language == "en" ? .english : CountryNames(language: text.locale.identifier)
    }

    /// Such as “Bengaluru, India”, or “San José (near Guadalajara), Mexico” where there are several.
    func label(_ found: PlaceFound) -> String {
        let country = countries.name(of: found.place.countryCode)
        guard let near = found.near else { return "\(found.place.name), \(country)" }
        return "\(found.place.name) (\(text("places.near", ["place": near]))), \(country)"
    }

    /// Such as “560001 Bengaluru, India”, or “571234 Kushalnagar (about here), India” where the place is only roughly known.
    ///
    /// - Parameter typed: The code as it was typed.
    func label(_ found: PostcodeFound, typed: String) -> String {
        let town = [typed, found.name].filter { !$0.isEmpty }.joined(separator: " ")
        let about = found.postcode.exactness == .about ? " (\(text("places.about")))" : ""
        return "\(town)\(about), \(countries.name(of: found.postcode.countryCode))"
    }

    /// Coordinates for people, such as “12.97° N, 77.59° E”.
    func label(_ position: GeoPosition) -> String {
        let degrees = { (value: Double, letters: (String, String)) in
            "\(abs(value).formatted(.number.precision(.fractionLength(2...4)).locale(Locale(identifier: "en_US_POSIX"))))"
                + "° \(value < 0 ? letters.1 : letters.0)"
        }
        return "\(degrees(position.latitude, ("N", "S"))), \(degrees(position.longitude, ("E", "W")))"
    }

    /// Tells that a postcode is not known.
    func unknown(_ query: PostcodeQuery) -> ClinicError {
        guard let country = query.readings.first?.countryCode else {
            return ClinicError(.invalid, "errors.places.unknownPostcode", ["postcode": query.typed], field: "place")
        }
        return ClinicError(
            .invalid, "errors.places.unknownPostcodeIn",
            ["postcode": query.typed, "country": countries.name(of: country)], field: "place")
    }
}
