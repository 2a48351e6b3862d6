import Casework
import Clinic
import Demonstration
import Screening
import Web
import Wording

extension ServeCommand {
    /// Fills the database for `--demo`.
    ///
    /// - Parameter runBy: Whom the notice names to whom it is read.
    /// - Returns: Lines that tell who may log in.
    /// - Throws: `ExitCode` after the reason went to standard error.
    static func fillDemonstration(
        _ parts: ServerParts, demonstration: Screener?, runBy: Operator?
    ) async throws -> [String] {
        guard let demonstration else {
            throw ProgramExit.stop(
                "--demo needs the demonstration model, Models/demonstration; name it with --demonstration-model.",
                ProgramExit.unavailable)
        }
        let logins: [Demonstration.Login]
        do {
            logins = try await Demonstration(
                database: parts.services.database, archive: parts.services.archive, accounts: parts.services.accounts,
                screener: demonstration, consent: ConsentText(try TextLibrary().site, runBy: runBy)
            ).prepare()
        } catch {
            throw DataOptions.exit(for: error)
        }
        return ["Demonstration: doctors, visits and smears are fictional. Accounts of this start:"]
            + logins.map { "  \($0.role.rawValue)\t\($0.email)\t\($0.password)" }
    }
}
