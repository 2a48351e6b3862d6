import Clinic
import Wording

/// One field of a form, with its words and what is wrong with it.
struct FormField: Sendable {
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
    /// What describes the field to screen readers: hint and error; nil without both.
    let describing: String?

    /// - Parameters:
    ///   - name: The field's name; also its place in the texts, under `fields` and `hints` of the form's words.
    ///   - text: The words of the pages.
    ///   - words: The place of the form's words in the texts.
    ///   - type: The kind of input.
    ///   - value: What stands in it.
    ///   - autocomplete: What browsers and password managers may fill in (HTML, autofill).
    ///   - id: Its identifier in the page, where the name is there twice.
    ///   - minimumLength: Characters at least.
    ///   - error: Shown when its field is this one.
    ///   - wrong: What is wrong with this field, where that is known already.
    init(
        _ name: String, text: TextCatalogue, words: String = "account", type: String = "text", value: String = "",
        autocomplete: String = "off", id: String? = nil, label: String? = nil, isRequired: Bool = true,
        minimumLength: Int? = nil, maximumLength: Int = 100, inputMode: String? = nil, error: ClinicError? = nil,
        wrong: String? = nil
    ) {
        (self.id, self.name, self.type, self.autocomplete) = (id ?? name, name, type, autocomplete)
        self.label = text("\(words).fields.\(label ?? name)")
        self.value = type == "password" ? "" : value
        hint = text.find("\(words).hints.\(label ?? name)")
        (self.isRequired, self.minimumLength) = (isRequired, minimumLength)
        (self.maximumLength, self.inputMode) = (maximumLength, inputMode)
        self.error = wrong ?? text(error, at: name)
        let parts = [hint == nil ? nil : "\(self.id)-hint", self.error == nil ? nil : "\(self.id)-error"]
            .compactMap { $0 }
        describing = parts.isEmpty ? nil : parts.joined(separator: " ")
    }

    /// A new password.
    static func newPassword(_ text: TextCatalogue, error: ClinicError?) -> FormField {
        FormField(
            "password", text: text, type: "password", autocomplete: "new-password", label: "newPassword",
            minimumLength: PasswordRules.minimumLength, maximumLength: PasswordRules.maximumLength,
            error: error)
    }

    /// A person's name.
    static func personName(_ text: TextCatalogue, value: String, error: ClinicError?) -> FormField {
        FormField("name", text: text, value: value, autocomplete: "name", error: error)
    }

    /// An e-mail address.
    static func email(_ text: TextCatalogue, value: String, error: ClinicError?) -> FormField {
        FormField(
            "email", text: text, type: "email", value: value, autocomplete: "username", maximumLength: 254,
            inputMode: "email", error: error)
    }

    /// The reader's own password, once more, before something dangerous.
    static func ownPassword(_ text: TextCatalogue, id: String, error: ClinicError?) -> FormField {
        FormField(
            "password", text: text, type: "password", autocomplete: "current-password", id: id, label: "ownPassword",
            maximumLength: PasswordRules.maximumLength, error: error)
    }

    /// The present password.
    static func password(
        _ text: TextCatalogue, name: String = "password", id: String? = nil, error: ClinicError? = nil
    ) -> FormField {
        FormField(
            name, text: text, type: "password", autocomplete: "current-password", id: id, label: "password",
            maximumLength: PasswordRules.maximumLength, error: error)
    }
}
