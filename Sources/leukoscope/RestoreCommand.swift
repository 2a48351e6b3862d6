import ArgumentParser
import Clinic
import Foundation
import Store

/// `leukoscope restore`: puts a backup back.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a backup back, into the same kind of database or the other one.",
        discussion: """
            Every file of the backup is proved by its checksum before anything is touched. Stop the server first.

            EXAMPLES
              leukoscope restore /srv/backup/leukoscope-2026-01-31
              leukoscope restore /srv/backup/today --replace
              leukoscope restore /srv/backup/today --database mysql://user:password@host/leukoscope
            The last one moves an installation from SQLite to MariaDB.

            Where there are accounts, cases or images already, it stops; with --replace they are removed for good.
            What was deleted for good after the backup was made is deleted again: the data folder, the database that is \
            replaced and the backups beside this one know of it.
            What the backup lacked when it was made is listed; the rest comes back.

            EXIT CODES
              0   everything is back
              64  wrong usage, or there is something already
              65  the backup is damaged
              69  the database or a disk refused, or the backup is newer than this program
              70  an error inside the program
            """)

    @OptionGroup var data: DataOptions

    @Argument(help: ArgumentHelp("The directory that `leukoscope backup` wrote.", valueName: "from"))
    var from: String

    @Flag(help: "Remove what is there now.")
    var replace = false

    func run() async throws {
        do {
            let restore = try Restore(from: URL(fileURLWithPath: from))
            let secret = try ServerSecret(
                file: URL(fileURLWithPath: from).appending(path: ServerSecret.fileName))
            do {
                try FileManager.default.createDirectory(at: data.directory, withIntermediateDirectories: true)
            } catch {
                throw ClinicError(
                    .storage, fault: "\(data.directory.path) cannot be made: \(error.localizedDescription)")
            }
            let database = try DatabaseLocation.open(
                data.databaseURL, dataDirectory: data.directory, auditKey: secret.key(for: "audit"))
            let archive = try data.archiveLocation()
            if !replace,
                try await !Restore.isEmpty(dataDirectory: data.directory, archive: archive, database: database)
            {
                throw ProgramExit.stop(
                    "there are accounts, cases or images already in \(database.name) or \(archive.name); "
                        + "--replace removes them for good", .validationFailure)
            }
            let erased = try await restore.run(into: database, dataDirectory: data.directory, archive: archive)
            let audit = try await database.verifyAudit()
            try await database.close()
            let rows = restore.manifest.rows
            print(
                "\(rows["users"] ?? 0) accounts, \(rows["cases"] ?? 0) cases, \(rows["images"] ?? 0) images are back in "
                    + "\(database.name).")
            if erased > 0 {
                ProgramExit.say(
                    "leukoscope: \(erased) accounts, cases, images or documents that were deleted after the backup was made "
                        + "were deleted again.")
            }
            let (missing, changed) = (restore.manifest.missing, restore.manifest.changed)
            for key in missing { ProgramExit.say("missing\t\(key)") }
            for key in changed { ProgramExit.say("changed\t\(key)") }
            if !restore.manifest.isWhole {
                ProgramExit.say(
                    "leukoscope: \(missing.count) files were missing when the backup was made, \(changed.count) were "
                        + "not what was stored. They are not served; all else is back.")
            }
            if let found = audit.firstBreak {
                ProgramExit.say(
                    "leukoscope: the audit log was broken at entry \(found.sequence) when the backup was made: \(found.reason)"
                )
            }
        } catch {
            throw DataOptions.exit(for: error)
        }
    }
}
