import Clinic
import Foundation

/// How places are called on the pages.
struct PlaceWords: Sendable {
    let text: TextCatalogue
    let countries: CountryNames

    /// - Parameter text: The words of the pages; their language names the countries.
    init(_ text: TextCatalogue) {
        self.text = text
        let language = text("language")
        countries = language == "en" ? .english : CountryNames(language: language)
    }

    /// Such as “Bengaluru, India”, or “San José (near Guadalajara), Mexico” where there are several.
    func label(_ found: PlaceFound) -> String {
        let country = countries.name(of: found.place.countryCode)
        guard let near = found.near else { return "\(found.place.name), \(country)" }
        return "\(found.place.name) (\(text("places.near", ["place": near]))), \(country)"
    }

    /// Coordinates for people, such as “12.97° N, 77.59° E”.
    func label(_ position: GeoPosition) -> String {
        let degrees = { (value: Double, letters: (String, String)) in
            "\(abs(value).formatted(.number.precision(.fractionLength(2...4)).locale(Locale(identifier: "en_US_POSIX"))))"
                + "° \(value < 0 ? letters.1 : letters.0)"
        }
        return "\(degrees(position.latitude, ("N", "S"))), \(degrees(position.longitude, ("E", "W")))"
    }
}
