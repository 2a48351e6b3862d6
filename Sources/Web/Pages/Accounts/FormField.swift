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
    static func newPassword(_ text: TextCatalogue, name: String = "password", error: ClinicError?) -> FormField {
        FormField(
            name, text: text, type: "password", autocomplete: "new-password", label: "newPassword",
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

    /// An e-mail address in place of the present one.
    static func newEmail(_ text: TextCatalogue, value: String, error: ClinicError?) -> FormField {
        FormField(
            "email", text: text, type: "email", value: value, autocomplete: "email", id: "new-email",
            label: "newEmail", maximumLength: 254, inputMode: "email", error: error)
    }

    /// What `SiteServices.confirm` reads: the reader's own password, and a code where their account has a second factor.
    ///
    /// - Parameters:
    ///   - context: Who reads.
    ///   - part: The form, where the page has several.
    ///   - error: What is wrong with this form.
    static func reauthentication(
        _ text: TextCatalogue, _ context: WebContext, part: String, error: ClinicError?
    ) -> [FormField] {
        let password = FormField(
            "password", text: text, type: "password", autocomplete: "current-password", id: "\(part)-password",
            label: "ownPassword", maximumLength: PasswordRules.maximumLength, error: error)
        guard context.principal?.user.totpSecret != nil else { return [password] }
        let code = FormField(
            "code", text: text, autocomplete: "one-time-code", id: "\(part)-code", label: "ownCode",
            maximumLength: 40, error: error)
        return [password, code]
    }

    /// The password, to log in.
    static func password(_ text: TextCatalogue, error: ClinicError? = nil) -> FormField {
        FormField(
            "password", text: text, type: "password", autocomplete: "current-password",
            maximumLength: PasswordRules.maximumLength, error: error)
    }
}

/// A box to tick in a form.
struct FormBox: Sendable {
    let id: String
    let name: String
    let label: String
    let isTicked: Bool

    /// Whether API tokens are to end too: ticked until somebody sends the form without.
    ///
    /// - Parameters:
    ///   - part: The form, where the page has several.
    ///   - sent: The form as it was sent, when it comes back with an error.
    static func endTokens(_ text: TextCatalogue, part: String, sent: FormFields? = nil) -> FormBox {
        FormBox(
            id: "\(part)-tokens", name: "tokens", label: text("account.endTokens"),
            isTicked: sent.map(isTicked) ?? true)
    }

    /// What a form says of it.
    static func isTicked(_ form: FormFields) -> Bool { form["tokens"] != nil }
}
