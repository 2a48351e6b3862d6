import Clinic
import Foundation
import Wording

/// A field in which somebody says a place, for the partial `place-field`: with a script a list appears while one types,
/// without it the form is sent and comes back with the places to choose from.
struct PlaceField: Sendable {
    /// A place to choose.
    struct Choice: Sendable {
        let id: String
        let placeID: String
        let label: String
        let isChosen: Bool
    }

    /// Of the input in the page; the other parts hang their names on it.
    let id: String
    let label: String
    let hint: String
    let value: String
    /// The words for which the following were chosen.
    let placeFor: String
    let placeID: String
    let latitude: String
    let longitude: String
    let latitudeName: String
    let longitudeName: String
    let isRequired: Bool
    /// Named so that a template which finds nil here does not find a page's own further up.
    let placeError: String?
    /// Such as that a postcode decided nothing.
    let placeNote: String?
    let choices: [Choice]
    let describing: String

    /// - Parameters:
    ///   - text: The words of the pages.
    ///   - id: The input's identifier, where a page has several.
    ///   - label: Key of the label in the texts.
    ///   - chosen: What is chosen already.
    ///   - typed: What stands in the field where nothing is chosen.
    ///   - choices: Places among which to choose.
    ///   - error: Shown when its field is `place`.
    ///   - hasShortNames: Whether the position is sent as `lat` and `lon`, as in addresses.
    init(
        _ text: TextCatalogue, id: String = "place", label: String = "places.label", chosen: ChosenPlace? = nil,
        typed: String = "", choices: [PlaceChoice] = [], error: ClinicError? = nil, isRequired: Bool = false,
        hasShortNames: Bool = false
    ) {
        self.id = id
        self.label = text(label)
        self.isRequired = isRequired
        value = chosen?.name ?? typed
        placeFor = chosen?.name ?? (choices.isEmpty ? "" : typed)
        placeID = chosen?.placeID.map(String.init) ?? ""
        latitude = chosen.map { Self.degrees($0.position.latitude) } ?? ""
        longitude = chosen.map { Self.degrees($0.position.longitude) } ?? ""
        (latitudeName, longitudeName) = hasShortNames ? ("lat", "lon") : ("latitude", "longitude")
        placeError = text(error, at: "place")
        placeNote = chosen?.ignoredPostcode.map {
            text("places.postcode", ["postcode": $0, "place": chosen?.name ?? ""])
        }
        self.choices = choices.enumerated().map { index, choice in
            Choice(id: "\(id)-choice-\(index)", placeID: choice.id, label: choice.label, isChosen: false)
        }
        hint = text("places.hint")
        describing = [
            "\(id)-hint", placeError == nil ? nil : "\(id)-error", choices.isEmpty ? nil : "\(id)-choices",
        ].compactMap { $0 }.joined(separator: " ")
    }

    /// The field for what `PlaceReader` made of a form.
    init(
        _ text: TextCatalogue, id: String = "place", label: String = "places.label", outcome: PlaceReader.Outcome,
        typed: String, isRequired: Bool = false, hasShortNames: Bool = false
    ) {
        switch outcome {
        case .none:
            self.init(
                text, id: id, label: label, typed: typed, isRequired: isRequired, hasShortNames: hasShortNames)
        case .chosen(let chosen):
            self.init(
                text, id: id, label: label, chosen: chosen, isRequired: isRequired, hasShortNames: hasShortNames)
        case .choose(let choices):
            self.init(
                text, id: id, label: label, typed: typed, choices: choices, isRequired: isRequired,
                hasShortNames: hasShortNames)
        }
    }

    /// Degrees with at most six digits behind the point, some 10 cm.
    static func degrees(_ value: Double) -> String {
        let rounded = (value * 1e6).rounded() / 1e6
        return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
    }
}

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
