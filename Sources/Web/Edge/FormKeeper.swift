import Clinic
import Crypto
import Foundation
import Hummingbird

/// What somebody typed into a form whose session had ended when it was sent. Passwords, codes and files are never among it.
struct TypedForm: Codable, Sendable {
    /// Tells one account from another, as the page of the form did.
    let account: String
    /// Where the form goes.
    let action: String
    /// The page that it stands on.
    let page: String
    let fields: [String: [String]]

    private static let secret: Set<String> = ["csrf", "password", "code", "new", "offer", "ticket", "kept", "page"]
    /// More than any form of the site takes, and less than the form of the login may carry.
    static let maximumBytes = 45_000

    /// - Returns: Nil where the form does not say whose page it was on, or nothing was typed.
    init?(_ form: FormFields, action: String, page: String) {
        let parts = (form["csrf"] ?? "").split(separator: ".")
        guard parts.count == 2, let account = parts.last else { return nil }
        fields = form.everything.filter { !Self.secret.contains($0.key) }
        guard fields.values.contains(where: { $0.contains { !$0.isEmpty } }) else { return nil }
        (self.account, self.action, self.page) = (String(account), action, page)
    }
}

/// Keeps what was typed over a login: within the page of the login as a text that only this server reads, then for an hour with
/// the account. Whoever logs in to another account gets nothing of it.
struct FormKeeper: Sendable {
    private let forms: KeptForms
    private let key: SymmetricKey
    /// The key by which pages name accounts.
    private let accountKey: [UInt8]

    /// - Parameters:
    ///   - forms: Where forms are kept.
    ///   - key: 32 secret bytes for what was typed.
    ///   - accountKey: That of `PrincipalMiddleware`.
    init(_ forms: KeptForms, key: [UInt8], accountKey: [UInt8]) {
        (self.forms, self.key, self.accountKey) = (forms, SymmetricKey(data: key), accountKey)
    }

    /// The form as a text for a hidden field (AES-256-GCM); nil for one that is too long.
    func sealed(_ form: TypedForm) throws -> String? {
        let data = try JSONEncoder().encode(form)
        guard data.count <= TypedForm.maximumBytes else { return nil }
        return try AES.GCM.seal(data, using: key).combined?.base64URL
    }

    /// What `sealed` made; nil for anything else.
    private func opened(_ sealed: String) -> TypedForm? {
        var base = sealed.replacing("-", with: "+").replacing("_", with: "/")
        base += String(repeating: "=", count: (4 - base.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: base) else { return nil }
        do {
            let box = try AES.GCM.SealedBox(combined: data)
            return try JSONDecoder().decode(TypedForm.self, from: AES.GCM.open(box, using: key))
        } catch {
            return nil  // altered, or of before the server's secret was made anew
        }
    }

    /// Hands a form on to whoever has logged in, if it is theirs.
    ///
    /// - Parameter sealed: From the page of the login; empty for none.
    /// - Returns: The page of the form with what it needs to be filled in; nil where there is none for this account.
    func handOn(_ sealed: String, to user: UserID) async throws -> String? {
        guard let form = opened(sealed), form.account == PrincipalMiddleware.account(user, key: accountKey) else {
            return nil
        }
        let id = try await forms.keep(sealed, of: user)
        return OwnPath.checked("\(form.page)\(form.page.contains("?") ? "&" : "?")kept=\(id)")
    }

    /// What is kept for somebody under an identifier; nil where there is nothing, or it is another's.
    func kept(_ id: String?, of user: UserID) async throws -> TypedForm? {
        guard let id = id.flatMap({ KeptFormID($0) }) else { return nil }
        return try await forms.kept(id, of: user).flatMap(opened)
    }
}
