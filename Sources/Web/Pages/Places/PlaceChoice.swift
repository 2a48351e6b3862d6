import Clinic

/// A place among which somebody chooses.
struct PlaceChoice: Sendable, Equatable {
    /// What the form sends as `place_id`: GeoNames' number of a town, or the country and the code of a postcode, such as
    /// `IN-560001`.
    let id: String
    let label: String

    init(_ found: PlaceFound, _ words: PlaceWords) {
        id = String(found.place.id)
        label = words.label(found)
    }

    init(_ found: PostcodeFound, typed: String, _ words: PlaceWords) {
        id = "\(found.postcode.countryCode)-\(Postcode.compared(typed))"
        label = words.label(found, typed: typed)
    }

    /// The country and the code of a postcode that was chosen.
    static func postcode(_ id: String) -> (countryCode: String, code: String)? {
        let parts = id.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts[0].utf8.count == 2, Postcode.compared(parts[1]) == parts[1], !parts[1].isEmpty
        else { return nil }
        return (parts[0], parts[1])
    }
}
