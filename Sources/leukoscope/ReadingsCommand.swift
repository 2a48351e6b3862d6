import ArgumentParser
import Casework
import Clinic
import Foundation
import Store

/// `leukoscope readings`: doctors' signed readings.
struct ReadingsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "readings", abstract: "Hand doctors' signed readings on to training.", subcommands: [Export.self])

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write signed readings as a labelled set that “leukoscope-lab dataset import” takes.",
            discussion: """
                Only readings that are signed and count, of images whose patients allowed it for a share that stands: the \
                class is the one that every doctor who signed gave. Left out are images that all found unreadable \
                (counted) and images whose doctors contradict each other (listed in left-out.csv). The cells of images that a \
                doctor confirmed, under the same consent, are cut out into folders by type (cells/), all at one scale.

                No name, e-mail or identifier of the server leaves it. Files, patients and cases are named by a keyed \
                hash (HMAC-SHA256 under a key from secret.key), which stays the same from export to export and can be \
                made nowhere else: patients keep their images together, so that “dataset split --method patients” works. \
                A patient is an account; a series is a case. The images are still health data: keep them as such.

                EXAMPLE
                  leukoscope readings export --into signed-2026-11
                  leukoscope-lab dataset import signed-2026-11 --into sets/signed
                  leukoscope-lab dataset split sets/signed --method patients

                EXIT CODES
                  0   the set is whole
                  64  wrong usage
                  65  there is nothing to export, the directory is there already, or a stored image is damaged
                  69  the database or a disk refused
                  70  an error inside the program
                """)

        @OptionGroup var data: DataOptions

        @Option(help: ArgumentHelp("The directory to make.", valueName: "dir"))
        var into: String

        func run() async throws {
            let target = URL(fileURLWithPath: into)
            guard !FileManager.default.fileExists(atPath: target.path) else {
                throw ProgramExit.stop("\(target.path) is there already; name a new directory", ProgramExit.badData)
            }
            try await data.withInstallation { opened in
                let selection = try await opened.database.write { transaction in
                    try TrainingSelection(by: .system, now: Date(), in: transaction)
                }
                let export = ReadingExport(
                    archive: CheckedArchive(opened.archive, in: opened.database),
                    key: opened.secret.key(for: "readings-export"))
                let written = try await export.write(selection, into: target)
                print(written.summary(target))
            }
        }
    }
}
