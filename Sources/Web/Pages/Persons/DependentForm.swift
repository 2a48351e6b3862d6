import Clinic
import Foundation
import Wording

/// The form that asks who a person in care is.
struct DependentForm: Sendable {
    let fields: [FormField]
    let sexes: [FormOption]
    /// The box of the guardian's consent; nil where somebody is only changed.
    let consent: Box?

    struct Box: Sendable {
        let label: String
        let isTicked: Bool
        let error: String?
    }

    /// - Parameters:
    ///   - known: What is stored; nil for somebody new.
    ///   - sent: What was sent and not accepted.
    ///   - error: Why.
    ///   - now: When an age is told.
    init(
        _ known: Dependent?, sent: FormFields? = nil, error: ClinicError? = nil, now: Date, text: TextCatalogue
    ) {
        let facts = known?.facts
        let age = facts?.birthYear == nil ? known?.age(at: now) : nil
        let stored: [String: String?] = [
            "name": facts?.name, "birthYear": facts?.birthYear.map(String.init),
            "birthMonth": facts?.birthMonth.map(String.init), "ageYears": age.map(String.init),
        ]
        fields = ["name", "birthYear", "birthMonth", "ageYears"].map { name in
            FormField(
                name, text: text, words: "care", value: sent?[name] ?? (stored[name] ?? nil) ?? "",
                id: "care-\(name)", isRequired: name == "name", maximumLength: name == "name" ? 100 : 4,
                inputMode: name == "name" ? nil : "numeric", error: error)
        }
        let sex = sent.map { $0["sex"] ?? "" } ?? facts?.sex?.rawValue ?? ""
        sexes =
            [FormOption(value: "", name: text("persons.sexes.unknown"), isChosen: sex.isEmpty)]
            + Person.Sex.allCases.map {
                FormOption(value: $0.rawValue, name: PersonForm.name(of: $0, text: text), isChosen: sex == $0.rawValue)
            }
        consent =
            known == nil
            ? Box(
                label: text("consent.agreeFor"), isTicked: sent?["consent"] != nil,
                error: text(error, at: "consent")) : nil
    }

    /// What a form says.
    ///
    /// - Throws: `ClinicError.invalid` with the field.
    static func facts(_ form: FormFields) throws -> Dependent.Facts {
        guard form.trimmed("sex").isEmpty || Person.Sex(rawValue: form.trimmed("sex")) != nil else {
            throw ClinicError(.invalid, "errors.persons.sex", field: "sex")
        }
        return Dependent.Facts(
            name: form.trimmed("name"), birthYear: try PersonForm.whole(form, "birthYear"),
            birthMonth: try PersonForm.whole(form, "birthMonth"), ageYears: try PersonForm.whole(form, "ageYears"),
            sex: Person.Sex(rawValue: form.trimmed("sex")))
    }
}

/// Of whom a new case is, to choose from; nobody is asked who has nobody in care.
struct SubjectChoice: Sendable {
    let options: [FormOption]

    /// - Parameters:
    ///   - dependents: Those of the reader.
    ///   - chosen: nil for the reader themselves.
    /// - Returns: Nil where there is nothing to choose.
    init?(_ dependents: [Dependent], chosen: DependentID? = nil, text: TextCatalogue) {
        guard !dependents.isEmpty else { return nil }
        options =
            [FormOption(value: "", name: text("care.me"), isChosen: chosen == nil)]
            + dependents.map {
                FormOption(value: $0.id.text, name: $0.facts.name, isChosen: chosen == $0.id)
            }
    }

    /// Whom a form chose; nil for the reader themselves.
    ///
    /// - Throws: `ClinicError.notFound` for what names nobody.
    static func dependent(_ chosen: String?) throws -> DependentID? {
        guard let chosen, !chosen.isEmpty else { return nil }
        guard let id = DependentID(chosen) else { throw ClinicError(.notFound, "errors.nothingHere") }
        return id
    }
}
