import ArgumentParser
import Clinic
import Store

/// `leukoscope screenings`: the queue, from the server's own machine.
struct ScreeningsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "screenings", abstract: "Look after the screenings: retry.", subcommands: [Retry.self])

    /// `leukoscope screenings retry`
    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retry", abstract: "Put screenings that failed into the queue again.",
            discussion: """
                When what made them fail is mended, or their files were put back. It may run beside the server, which \
                takes them up within seconds, the oldest first; while a thousand images wait, new ones are turned away. \
                It goes into the audit log.

                EXAMPLES
                  leukoscope screenings retry --all
                  leukoscope screenings retry --case Yk3…

                EXIT CODES
                  0   done; how many is printed
                  64  wrong usage
                  65  there is no such case
                  69  the database or a disk refused
                  70  an error inside the program
                """)

        @OptionGroup var data: DataOptions

        @Flag(help: "Of every case.")
        var all = false

        @Option(name: .customLong("case"), help: ArgumentHelp("Of one case.", valueName: "id"))
        var caseText: String?

        func validate() throws {
            guard all != (caseText != nil) else { throw ValidationError("Say either --all or --case.") }
            if let caseText, CaseID(caseText) == nil {
                throw ValidationError("“\(caseText)” is no case: give the 22 characters of its address.")
            }
        }

        func run() async throws {
            try await data.withInstallation { opened in
                let id = caseText.flatMap { CaseID($0) }
                let count = try await Cases(database: opened.database).screenFailedAgain(of: id)
                print("\(count) screenings are in the queue again.")
            }
        }
    }
}
