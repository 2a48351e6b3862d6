import ArgumentParser
import Clinic
import Foundation
import Store

/// `leukoscope backup`: everything in one directory.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Write accounts, cases, images and the secret key into a new directory.",
        discussion: """
            It may run while the server works: the rows are those of one moment, with every file that they name. The \
            directory gets its name when it is whole. `sha256sum -c SHA256SUMS` inside it proves every file.

            EXAMPLES
              leukoscope backup --into /srv/backup/leukoscope-$(date +%F)
              leukoscope backup --into /srv/backup/today --database mysql://user:password@host/leukoscope

            The backup holds health data and secret.key, with which the audit log can be forged: keep it where only \
            the operator can read it, encrypted when it leaves the machine. `leukoscope restore` puts it back, also \
            into the other kind of database.

            EXIT CODES
              0   the backup is whole
              64  wrong usage, or the directory is there already
              65  the backup is written, but files are missing or not what was stored: they are listed, and in \
                  manifest.json; or the data are damaged and there is no backup
              69  the database or a disk refused
              70  an error inside the program
            """)

    @OptionGroup var data: DataOptions

    @Option(help: ArgumentHelp("The directory to make.", valueName: "dir"))
    var into: String

    func run() async throws {
        let opened = try await data.open()
        do {
            let target = URL(fileURLWithPath: into)
            try await opened.database.eraseTraces()
            let manifest = try await Backup(
                database: opened.database, archive: opened.archive, dataDirectory: data.directory
            ).write(into: target)
            if manifest.isWhole { try await BackupRecord(database: opened.database).note(at: Date()) }
            try await opened.database.close()
            print(
                "\(target.path): \(manifest.rows["users"] ?? 0) accounts, \(manifest.rows["cases"] ?? 0) cases, "
                    + "\(manifest.rows["images"] ?? 0) images, \(manifest.rows["audit_log"] ?? 0) audit entries, "
                    + "\(manifest.files) files.")
            guard !manifest.isWhole else { return }
            for key in manifest.missing { ProgramExit.say("missing\t\(key)") }
            for key in manifest.changed { ProgramExit.say("changed\t\(key)") }
            throw ProgramExit.stop(
                "\(manifest.missing.count) files are missing and \(manifest.changed.count) are not what was stored; all "
                    + "else is in the backup. Put them back from an earlier one, then: leukoscope archive verify",
                ProgramExit.badData)
        } catch {
            throw DataOptions.exit(for: error)
        }
    }
}
