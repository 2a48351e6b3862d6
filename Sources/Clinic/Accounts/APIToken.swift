import Foundation

/// A program's key to the API (RFC 6750).
public struct APIToken: Sendable, Equatable {
    /// What the key opens.
    public enum Scope: String, Sendable, CaseIterable {
        /// `POST /api/v1/predict`.
        case predict
        /// Reading cases and screenings.
        case read
        /// Making cases and sending images.
        case write
    }

    /// Days that a token may last.
    public static let days = 1...365
    /// Days that a token lasts where nobody chose.
    public static let defaultDays = 90
    /// Days before its end from which on the owner is told of it.
    public static let noticeDays = 7

    public let id: APITokenID
    public let digest: String
    public let userID: UserID
    /// What its owner calls it.
    public let label: String
    public let scopes: Set<Scope>
    public let createdAt: Date
    /// From this moment on it opens nothing.
    public let expiresAt: Date
    public var lastUsedAt: Date?
    public var revokedAt: Date?
    /// The microscope that everything it sends was made with; nil where it is bound to none.
    public let siteID: SiteID?

    public init(
        id: APITokenID = APITokenID(), digest: String, userID: UserID, label: String, scopes: Set<Scope>,
        createdAt: Date, expiresAt: Date, lastUsedAt: Date? = nil, revokedAt: Date? = nil,
        siteID: SiteID? = nil
    ) {
        (self.id, self.digest, self.userID, self.label) = (id, digest, userID, label)
        (self.scopes, self.createdAt, self.expiresAt) = (scopes, createdAt, expiresAt)
        (self.lastUsedAt, self.revokedAt) = (lastUsedAt, revokedAt)
        self.siteID = siteID
    }

    /// Whether it opens what its scopes say.
    public func isValid(at now: Date) -> Bool { revokedAt == nil && now < expiresAt }

    /// Whether it is valid, and its owner should think of another one.
    public func endsSoon(at now: Date) -> Bool {
        isValid(at: now) && expiresAt <= now.addingTimeInterval(Double(Self.noticeDays) * 86_400)
    }

    /// The end of a token that is made now.
    public static func end(after days: Int, from now: Date) -> Date { now.addingTimeInterval(Double(days) * 86_400) }

    /// What a new token is to be.
    public struct Terms: Sendable {
        let label: String
        let scopes: Set<Scope>
        let days: Int
        let site: SiteID?

        /// - Parameter site: The microscope that it is bound to.
        /// - Throws: `ClinicError.invalid` with field `label`, `scope` or `days`.
        public init(
            label: String, scopes: Set<Scope>, days: Int = APIToken.defaultDays, site: SiteID? = nil
        ) throws {
            self.label = try AccountRules.label(label)
            guard !scopes.isEmpty else { throw ClinicError(.invalid, "errors.accounts.scope", field: "scope") }
            guard APIToken.days.contains(days) else { throw Self.wrongDays }
            (self.scopes, self.days, self.site) = (scopes, days, site)
        }

        /// Takes the days as somebody typed them.
        ///
        /// - Throws: As the other.
        public init(label: String, scopes: Set<Scope>, typedDays: String, site: SiteID? = nil) throws {
            try self.init(label: label, scopes: scopes, days: Int(typedDays) ?? 0, site: site)
        }

        private static var wrongDays: ClinicError {
            ClinicError(
                .invalid, "errors.accounts.tokenDays",
                ["minimum": APIToken.days.lowerBound, "maximum": APIToken.days.upperBound], field: "days")
        }
    }
}
