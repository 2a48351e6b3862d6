import Crypto
import Foundation

/// What accounts need keys for: the second factor's secret at rest, and texts that a browser carries for a while.
struct AccountKeys: Sendable {
    private let sealing: SymmetricKey
    private let signing: SymmetricKey

    /// - Parameter key: 32 secret bytes of this installation.
    init(_ key: [UInt8]) {
        let material = SymmetricKey(data: key)
        sealing = HKDF<SHA256>.deriveKey(inputKeyMaterial: material, info: Data("totp".utf8), outputByteCount: 32)
        signing = HKDF<SHA256>.deriveKey(inputKeyMaterial: material, info: Data("ticket".utf8), outputByteCount: 32)
    }

    /// Encrypts a text for a person's row (AES-256-GCM), bound to that person.
    ///
    /// - Throws: `ClinicError.corrupt`, which would be a mistake of this type.
    func seal(_ text: String, for user: UserID) throws -> String {
        do {
            let box = try AES.GCM.seal(Data(text.utf8), using: sealing, authenticating: Data(user.text.utf8))
            guard let combined = box.combined else { throw ClinicError(.corrupt, fault: "A secret is not sealed.") }
            return combined.base64EncodedString()
        } catch let error as CryptoKitError {
            throw ClinicError(.corrupt, fault: "A secret could not be sealed: \(error)")
        }
    }

    /// Decrypts what `seal` made.
    ///
    /// - Throws: `ClinicError.corrupt` for anything else, such as after the secret key was lost.
    func open(_ sealed: String, for user: UserID) throws -> String {
        let failure = ClinicError(
            .corrupt, fault: "A second factor cannot be read: the secret key is not the one it was stored with.")
        guard let data = Data(base64Encoded: sealed) else { throw failure }
        do {
            let box = try AES.GCM.SealedBox(combined: data)
            let opened = try AES.GCM.open(box, using: sealing, authenticating: Data(user.text.utf8))
            return String(decoding: opened, as: UTF8.self)
        } catch {
            throw failure
        }
    }

    /// A text with its HMAC-SHA256, for a hidden field: it can be read, and not altered.
    func sign(_ text: String) -> String { "\(text).\(code(text))" }

    /// The text that `sign` was given; nil when anything was altered.
    func verify(_ signed: String) -> String? {
        guard let dot = signed.lastIndex(of: ".") else { return nil }
        let text = String(signed[..<dot])
        guard let code = SecretToken(String(signed[signed.index(after: dot)...])),
            let bytes = Data(base64Encoded: code.text.replacing("-", with: "+").replacing("_", with: "/") + "="),
            HMAC<SHA256>.isValidAuthenticationCode(bytes, authenticating: Data(text.utf8), using: signing)
        else { return nil }
        return text
    }

    private func code(_ text: String) -> String {
        Data(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: signing)).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
