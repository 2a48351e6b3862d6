import Foundation

/// A logged-in browser. The cookie holds the secret, the row its digest.
public struct LoginSession: Sendable, Equatable {
    /// `SecretToken.digest` of the cookie.
    public let digest: String
    public let userID: UserID
    public let createdAt: Date
    public var lastSeenAt: Date
    /// The absolute end, however busy the session is.
    public let expiresAt: Date
    /// When the password was last given: at the login, or since.
    public let confirmedAt: Date

    public init(
        digest: String, userID: UserID, createdAt: Date, lastSeenAt: Date, expiresAt: Date, confirmedAt: Date? = nil
    ) {
        (self.digest, self.userID, self.createdAt) = (digest, userID, createdAt)
        self.confirmedAt = confirmedAt ?? createdAt
        (self.lastSeenAt, self.expiresAt) = (lastSeenAt, expiresAt)
    }
}

/// A link that works once: password reset, or making the first administrator.
public struct OneTimeToken: Sendable, Equatable {
    public enum Purpose: String, Sendable, CaseIterable {
        case passwordReset = "password-reset"
        case administratorSetup = "administrator-setup"
        /// Replaces the second factor once, when the telephone is lost.
        case recoveryCode = "recovery-code"
        /// Marks a code of the second factor as used (RFC 6238, 5.2), until it is out of time.
        case usedCode = "used-code"
    }

    public let digest: String
    public let purpose: Purpose
    /// Whose; nil for `administratorSetup`.
    public let userID: UserID?
    public let expiresAt: Date

    public init(digest: String, purpose: Purpose, userID: UserID?, expiresAt: Date) {
        (self.digest, self.purpose, self.userID, self.expiresAt) = (digest, purpose, userID, expiresAt)
    }
}
