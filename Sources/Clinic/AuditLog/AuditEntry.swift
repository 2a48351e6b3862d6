import Foundation

/// Who did or read what; never names, images, tokens or other content (security.md: logs carry identifiers).
public struct AuditEntry: Sendable, Equatable {
    /// Who acted.
    public enum Actor: Sendable, Equatable {
        case user(UserID)
        case token(APITokenID, owner: UserID)
        /// The server itself, or a person at its command line.
        case system
        /// Nobody who is logged in.
        case anonymous

        /// As rows and exports name it.
        public var kind: String {
            switch self {
            case .user: "user"
            case .token: "token"
            case .system: "system"
            case .anonymous: "anonymous"
            }
        }

        public var tokenID: APITokenID? { if case .token(let id, _) = self { id } else { nil } }

        /// The account, of whoever has one.
        public var userID: UserID? {
            switch self {
            case .user(let id), .token(_, owner: let id): id
            case .system, .anonymous: nil
            }
        }
    }

    public let actor: Actor
    /// What was done.
    public let action: AuditAction
    /// Identifier of the thing concerned; empty where there is none.
    public let object: String
    /// Further facts without personal data, such as `role=clinician`.
    public let detail: String
    public let at: Date

    /// - Parameter detail: Further facts; an action that says what was shown brings its own.
    public init(_ action: AuditAction, by actor: Actor, object: String = "", detail: String = "", at: Date) {
        (self.actor, self.action, self.object) = (actor, action, object)
        self.detail = action.detail ?? detail
        self.at = at
    }

    /// An entry as a row holds it, word for word.
    ///
    /// - Parameter name: The text of the action.
    public init(storedAs name: String, by actor: Actor, object: String, detail: String, at: Date) {
        self.actor = actor
        action = AuditAction(name: name, detail: detail)
        (self.object, self.detail, self.at) = (object, detail, at)
    }
}

/// An entry as it stands in the log.
public struct AuditRecord: Sendable, Equatable {
    /// 1, 2, 3 … without a gap.
    public let sequence: Int64
    public let entry: AuditEntry
    /// HMAC-SHA256 over this entry and the hash before it, 64 hexadecimal digits.
    public let hash: String

    public init(sequence: Int64, entry: AuditEntry, hash: String) {
        (self.sequence, self.entry, self.hash) = (sequence, entry, hash)
    }
}

/// Which part of the log to show.
public struct AuditFilter: Sendable, Equatable {
    public var userID: UserID?
    /// The beginning of the action, such as `case.`.
    public var action: String?
    public var object: String?
    /// The first moment.
    public var since: Date?
    /// The moment after the last.
    public var until: Date?

    public init(
        userID: UserID? = nil, action: String? = nil, object: String? = nil, since: Date? = nil, until: Date? = nil
    ) {
        (self.userID, self.action, self.object, self.since, self.until) = (userID, action, object, since, until)
    }
}

/// Whether the audit log is as it was written.
public struct AuditProof: Sendable, Equatable {
    /// Entries that are as they were written, up to the break where there is one.
    public let entries: Int64
    /// The first entry that is altered, missing or in the wrong place; nil when there is none.
    public let brokenAt: Int64?
    /// What is wrong with it, for people.
    public let reason: String

    public init(entries: Int64, brokenAt: Int64? = nil, reason: String = "") {
        (self.entries, self.brokenAt, self.reason) = (entries, brokenAt, reason)
    }
}
