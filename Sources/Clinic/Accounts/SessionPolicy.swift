import Foundation

/// How long somebody stays logged in.
///
/// NIST SP 800-63B-4, section 2.1.3 (AAL1), asks for a new login after at most 30 days; section 2.2.3 (AAL2) after at
/// most 24 hours, or one hour without activity. A patient reads own data only and gets the former, with an idle limit
/// of half a day for shared telephones; clinicians and administrators read that of others and get the latter.
public struct SessionPolicy: Sendable, Equatable {
    /// Seconds without a request after which a session ends.
    public var idle: [Role: TimeInterval]
    /// Seconds after the login at which a session ends, however busy.
    public var absolute: [Role: TimeInterval]

    public init() {
        let hour: TimeInterval = 3600
        idle = [.patient: 12 * hour, .clinician: hour, .administrator: hour]
        absolute = [.patient: 30 * 24 * hour, .clinician: 24 * hour, .administrator: 24 * hour]
    }

    /// Seconds a session may rest; one hour for a role without a rule.
    func idle(_ role: Role) -> TimeInterval { idle[role] ?? 3600 }

    /// Seconds a session may last; a day for a role without a rule.
    func absolute(_ role: Role) -> TimeInterval { absolute[role] ?? 86_400 }

    /// The longest rest of any role: rows older than that belong to no session.
    public var longestIdle: TimeInterval { idle.values.max() ?? 3600 }
}
