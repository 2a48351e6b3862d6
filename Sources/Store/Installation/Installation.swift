import Clinic
import Foundation

/// The data of an installation: its secret, its database and its archive, which belong together.
public struct Installation: Sendable {
    /// How an installation is opened.
    public enum Opening: Sendable {
        /// Tables as they are and nothing compared.
        case asItIs
        /// Tables up to date, and database and archive proved to belong together.
        case ready
        /// Tables up to date; the archive may be another database's, for `adoptArchive`.
        case adopting
    }

    public let secret: ServerSecret
    public let database: any MaintainedDatabase
    public let archive: any MaintainedArchive

    public init(secret: ServerSecret, database: any MaintainedDatabase, archive: any MaintainedArchive) {
        (self.secret, self.database, self.archive) = (secret, database, archive)
    }

    /// Opens what an operator named, and makes what a new installation lacks. Where data are there but not all of them,
    /// nothing is made: a missing part is told, not replaced.
    ///
    /// - Parameters:
    ///   - directory: The data folder.
    ///   - databaseURL: As `DatabaseLocation.open` takes it.
    ///   - location: Where the archive is; nil for `archive` in the data folder.
    ///   - opening: What is done before it is used.
    /// - Throws: `ClinicError`.
    public static func open(
        _ directory: URL, databaseURL: String?, archive location: ArchiveLocation? = nil, _ opening: Opening = .ready
    ) async throws -> Installation {
        try DataFolder.check(directory)
        let archive = try await (location ?? .usual(in: directory)).open()
        // Asked again: of two that start at once in a new folder, the other makes the database before it marks the archive.
        if databaseURL == nil, opening != .adopting, !DatabaseLocation.isSQLiteThere(in: directory),
            try await archive.isUsed(), !DatabaseLocation.isSQLiteThere(in: directory)
        {
            throw try await InstallationMark.refusal(of: archive, by: "a new database in \(directory.path)")
        }
        try await refuseLostSecret(directory, databaseURL: databaseURL, archive)
        let secret = try ServerSecret(dataDirectory: directory)
        let installation = Installation(
            secret: secret,
            database: try DatabaseLocation.open(
                databaseURL, dataDirectory: directory, auditKey: secret.key(for: "audit")), archive: archive)
        if opening != .asItIs { try await installation.database.migrate() }
        if opening == .ready { try await installation.verifyMarks() }
        return installation
    }

    /// Another secret in place of a lost one would make every second factor and the whole audit log worthless, in silence.
    private static func refuseLostSecret(
        _ directory: URL, databaseURL: String?, _ archive: any MaintainedArchive
    ) async throws {
        let file = directory.appending(path: ServerSecret.fileName)
        guard !FileManager.default.fileExists(atPath: file.path) else { return }
        let database = try DatabaseLocation.open(databaseURL, dataDirectory: directory, auditKey: [])
        let holdsData: Bool
        do { holdsData = try await database.isEmpty() ? !archive.contents().isEmpty : true } catch {
            try await database.close()
            throw error
        }
        try await database.close()
        // Asked again: of two that start at once in a new folder, the other makes the secret before anything else.
        guard holdsData, !FileManager.default.fileExists(atPath: file.path) else { return }
        throw ClinicError(
            .corrupt,
            fault: """
                \(file.path) is missing, though \(database.name) or \(archive.name) holds data that need it. Put it \
                back from a backup or from another node. Only if it is lost for good: `head -c \(ServerSecret.byteCount) \
                /dev/urandom > \(file.path)` makes a new one; everybody logs in anew, second factors have to be set up again, and \
                the audit log so far cannot be verified any more.
                """)
    }
}

extension MaintainedDatabase {
    /// Whether it holds nothing that anybody would miss.
    public func isEmpty() async throws -> Bool {
        guard try await schemaVersion() > 0 else { return true }
        return try await reading { connection in
            try ["users", "cases", "audit_log"].allSatisfy { table in
                try connection.first("SELECT 1 AS one FROM \(table) LIMIT 1") == nil
            }
        }
    }
}
