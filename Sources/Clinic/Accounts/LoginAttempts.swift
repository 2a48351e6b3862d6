import Crypto
import Formats
import Foundation

/// Slows down guessing at one account, whether anybody has it or not (OWASP ASVS 5.0, 6.3.1).
///
/// Kept in the database, so that all servers of an installation count together and a restart forgets nothing. Five attempts from
/// one network at once, then two a minute; from all networks together thirty, then one a minute, so that many machines guess no
/// faster than a few thousand times a day and one machine alone cannot lock somebody out.
public struct LoginAttempts: Sendable {
    /// Attempts that may come at once, and how many a minute come back.
    struct Allowance: Sendable {
        let burst: Double
        let perMinute: Double

        static let network = Allowance(burst: 5, perMinute: 2)
        static let account = Allowance(burst: 30, perMinute: 1)
    }

    /// What is left is whole again long before.
    static let kept: TimeInterval = 3600

    /// Clocks of several servers differ by so much at most; one that is further in the future is not believed.
    private static let drift: TimeInterval = 60

    private let database: any ClinicDatabase
    private let key: SymmetricKey
    private let clock: @Sendable () -> Date

    /// - Parameters:
    ///   - database: Where they are counted.
    ///   - key: Secret bytes of this installation: no address of a person stands in a row.
    ///   - clock: The time.
    public init(database: any ClinicDatabase, key: [UInt8], clock: @escaping @Sendable () -> Date) {
        (self.database, self.key, self.clock) = (database, SymmetricKey(data: key), clock)
    }

    /// Counts an attempt, before the password is looked at.
    ///
    /// - Parameters:
    ///   - email: As it was typed.
    ///   - network: From where.
    /// - Returns: Nil where it may be made; else the seconds until another one may, above 0.
    /// - Throws: `ClinicError.databaseUnavailable`.
    public func wait(_ email: String, from network: String) async throws -> Double? {
        let (pair, account) = keys(email, network)
        let now = clock()
        return try await database.write { transaction in
            try transaction.forgetAttempts(before: now.addingTimeInterval(-Self.kept))
            if let wait = try Self.take(.network, of: pair, now, in: transaction) { return wait }
            return try Self.take(.account, of: account, now, in: transaction)
        }
    }

    /// Forgets the attempts that came before a right password.
    ///
    /// - Throws: `ClinicError.databaseUnavailable`.
    public func succeeded(_ email: String, from network: String) async throws {
        let (pair, account) = keys(email, network)
        try await database.write { transaction in
            try transaction.forgetAttempts(pair)
            try transaction.forgetAttempts(account)
        }
    }

    private static func take(
        _ allowance: Allowance, of key: String, _ now: Date, in transaction: any AttemptRows
    ) throws -> Double? {
        let stored = try transaction.heldAttempts(key, orElse: AttemptsLeft(allowance.burst, at: now))
        let since = min(stored.at, now.addingTimeInterval(drift))
        let minutes = max(0, now.timeIntervalSince(since)) / 60
        let left = min(allowance.burst, stored.number + minutes * allowance.perMinute)
        let isAdmitted = left >= 1
        try transaction.set(AttemptsLeft(isAdmitted ? left - 1 : left, at: max(now, since)), of: key)
        return isAdmitted ? nil : (1 - left) / allowance.perMinute * 60
    }

    private func keys(_ email: String, _ network: String) -> (pair: String, account: String) {
        let address = AccountRules.address(email)
        func keyed(_ text: String) -> String {
            HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key).hexadecimal
        }
        // No address holds a line break.
        return (keyed("\(address)\n\(network)"), keyed(address))
    }
}

/// How many attempts are left, and since when: a part of one may have come back.
public struct AttemptsLeft: Sendable, Equatable {
    public let number: Double
    public let at: Date

    public init(_ number: Double, at: Date) {
        (self.number, self.at) = (number, at)
    }
}

/// The attempts at accounts.
public protocol AttemptRows {
    /// What is left under a key, stored as given where nothing is; nobody else changes it before the commit.
    ///
    /// - Parameter key: 64 hexadecimal digits.
    func heldAttempts(_ key: String, orElse whole: AttemptsLeft) throws -> AttemptsLeft
    func set(_ left: AttemptsLeft, of key: String) throws
    func forgetAttempts(_ key: String) throws
    /// Forgets the oldest 1,000 at most: it is done at each attempt, and each leaves two.
    func forgetAttempts(before: Date) throws
}
