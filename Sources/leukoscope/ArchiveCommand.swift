import ArgumentParser
import Casework
import Clinic
import Formats
import Foundation
import Store

/// `leukoscope archive`: the files that the database names.
struct ArchiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive", abstract: "Look after the stored files: verify, adopt, orphans, copy.",
        discussion: """
            Database and archive carry the same mark and refuse each other without it, so that a forgotten \
            LEUKOSCOPE_DATABASE or a disk that is not mounted harms nothing.

            EXIT CODES
              0   done
              64  wrong usage, or the folder's files belong to another database
              65  files or the secret key are missing, or a file is not what was written
              69  the database or a disk refused
              70  an error inside the program
            """,
        subcommands: [Verify.self, Adopt.self, Orphans.self, Copy.self])

    /// `leukoscope archive verify`
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify", abstract: "Compare every stored file with its checksum in the database.",
            discussion: """
                Reads all files; it may run beside the server, and changes nothing. Prints what is wrong, a line each: \
                missing, changed, unreadable or without-row, and the file. There is no way to repair a file but to \
                put it back from a backup; until then it is never served.

                Files of before checksums were kept are taken as they are when they are read for the first time; \
                with --record all of them now.
                """)

        @OptionGroup var data: DataOptions

        @Flag(help: "Print the report as JSON.")
        var json = false

        @Flag(help: "Take files of before checksums were kept as they are, and write theirs down.")
        var record = false

        func run() async throws {
            let opened = try await data.open()
            let report: ArchiveVerification.Report
            do {
                let line = ProgressLine(verb: "Compared", things: "files")
                report = try await ArchiveVerification(
                    database: opened.database, archive: opened.archive, recording: record
                ).run { line.show($0, of: $1) }
                line.finish()
                try await opened.database.close()
                if json { print(try JSONFormat.file.text(report)) } else { Self.tell(report) }
            } catch {
                throw DataOptions.exit(for: error)
            }
            guard report.isWhole else { throw ProgramExit.badData }
        }

        private static func tell(_ report: ArchiveVerification.Report) {
            for (kind, keys) in [
                ("missing", report.missing), ("changed", report.changed), ("unreadable", report.unreadable),
                ("without-row", report.withoutRow),
            ] {
                for key in keys { print("\(kind)\t\(key)") }
            }
            let wrong = report.missing.count + report.changed.count + report.unreadable.count + report.withoutRow.count
            ProgramExit.say("\(report.files) files, \(wrong) wrong.")
            guard report.withoutChecksum > 0 else { return }
            ProgramExit.say(
                report.recorded > 0
                    ? "\(report.recorded) files of before have a checksum now."
                    : "\(report.withoutChecksum) files of before have no checksum yet; --record writes it down.")
        }
    }

    /// `leukoscope archive adopt`
    struct Adopt: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "adopt", abstract: "Bind the archive to this database, whatever it was used with before.",
            discussion: """
                For a folder whose database was replaced, or whose files are lost for good. Files that the database does \
                not know are moved into quarantine/ by later sweeps, unless there are many. It goes into the audit log.
                """)

        @OptionGroup var data: DataOptions

        func run() async throws {
            try await data.withInstallation(.adopting) { opened in
                try await opened.adoptArchive()
                let orphans = try await Sweeper(database: opened.database, archive: opened.archive).orphans()
                print(
                    "\(opened.archive.name) belongs to \(opened.database.name) now; "
                        + "\(orphans.count) of its files are not known there.")
            }
        }
    }

    /// `leukoscope archive orphans`
    struct Orphans: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "orphans", abstract: "List the files that no row of the database knows.",
            discussion: """
                While the server runs, files of uploads under way may be among them. The server moves a few of them a \
                day into quarantine/ by itself, where they stay for \(Sweeper.keptDays) days; they come back by themselves \
                when a row knows them after all.
                """)

        @OptionGroup var data: DataOptions

        @Flag(help: "Move all of them into quarantine/, however many; with the server stopped.")
        var quarantine = false

        func run() async throws {
            try await data.withInstallation { opened in
                let sweeper = Sweeper(database: opened.database, archive: opened.archive)
                let orphans = try await sweeper.orphans()
                for key in orphans { print(key) }
                if quarantine { try await sweeper.putAside(orphans) }
            }
        }
    }
}
