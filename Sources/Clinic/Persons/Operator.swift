import Foundation

/// Who runs an installation, as the notice names them to everybody who is asked for consent (GDPR, article 13 (1); India's DPDP
/// Act 2023, section 6 (3)).
public struct Operator: Sendable, Equatable {
    /// Characters of the name, and of the contact.
    public static let longest = 200

    /// A person or an institution.
    public let name: String
    /// Where they are reached, such as an e-mail address or a telephone number.
    public let contact: String

    /// - Parameters:
    ///   - name: One line of 1 to 200 characters, as `contact`.
    ///   - contact: Where they are reached.
    /// - Throws: `ClinicError.invalid` with field `operatorName` or `operatorContact`.
    public init(name: String, contact: String) throws {
        self.name = try Self.line(name, field: "operatorName")
        self.contact = try Self.line(contact, field: "operatorContact")
    }

    private static func line(_ text: String, field: String) throws -> String {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else { throw ClinicError(.invalid, "errors.texts.empty", field: field) }
        guard text.unicodeScalars.count <= longest else {
            throw ClinicError(.invalid, "errors.texts.tooLong", ["maximum": longest], field: field)
        }
        guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw ClinicError(.invalid, "errors.texts.characters", field: field)
        }
        try HiddenLetters.refuse(in: text, field: field)
        return text
    }
}

/// Who runs the installation, for the commands of its machine: the server writes it down when it starts.
public struct OperatorRecord: Sendable {
    private static let (name, contact) = ("operator-name", "operator-contact")

    private let database: any ClinicDatabase

    public init(database: any ClinicDatabase) { self.database = database }

    /// - Parameter named: Who runs the server; nil where no option names them.
    public func keep(_ named: Operator?) async throws {
        try await database.write { transaction in
            for (setting, words) in [(Self.name, named?.name ?? ""), (Self.contact, named?.contact ?? "")]
            where try transaction.setting(setting) ?? "" != words {
                try transaction.set(setting, to: words)
            }
        }
    }

    /// Who ran the server at its last start; nil where no option named them, and where it never ran.
    public func last() async throws -> Operator? {
        let (name, contact) = try await database.read {
            (try $0.setting(Self.name) ?? "", try $0.setting(Self.contact) ?? "")
        }
        return name.isEmpty || contact.isEmpty ? nil : try Operator(name: name, contact: contact)
    }
}
