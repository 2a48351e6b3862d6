import Clinic

/// Who may use a route. The route guard enforces everything but what depends on a stored object: where a case is named,
/// the route asks `CaseAccess` or `ScreeningAccess`, which answer "not found" to those who may not know of it.
public enum Access: Sendable, Hashable {
    /// Everybody, logged in or not.
    case anyone
    /// Everybody with a session.
    case user
    /// Clinicians and administrators, with a session.
    case clinician
    /// Administrators, with a session.
    case administrator
    /// The owner of the case named by the path, with a session.
    case ownerOfCase
    /// The owner of the case named by the path, or an administrator, with a session.
    case readerOfCase
    /// The owner of the case named by the path, a clinician with whom it is shared whole, or an administrator, with a session.
    case readerOfWholeCase
    /// The owner of the screening named by the path, a clinician with whom it is shared, or an administrator, with a
    /// session.
    case readerOfScreening
    /// The owner of the case named by the path, a clinician with whom a screening of it is shared, or an administrator,
    /// with a session.
    case readerOfCells
    /// A clinician with whom the screening named by the path is shared, with a session.
    case sharedClinician
    /// Programs with an API token of this scope.
    case token(APIToken.Scope)
    /// As `token`, and on loopback without a public address also programs without a token.
    case tokenUnlessLocal(APIToken.Scope)
    /// As `token`, for the owner of the case or the screening named by the path.
    case tokenOfOwner(APIToken.Scope)
    /// As `token`, for those who may read the case or the screening named by the path.
    case tokenOfReader(APIToken.Scope)
    /// Programs on this machine, or with an API token of an administrator that may read.
    case operations

    /// Whom the route guard lets pass.
    enum Passes {
        case everybody, operators
        case people([Role])
        case programs(APIToken.Scope, isOpenLocally: Bool)
    }

    var passes: Passes {
        switch self {
        case .anyone: .everybody
        case .operations: .operators
        case .clinician: .people([.clinician, .administrator])
        case .sharedClinician: .people([.clinician])
        case .administrator: .people([.administrator])
        case .user, .ownerOfCase, .readerOfCase, .readerOfWholeCase, .readerOfScreening, .readerOfCells:
            .people(Role.allCases)
        case .tokenUnlessLocal(let scope): .programs(scope, isOpenLocally: true)
        case .token(let scope), .tokenOfOwner(let scope), .tokenOfReader(let scope):
            .programs(scope, isOpenLocally: false)
        }
    }

    /// The scope of the tokens that open the route; nil for a route of the pages.
    var scope: APIToken.Scope? {
        if case .programs(let scope, _) = passes { scope } else { nil }
    }
}
