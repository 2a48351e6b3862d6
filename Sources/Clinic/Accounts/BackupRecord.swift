import Foundation

/// When the data were last written into a backup, as the command noted it in the database itself.
/// It is no part of a backup: a restored database knows of none until the next.
public struct BackupRecord: Sendable {
    private static let name = "backup-at"

    private let database: any ClinicDatabase

    public init(database: any ClinicDatabase) { self.database = database }

    /// Notes that a backup is whole.
    public func note(at date: Date) async throws {
        try await database.write { try $0.set(Self.name, to: String(Int64(date.timeIntervalSince1970))) }
    }

    /// Nil where no backup was ever noted.
    public func last() async throws -> Date? {
        try await database.read { try $0.setting(Self.name) }.flatMap(TimeInterval.init)
            .map(Date.init(timeIntervalSince1970:))
    }
}
