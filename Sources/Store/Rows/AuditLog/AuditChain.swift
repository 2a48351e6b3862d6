import Clinic
import Crypto
import Formats
import Foundation

/// Binds the entries of the audit log into a chain that only the owner of the key can make.
///
/// The hash of an entry is HMAC-SHA256 over the hash before it and every field with its length, so that no two
/// different rows give the same bytes; the first one follows an empty hash.
public struct AuditChain: Sendable {
    private let key: SymmetricKey

    public init(key: [UInt8]) {
        self.key = SymmetricKey(data: key)
    }

    /// The hash of an entry: 64 hexadecimal digits.
    public func hash(_ entry: AuditEntry, sequence: Int64, after previous: String) -> String {
        let actor = entry.actor
        return code([
            "entry", previous, String(sequence), String(entry.at.milliseconds), actor.kind, actor.userID?.text ?? "",
            actor.tokenID?.text ?? "", entry.action.name, entry.object, entry.detail,
        ])
    }

    /// What the head of the log holds beside the last sequence number, which is the count too, and the last hash: without
    /// the key, nobody can make a head for a log whose end was cut off, nor for an empty one.
    public func seal(sequence: Int64, hash: String) -> String {
        code(["head", String(sequence), hash])
    }

    /// What marks where a log begins whose oldest entries were removed because of their age.
    func baseSeal(sequence: Int64, hash: String) -> String {
        code(["base", String(sequence), hash])
    }

    func anchorSeal(sequence: Int64, hash: String, at: Date) -> String {
        code(["anchor", String(sequence), hash, String(at.milliseconds)])
    }

    /// Seals the head of a log without entries, in a database where nothing has happened.
    func sealEmptyLog(on connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE audit_head SET seal = ? WHERE id = 1 AND sequence = 0 AND hash = '' AND seal = '' \
            AND NOT EXISTS (SELECT 1 FROM audit_log) AND NOT EXISTS (SELECT 1 FROM users)
            """, seal(sequence: 0, hash: ""))
    }

    private func code(_ fields: [String]) -> String {
        var authentication = HMAC<SHA256>(key: key)
        for field in fields {
            let bytes = Array(field.utf8)
            withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { authentication.update(data: $0) }
            authentication.update(data: bytes)
        }
        return authentication.finalize().hexadecimal
    }
}

extension AuditEntry.Actor {
    /// The actor of a row.
    ///
    /// - Throws: `ClinicError.corrupt`.
    init(kind: String, userID: UserID?, tokenID: APITokenID?) throws {
        switch (kind, userID, tokenID) {
        case ("user", let user?, nil): self = .user(user)
        case ("token", let user?, let token?): self = .token(token, owner: user)
        case ("system", nil, nil): self = .system
        case ("anonymous", nil, nil): self = .anonymous
        default: throw ClinicError(.corrupt, fault: "An entry of the audit log names no actor.")
        }
    }
}
