import ArgumentParser
import Clinic
import Foundation
import Store

extension ArchiveCommand {
    /// `leukoscope archive copy`
    struct Copy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "copy", abstract: "Copy the stored files into another archive: a folder or an S3 store.",
            discussion: """
                Nothing is removed or changed where they come from. What is there already is compared and passed over, so \
                that a copy that was stopped is gone on with by the same command. What was erased since it was copied goes from \
                the copy too, as long as no server has worked with it. Every file is read back. Until all are \
                there, no server takes the copy for its archive. Files of whole slides go from folder to folder alone; in an S3 \
                store there are none.

                EXAMPLES
                  leukoscope archive copy --from /var/lib/leukoscope/archive \\
                      --to 's3://smears/ward-3?endpoint=https://s3.example.org&region=eu-central-1'
                  leukoscope archive copy --from 's3://smears?endpoint=…' --to /var/lib/leukoscope/archive
                The key of the store is in LEUKOSCOPE_S3_KEY_ID and LEUKOSCOPE_S3_SECRET, or in files that \
                LEUKOSCOPE_S3_KEY_ID_FILE and LEUKOSCOPE_S3_SECRET_FILE name.

                It may run while the server works; then stop the server, run it once more, and start the server with \
                --archive for the new place.

                EXIT CODES
                  0   the copy is whole
                  64  wrong usage, or the two do not go together
                  65  files are damaged, differ between the two, or are of whole slides, which an S3 store does not take: \
                they are listed
                  69  the disk or the store refused
                  70  an error inside the program
                """)

        @Option(help: ArgumentHelp("The archive of an installation.", valueName: "place"))
        var from: String

        @Option(help: ArgumentHelp("An empty place, or one that was copied into before.", valueName: "place"))
        var to: String

        func run() async throws {
            let report: ArchiveCopy.Report
            let target: any MaintainedArchive
            do {
                let environment = ProcessInfo.processInfo.environment
                let places = (
                    from: try ArchiveLocation(from, environment: environment),
                    to: try ArchiveLocation(to, environment: environment)
                )
                let source = try await places.from.open(made: false)
                target = try await places.to.open()
                let line = ProgressLine(verb: "Copied", things: "files")
                report = try await ArchiveCopy(from: source, to: target).run { line.show($0, of: $1) }
                line.finish()
            } catch {
                throw DataOptions.exit(for: error)
            }
            for key in report.damaged { print("damaged\t\(key)") }
            for key in report.different { print("different\t\(key)") }
            print(
                "\(target.name): \(report.copied) files copied (\(report.copiedBytes) bytes), \(report.present) were there "
                    + "already, \(report.others) others are there alone. "
                    + (report.removed == 0
                        ? "Nothing was removed." : "\(report.removed) that were erased meanwhile were removed there."))
            if report.slides > 0 {
                print(
                    "\(report.slides) files of whole slides were passed over, which go from folder to folder alone: keep \(from)."
                )
            }
            guard report.isWhole else {
                throw ProgramExit.stop(
                    "\(report.damaged.count) files are damaged where they come from, and were not copied; "
                        + "\(report.different.count) differ, and were left as they are. "
                        + "What is damaged, put back from a backup, then: "
                        + "leukoscope archive verify", ProgramExit.badData)
            }
        }
    }
}
