import Clinic
import Foundation
import Wording

/// The form of a doctor's own entry: from what was sent to an entry, and back onto the page.
struct PracticeForm: Sendable {
    /// What was typed or is stored.
    let entry: DoctorEntry
    let languages: String
    let place: PlaceField
    /// What is wrong, by field.
    let errors: [String: String]

    /// The stored entry, or an empty form.
    init(_ doctor: Doctor?, user: User, text: TextCatalogue) {
        var entry = doctor.map { DoctorEntry($0) } ?? DoctorEntry()
        if doctor == nil { entry.name = user.name }
        let names = LanguageNames(language: text.locale.identifier)
        self.entry = entry
        languages = entry.languages.map(names.name).joined(separator: ", ")
        place = PlaceField(
            text, label: "practice.fields.place", chosen: doctor.map { Self.chosen($0, text) }, isRequired: true)
        errors = [:]
    }

    /// What was sent, with what is wrong with it.
    init(_ entry: DoctorEntry, languages: String, place: PlaceField, errors: [String: String]) {
        (self.entry, self.languages, self.place, self.errors) = (entry, languages, place, errors)
    }

    private static func chosen(_ doctor: Doctor, _ text: TextCatalogue) -> ChosenPlace {
        let country = PlaceWords(text).countries.name(of: doctor.clinic.countryCode)
        return ChosenPlace(
            name: "\(doctor.clinic.city), \(country)", position: doctor.clinic.position, placeID: nil,
            countryCode: doctor.clinic.countryCode, timeZone: doctor.clinic.timeZone, ignoredPostcode: nil)
    }

    /// Reads all but the place.
    static func entry(_ form: FormFields, text: TextCatalogue) -> DoctorEntry {
        var entry = DoctorEntry()
        entry.name = form.trimmed("name")
        entry.qualifications = form.trimmed("qualifications")
        entry.council = form.trimmed("council")
        entry.registrationNumber = form.trimmed("registrationNumber")
        entry.specialties = ([form.trimmed("specialty")] + form.all("specialties")).compactMap {
            Specialty(rawValue: $0)
        }
        entry.languages = LanguageNames(language: text.locale.identifier).codes(in: form.trimmed("languages"))
        entry.practiceSince = form.trimmed("practiceSince")
        entry.clinicName = form.trimmed("clinicName")
        entry.street = form.trimmed("street")
        entry.city = form.trimmed("city")
        entry.countryCode = form.trimmed("countryCode")
        entry.timeZone = form.trimmed("timeZone")
        entry.fee = form.trimmed("fee")
        entry.currency = form.trimmed("currency")
        entry.phone = form.trimmed("phone")
        entry.email = form.trimmed("email")
        entry.website = form.trimmed("website")
        entry.about = form["about"] ?? ""
        entry.seesChildren = form["seesChildren"] != nil
        return entry
    }

    /// The entry with its place. What the place says of country and time zone stands in where nothing was chosen.
    static func read(
        _ form: FormFields, reader: PlaceReader, text: TextCatalogue
    ) async throws -> PracticeForm {
        var entry = entry(form, text: text)
        let typed = form.trimmed("place")
        let label = "practice.fields.place"
        let place: PlaceField
        do {
            let outcome = try await reader.read(form)
            if case .chosen(let chosen) = outcome {
                entry.position = chosen.position
                if entry.timeZone.isEmpty { entry.timeZone = chosen.timeZone ?? "" }
                if entry.countryCode.isEmpty { entry.countryCode = chosen.countryCode ?? "" }
            }
            place = PlaceField(text, label: label, outcome: outcome, typed: typed, isRequired: true)
        } catch let error as ClinicError where error.field == "place" {
            place = PlaceField(text, label: label, typed: typed, error: error, isRequired: true)
        }
        return PracticeForm(entry, languages: form.trimmed("languages"), place: place, errors: [:])
    }

    /// The same with what is wrong with it.
    func with(_ problems: [ClinicError], text: TextCatalogue) -> PracticeForm {
        var errors = Dictionary(
            problems.map { ($0.field ?? "", text($0)) }, uniquingKeysWith: { first, _ in first })
        // A place brings country and time zone along: as long as there is none, it alone is asked for.
        if entry.position == nil {
            if entry.countryCode.isEmpty { errors["countryCode"] = nil }
            if entry.timeZone.isEmpty { errors["timeZone"] = nil }
        } else if entry.countryCode.isEmpty {
            errors["countryCode"] = text("practice.chooseCountry")
        }
        var place = place
        if let wrong = problems.first(where: { $0.field == "position" }), place.choices.isEmpty, place.placeError == nil
        {
            place = PlaceField(
                text, label: "practice.fields.place", typed: place.value,
                error: ClinicError(.invalid, wrong.message, field: "place"), isRequired: true)
        }
        return PracticeForm(entry, languages: languages, place: place, errors: errors)
    }
}
