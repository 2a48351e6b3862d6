import Clinic
import Foundation

/// What a database and its archive know each other by: the same random mark, in a row and in a file.
///
/// Without it, every file of the archive would look like a leftover to a database that is empty or another's.
struct InstallationMark: Sendable, Equatable {
    let mark: Identifier<Installation>
    let dialect: SQLDialect
    /// Where the database was when it was marked, without a password.
    let databaseName: String
    /// Whether it stands in a copy that lacks files yet.
    private(set) var isUnfinished = false

    init(_ mark: Identifier<Installation>, of database: any MaintainedDatabase) {
        (self.mark, dialect, databaseName) = (mark, database.dialect, database.name)
    }

    /// - Parameter bytes: Two lines: the mark; the kind of database and its name. A third one of a copy that is not finished, which
    ///   programs of before copies take for a damaged mark.
    init?(_ bytes: [UInt8]) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard lines.count == 2 || (lines.count == 3 && lines[2] == Self.unfinished),
            let mark = Identifier<Installation>(String(lines[0])),
            case let parts = lines[1].split(separator: " ", maxSplits: 1), parts.count == 2,
            let dialect = SQLDialect(rawValue: String(parts[0]))
        else { return nil }
        (self.mark, self.dialect, databaseName) = (mark, dialect, String(parts[1]))
        isUnfinished = lines.count == 3
    }

    private static let unfinished = "unfinished"

    /// The same mark, for a copy that lacks files yet.
    var ofUnfinishedCopy: InstallationMark {
        var copy = self
        copy.isUnfinished = true
        return copy
    }

    var bytes: [UInt8] {
        Array("\(mark)\n\(dialect.rawValue) \(databaseName)\n\(isUnfinished ? "\(Self.unfinished)\n" : "")".utf8)
    }

    /// Whether the database with this mark is the one that the archive was marked with. A database of the other kind that
    /// carries the mark is one that was moved away from.
    func isOf(_ database: any MaintainedDatabase, marked: Identifier<Installation>?) -> Bool {
        mark == marked && dialect == database.dialect
    }

    /// What to do when files are another database's.
    static func refusal(of archive: any MaintainedArchive, by database: String) async throws -> ClinicError {
        let former = try await archive.identity()
        let known = former.map { "it was used with \($0.databaseName)" } ?? "its files are not known there"
        return ClinicError(
            .invalid,
            fault: """
                \(archive.name) does not belong to \(database): \(known). Set LEUKOSCOPE_DATABASE (or --database) to the \
                database of these files, or --data-dir or --archive to the place of this database's files, or restore a backup into an empty \
                folder. If the files shall belong to this database from now on, say so with `leukoscope archive adopt`. \
                Nothing was changed.
                """, field: "database")
    }
}

extension MaintainedArchive {
    /// The mark of the archive; nil where it has none.
    ///
    /// - Throws: `ClinicError.corrupt` for one that cannot be read.
    func identity() async throws -> InstallationMark? {
        let file: [UInt8]
        do { file = try await bytes(at: ArchiveIdentity.key) } catch let error as ClinicError
            where error.code == .notFound
        { return nil }
        if let mark = InstallationMark(file) { return mark }
        throw ClinicError(
            .corrupt,
            fault: """
                \(name)/\(ArchiveIdentity.key) is damaged. Put it back from a copy, or bind the archive anew with \
                `leukoscope archive adopt`.
                """)
    }

    /// Whether it is a finished copy that no server has worked with.
    func isUnusedCopy() async throws -> Bool {
        do { return try await !bytes(at: ArchiveIdentity.unusedCopy).isEmpty } catch let error as ClinicError
            where error.code == .notFound
        { return false }
    }

    /// From now on files may be here that are nowhere else.
    func takeIntoUse() async throws {
        if try await isUnusedCopy() { try await remove(ArchiveIdentity.unusedCopy) }
    }

    /// Every file that a row should know, but those of slides, which are too large to be read whole.
    func contents() async throws -> [String] {
        try await keys(under: "").filter { key in
            key != ArchiveIdentity.key && !["quarantine/", "readiness/", "slides/"].contains { key.hasPrefix($0) }
        }
    }

