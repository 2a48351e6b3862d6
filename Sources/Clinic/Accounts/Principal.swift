/// Who asks, and how that is known.
public struct Principal: Sendable, Equatable {
    /// How somebody was recognised.
    public enum Means: Sendable, Equatable {
        /// By the cookie of a browser.
        case session(LoginSession)
        /// By a bearer token.
        case token(APIToken)
    }

    public let user: User
    public let means: Means

    public init(user: User, means: Means) {
        self.user = user
        self.means = means
    }

    public var userID: UserID { user.id }
    public var role: Role { user.role }

    /// How the audit log names whoever asks.
    public var actor: AuditEntry.Actor {
        switch means {
        case .session: .user(user.id)
        case .token(let token): .token(token.id, owner: user.id)
        }
    }

    /// The session, for somebody with a browser.
    public var session: LoginSession? {
        if case .session(let session) = means { session } else { nil }
    }

    /// The microscope that a token is bound to.
    public var boundSite: SiteID? {
        if case .token(let token) = means { token.siteID } else { nil }
    }

    /// What a token opens; nil for somebody with a browser.
    public var scopes: Set<APIToken.Scope>? {
        if case .token(let token) = means { token.scopes } else { nil }
    }
}
