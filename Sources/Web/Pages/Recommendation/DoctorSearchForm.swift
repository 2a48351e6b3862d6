import Clinic
import Foundation
import Wording

/// The form of the search for doctors, with what was asked for filled in.
struct DoctorSearchForm: Sendable {
    let place: PlaceField
    let needs: [FormOption]
    let specialties: [FormOption]
    let languages: [FormOption]
    let days: [FormOption]
    let radii: [FormOption]
    let isChild: Bool
    /// Whether the part with the filters is open.
    let isFiltered: Bool

    /// Languages to choose from: those most spoken, and those of the places where many people fall ill and few doctors are.
    private static let codes = [
        "am", "ar", "as", "bn", "cs", "de", "el", "en", "es", "fa", "fr", "gu", "ha", "he", "hi", "hu", "id", "it",
        "ja", "km", "kn", "ko", "ml", "mr", "ms", "my", "ne", "nl", "or", "pa", "pl", "pt", "ro", "ru", "si", "sv",
        "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "yo", "zh", "zu",
    ]

    init(_ search: DoctorSearch, place: PlaceField, text: TextCatalogue) {
        self.place = place
        isChild = search.isChild
        isFiltered = search.isFiltered
        needs = RecommendationRequest.Need.allCases.sorted { $0 == .none && $1 != .none }.map {
            FormOption(
                value: $0 == .none ? "" : $0.rawValue, name: text("ranking.needs.\($0.rawValue)"),
                isChosen: $0 == search.need)
        }
        specialties =
            [FormOption(value: "", name: text("ranking.form.anySpecialty"), isChosen: search.specialty == nil)]
            + Specialty.allCases.map {
                FormOption(
                    value: $0.rawValue, name: text("ranking.specialists.\($0.rawValue)"),
                    isChosen: $0 == search.specialty)
            }
        languages =
            [FormOption(value: "", name: text("ranking.form.anyLanguage"), isChosen: search.language == nil)]
            + Self.languages(search.language, text)
        days =
            [FormOption(value: "", name: text("ranking.form.anyTime"), isChosen: search.freeDays == nil)]
            + DoctorSearch.days.map {
                FormOption(
                    value: String($0),
                    name: text.counted("ranking.form.within", $0),
                    isChosen: $0 == search.freeDays)
            }
        radii =
            [FormOption(value: "", name: text("ranking.form.anyDistance"), isChosen: search.radius == nil)]
            + DoctorSearch.radii.map {
                FormOption(
                    value: String($0), name: text("ranking.card.kilometres", ["count": String($0)]),
                    isChosen: $0 == search.radius)
            }
    }

    /// By name; with the one asked for, whichever it is.
    private static func languages(_ chosen: String?, _ text: TextCatalogue) -> [FormOption] {
        Set(codes + [chosen].compactMap { $0 }).compactMap { code in
            DoctorWords.languageName(code, text: text).map {
                FormOption(value: code, name: $0, isChosen: code == chosen)
            }
        }.sorted { ($0.name, $0.value) < ($1.name, $1.value) }
    }
}
