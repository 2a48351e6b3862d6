import ArgumentParser
import Casework
import Clinic
import Foundation
import Store

/// `leukoscope archive`: the files that the database names.
struct ArchiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive", abstract: "Look after the stored files: adopt, orphans.",
        discussion: """
            Database and archive carry the same mark and refuse each other without it, so that a forgotten \
            LEUKOSCOPE_DATABASE or a disk that is not mounted harms nothing.

            EXIT CODES
              0   done
              64  wrong usage, or the folder's files belong to another database
              65  files or the secret key are missing
              69  the database or a disk refused
              70  an error inside the program
            """,
        subcommands: [Adopt.self, Orphans.self])

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
            let opened = try await data.open(.adopting)
            do {
                try await opened.adoptArchive()
                let orphans = try await Sweeper(database: opened.database, archive: opened.archive).orphans()
                try await opened.database.close()
                print(
                    "\(opened.archive.name) belongs to \(opened.database.name) now; "
                        + "\(orphans.count) of its files are not known there.")
            } catch {
                throw DataOptions.exit(for: error)
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
            let opened = try await data.open()
            do {
                let sweeper = Sweeper(database: opened.database, archive: opened.archive)
                let orphans = try await sweeper.orphans()
                for key in orphans { print(key) }
                if quarantine { try await sweeper.putAside(orphans) }
                try await opened.database.close()
            } catch {
                throw DataOptions.exit(for: error)
            }
        }
    }
}
