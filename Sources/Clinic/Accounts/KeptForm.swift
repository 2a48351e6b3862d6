import Foundation

/// A form that somebody sent after their session had ended, kept until they have logged in again and sent it once more.
public struct KeptForm: Sendable, Equatable {
    public let id: KeptFormID
    public let userID: UserID
    /// What was typed, encrypted.
    public let sealed: String
    public let createdAt: Date

    public init(id: KeptFormID = KeptFormID(), userID: UserID, sealed: String, createdAt: Date) {
        (self.id, self.userID, self.sealed, self.createdAt) = (id, userID, sealed, createdAt)
    }
}

public typealias KeptFormID = Identifier<KeptForm>

/// Forms that are kept for an hour.
public protocol KeptFormRows {
    func insert(_ form: KeptForm) throws
    func keptForm(_ id: KeptFormID) throws -> KeptForm?
    func deleteKeptForms(before: Date) throws
    /// Deletes all but the newest of an account.
    func deleteKeptForms(of user: UserID, butNewest count: Int) throws
}

/// Keeps forms for an hour, each for the account that sent it and nobody else.
public struct KeptForms: Sendable {
    /// Seconds.
    public static let lifetime: TimeInterval = 3600
    /// Forms of one account.
    static let maximum = 10

    private let database: any ClinicDatabase
    private let clock: @Sendable () -> Date

    public init(database: any ClinicDatabase, clock: @escaping @Sendable () -> Date = { Date() }) {
        (self.database, self.clock) = (database, clock)
    }

    /// - Parameter sealed: What was typed, encrypted.
    public func keep(_ sealed: String, of user: UserID) async throws -> KeptFormID {
        let form = KeptForm(userID: user, sealed: sealed, createdAt: clock())
        try await database.write { transaction in
            try transaction.insert(form)
            try transaction.deleteKeptForms(of: user, butNewest: Self.maximum)
        }
        return form.id
    }

    /// - Returns: Nil for a form of another account, and after an hour.
    public func kept(_ id: KeptFormID, of user: UserID) async throws -> String? {
        let now = clock()
        let form = try await database.read { try $0.keptForm(id) }
        guard let form, form.userID == user, now < form.createdAt.addingTimeInterval(Self.lifetime) else { return nil }
        return form.sealed
    }
}
