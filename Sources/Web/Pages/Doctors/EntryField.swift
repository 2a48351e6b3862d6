import Clinic
import Wording

/// One field of the form of a doctor's entry, for the partial `field`; its words are under `practice.fields`.
struct EntryField: Sendable {
    let id: String
    let name: String
    let label: String
    let type: String
    let value: String
    let autocomplete: String
    let hint: String?
    let error: String?
    let isRequired: Bool
    let minimumLength: Int?
    let maximumLength: Int
    let inputMode: String?
    let describing: String?

    /// - Parameters:
    ///   - name: The field's name, which is that of the property of `DoctorEntry`.
    ///   - errors: What is wrong, by field.
    init(
        _ name: String, _ value: String, text: TextCatalogue, errors: [String: String], type: String = "text",
        isRequired: Bool = true, maximumLength: Int = 100, autocomplete: String = "off", inputMode: String? = nil
    ) {
        self.name = name
        id = "entry-\(name)"
        label = text("practice.fields.\(name)")
        hint = text.find("practice.hints.\(name)")
        (self.value, self.type, self.autocomplete) = (value, type, autocomplete)
        error = errors[name]
        self.isRequired = isRequired
        minimumLength = nil
        self.maximumLength = maximumLength
        self.inputMode = inputMode
        let parts = [hint == nil ? nil : "\(id)-hint", error == nil ? nil : "\(id)-error"].compactMap { $0 }
        describing = parts.isEmpty ? nil : parts.joined(separator: " ")
    }
}
