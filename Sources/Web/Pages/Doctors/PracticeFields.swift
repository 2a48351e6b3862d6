import Clinic
import Wording

/// The fields of the form of a doctor's entry, in their groups.
struct PracticeFields: Sendable {
    let name: [FormField]
    let training: [FormField]
    let clinic: [FormField]
    let zone: [FormField]
    let fee: [FormField]
    let contact: [FormField]
    private let text: TextCatalogue

    init(_ form: PracticeForm, text: TextCatalogue) {
        self.text = text
        let entry = form.entry
        /// A field by the name of its property of `DoctorEntry`.
        func field(
            _ name: String, _ value: String, type: String = "text", isRequired: Bool = true, maximum: Int = 100,
            autocomplete: String = "off", inputMode: String? = nil
        ) -> FormField {
            FormField(
                name, text: text, words: "practice", type: type, value: value, autocomplete: autocomplete,
                id: "entry-\(name)", isRequired: isRequired, maximumLength: maximum, inputMode: inputMode,
                wrong: form.errors[name])
        }
        name = [
            field("name", entry.name, autocomplete: "name"),
            field("qualifications", entry.qualifications, maximum: 300),
            field("council", entry.council, maximum: 150),
            field("registrationNumber", entry.registrationNumber, maximum: 60),
        ]
        training = [
            field("practiceSince", entry.practiceSince, maximum: 4, inputMode: "numeric"),
            field("languages", form.languages, maximum: 300),
        ]
        clinic = [
            field("clinicName", entry.clinicName, maximum: 150, autocomplete: "organization"),
            field("street", entry.street, maximum: 200, autocomplete: "street-address"),
            field("city", entry.city, autocomplete: "address-level2"),
        ]
        zone = [field("timeZone", entry.timeZone, isRequired: false, maximum: 40)]
        fee = [
            field("fee", entry.fee, isRequired: false, maximum: 11, inputMode: "decimal"),
            field("currency", entry.currency, isRequired: false, maximum: 3),
        ]
        contact = [
            field(
                "phone", entry.phone, type: "tel", isRequired: false, maximum: 40, autocomplete: "tel",
                inputMode: "tel"),
            field(
                "email", entry.email, type: "email", isRequired: false, maximum: 254, autocomplete: "email",
                inputMode: "email"),
            field(
                "website", entry.website, type: "url", isRequired: false, maximum: 300, autocomplete: "url",
                inputMode: "url"),
        ]
    }

    /// All specialties to choose from.
    func specialties(isChosen: (Specialty) -> Bool) -> [FormOption] {
        Specialty.allCases.map {
            .init(value: $0.rawValue, name: text("practice.specialties.\($0.rawValue)"), isChosen: isChosen($0))
        }
    }
}
