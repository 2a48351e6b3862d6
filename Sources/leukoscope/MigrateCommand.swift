import ArgumentParser
import Store

/// `leukoscope migrate`: makes the tables, or brings them up to date.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Make the database's tables, or bring them up to date.",
        discussion: """
            `leukoscope serve` does this by itself when it starts. Run it beforehand to do an upgrade's work while the \
            old server still stands, or to prepare a new database:
              CREATE DATABASE leukoscope CHARACTER SET utf8mb4;
              leukoscope migrate --database mysql://leukoscope:secret@127.0.0.1:3306/leukoscope

            Several at once are safe: one does the work, the others wait. Make a backup before an upgrade; an older \
            program refuses a newer database.

            EXIT CODES
              0   the tables are up to date
              64  wrong usage, or the folder's images belong to another database
              65  images or the secret key are missing
              69  the database cannot be reached, or is newer than this program
              70  an error inside the program
            """)

    @OptionGroup var data: DataOptions

    func run() async throws {
        try await data.withInstallation(.asItIs) { opened in
            let before = try await opened.database.schemaVersion()
            try await opened.database.migrate()
            try await opened.verifyMarks()
            let after = try await opened.database.schemaVersion()
            print(
                before == after
                    ? "\(opened.database.name) is up to date (schema \(after))."
                    : "\(opened.database.name) brought from schema \(before) to \(after).")
        }
    }
}
