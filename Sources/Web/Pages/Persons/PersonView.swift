import Clinic
import Foundation
import Wording

/// What is known of the person whose sample a case holds, in words.
struct PersonView: Sendable {
    let facts: [NamedValue]

    /// - Parameter name: How a person in care is called.
    init(_ known: Person.Facts?, name: String? = nil, text: TextCatalogue) {
        let named = name.map { [NamedValue(name: text("care.person"), value: $0)] } ?? []
        guard let known else {
            facts = named
            return
        }
        func fact(_ name: String, _ value: String?) -> NamedValue? {
            value.map { NamedValue(name: text("persons.\(name)"), value: $0) }
        }
        func measured(_ name: String, _ value: Double?) -> NamedValue? {
            fact(name, value.map { text("persons.values.\(name)", ["value": PersonForm.number($0)]) })
        }
        let counts = known.counts
        facts =
            named
            + [
                fact("birthYear", known.birthYear.map(String.init)), fact("ageYears", known.ageYears.map(String.init)),
                fact("sex", known.sex.map { PersonForm.name(of: $0, text: text) }),
                measured("haemoglobin", counts.haemoglobin), measured("whiteCells", counts.whiteCells),
                measured("platelets", counts.platelets), measured("blastPercentage", counts.blastPercentage),
            ].compactMap { $0 }
            + known.identifiers.map { Self.named("identifier", $0, text) }
            + (known.sample.map { [Self.named("sample", $0, text)] } ?? [])
    }

    private static func named(
        _ name: String, _ identifier: PersonIdentifier, _ text: TextCatalogue
    ) -> NamedValue {
        NamedValue(
            name: text("persons.\(name)"),
            value: identifier.namespace.isEmpty ? identifier.value : "\(identifier.value) (\(identifier.namespace))")
    }

    init(_ subject: CaseSubject?, text: TextCatalogue) {
        self.init(subject?.person?.facts, name: subject?.name, text: text)
    }
}

/// The form that asks whose sample a case holds.
struct PersonForm: Sendable {
    let fields: [FormField]
    /// None for a person in care, whose age and sex stand elsewhere.
    let sexes: [FormOption]
    let sexError: String?
    /// Whether it stands open: something is wrong with what was sent.
    let isOpen: Bool

    private static let names = ["identifier", "namespace", "sample", "sampleNamespace"]
    private static let ages = ["birthYear", "ageYears"]
    private static let measures = ["haemoglobin", "whiteCells", "platelets", "blastPercentage"]

    /// - Parameters:
    ///   - known: What is stored.
    ///   - sent: What was sent and not accepted.
    ///   - error: Why.
    ///   - isInCare: Whether the account knows age and sex.
    init(
        _ known: Person.Facts?, sent: FormFields? = nil, error: ClinicError? = nil, isInCare: Bool = false,
        text: TextCatalogue
    ) {
        let identifier = known?.identifiers.first
        let stored: [String: String?] = [
            "identifier": identifier?.value, "namespace": identifier?.namespace,
            "sample": known?.sample?.value, "sampleNamespace": known?.sample?.namespace,
            "birthYear": known?.birthYear.map(String.init), "ageYears": known?.ageYears.map(String.init),
            "haemoglobin": known?.counts.haemoglobin.map(Self.number),
            "whiteCells": known?.counts.whiteCells.map(Self.number),
            "platelets": known?.counts.platelets.map(Self.number),
            "blastPercentage": known?.counts.blastPercentage.map(Self.number),
        ]
        fields = (Self.names + (isInCare ? [] : Self.ages) + Self.measures).map { name in
            FormField(
                name, text: text, words: "persons", value: sent?[name] ?? (stored[name] ?? nil) ?? "",
                id: "person-\(name)", isRequired: false,
                maximumLength: Self.names.contains(name) ? Person.Facts.maximumIdentifier : 12,
                inputMode: Self.measures.contains(name) ? "decimal" : name.hasSuffix("Year") ? "numeric" : nil,
                error: error)
        }
        let sex = sent.map { $0["sex"] ?? "" } ?? known?.sex?.rawValue ?? ""
        sexes =
            isInCare
            ? []
            : [FormOption(value: "", name: text("persons.sexes.unknown"), isChosen: sex.isEmpty)]
                + Person.Sex.allCases.map {
                    FormOption(
                        value: $0.rawValue, name: Self.name(of: $0, text: text), isChosen: sex == $0.rawValue)
                }
        sexError = text(error, at: "sex")
        isOpen = error != nil
    }

    static func name(of sex: Person.Sex, text: TextCatalogue) -> String {
        switch sex {
        case .female: text("persons.sexes.female")
        case .male: text("persons.sexes.male")
        case .other: text("persons.sexes.neither")
        }
    }

    /// A measure as it was given: without a fraction where it has none.
    static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e6 ? String(Int(value)) : String(value)
    }

    /// What a form says.
    ///
    /// - Parameter known: What is stored; identifiers that the form does not show stay.
    /// - Throws: `ClinicError.invalid` with the field.
    static func facts(_ form: FormFields, known: Person.Facts?) throws -> Person.Facts {
        let identifier = PersonIdentifier(namespace: form.trimmed("namespace"), value: form.trimmed("identifier"))
        guard form.trimmed("sex").isEmpty || Person.Sex(rawValue: form.trimmed("sex")) != nil else {
            throw ClinicError(.invalid, "errors.persons.sex", field: "sex")
        }
        return Person.Facts(
            identifiers: [identifier] + (known?.identifiers.dropFirst() ?? []),
            sample: PersonIdentifier(namespace: form.trimmed("sampleNamespace"), value: form.trimmed("sample")),
            birthYear: try whole(form, "birthYear"), ageYears: try whole(form, "ageYears"),
            sex: Person.Sex(rawValue: form.trimmed("sex")),
            counts: BloodCounts(
                haemoglobin: try number(form, "haemoglobin"), whiteCells: try number(form, "whiteCells"),
                platelets: try number(form, "platelets"), blastPercentage: try number(form, "blastPercentage")))
    }

    /// - Throws: `ClinicError.invalid` with the field for what is no whole number.
    static func whole(_ form: FormFields, _ field: String) throws -> Int? {
        let text = form.trimmed(field)
        guard !text.isEmpty else { return nil }
        guard let value = Int(text) else { throw ClinicError(.invalid, "errors.persons.whole", field: field) }
        return value
    }

    /// With a point or a comma.
    private static func number(_ form: FormFields, _ field: String) throws -> Double? {
        let text = form.trimmed(field).replacing(",", with: ".")
        guard !text.isEmpty else { return nil }
        guard let value = Double(text), value.isFinite else {
            throw ClinicError(.invalid, "errors.persons.number", field: field)
        }
        return value
    }
}