    /// Whether any database was used with it.
    func isUsed() async throws -> Bool {
        if try await identity() != nil { return true }
        return try await !contents().isEmpty
    }
}

extension Installation {
    /// How many files, and how many rows, are looked up to recognise an installation without marks.
    private static let sample = 200

    /// Marks a new installation and one of before the marks, and refuses a database and an archive that are strangers.
    ///
    /// - Throws: `ClinicError.invalid` with field `database`, `.corrupt` when the archive is lost.
    public func verifyMarks() async throws {
        if let identity = try await archive.identity() {
            guard identity.isOf(database, marked: try await databaseMark()) else {
                throw try await InstallationMark.refusal(of: archive, by: database.name)
            }
            guard !identity.isUnfinished else {
                throw ClinicError(
                    .invalid,
                    fault: """
                        \(archive.name) is a copy that is not finished: run `leukoscope archive copy` into it again, or name the \
                        archive that it is copied from. Nothing was changed.
                        """, field: "archive")
            }
            try await archive.takeIntoUse()
            return
        }
        let files = try await archive.contents()
        let looked = stride(from: 0, to: files.count, by: max(1, files.count / Self.sample)).map { files[$0] }
        let known = try await database.read { transaction in
            try looked.count { try Self.knows($0, in: transaction) }
        }
        guard 2 * known >= looked.count else {
            throw try await InstallationMark.refusal(of: archive, by: database.name)
        }
        // Identifiers are random, and so are the first of them.
        let named = try await database.reading { connection -> [String] in
            try connection.column("SELECT archive_key FROM images ORDER BY id LIMIT ?", Self.sample)
        }
        let present = Set(named).intersection(files).count
        guard 2 * present >= named.count else {
            throw ClinicError(
                .corrupt,
                fault: """
                    \(named.count - present) of \(named.count) images of \(database.name) that were looked up are not in \
                    \(archive.name). Is its disk mounted, and are --data-dir and --archive right? Restore a backup, or, if they are \
                    lost for good, go on without them with `leukoscope archive adopt`. Nothing was changed.
                    """)
        }
        try await bind()
    }

    /// Binds database and archive to each other although nothing proves that they belong together.
    ///
    /// - Throws: `ClinicError`.
    public func adoptArchive(at date: Date = Date()) async throws {
        let previous: InstallationMark?
        do { previous = try await archive.identity() } catch let error as ClinicError where error.code == .corrupt {
            previous = nil
        }
        let mark = try await bind()
        try await database.write { transaction in
            try transaction.append(
                AuditEntry(
                    .archive(.adopt), by: .system, object: mark.text,
                    detail: "previous=\(previous?.mark.text ?? "none")", at: date))
        }
    }

    /// Gives the archive the database's mark, which is made where there is none. The database comes first: without its
    /// file, the mark of a row is no obstacle to the next start.
    @discardableResult
    func bind() async throws -> Identifier<Installation> {
        _ = try await database.writing { connection in
            try connection.execute(
                "INSERT INTO installation (id, mark, marked_at) VALUES (1, ?, ?)"
                    + connection.dialect.passingOverPresent("id"), Identifier<Installation>().text, Date())
        }
        guard let mark = try await databaseMark() else {
            throw ClinicError(.corrupt, fault: "\(database.name) did not keep its mark.")
        }
        try await archive.store(InstallationMark(mark, of: database).bytes, at: ArchiveIdentity.key)
        return mark
    }

    func databaseMark() async throws -> Identifier<Installation>? {
        try await database.reading { connection in
            try connection.value("SELECT mark FROM installation WHERE id = 1")
        }
    }

    private static func knows(_ key: String, in transaction: any ClinicTransaction) throws -> Bool {
        let parts = key.split(separator: "/").map(String.init)
        switch parts.first {
        case "images": return try transaction.hasImage(archiveKey: key)
        case "doctors": return try transaction.hasDoctorFile(archiveKey: key)
        case "screenings": return try ScreeningID(parts[1]).map { try transaction.screening($0) != nil } ?? false
        case "models": return try InstalledModelID(parts[1]).map { try transaction.installedModel($0) != nil } ?? false
        default: return false
        }
    }
}
