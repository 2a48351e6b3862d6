import ArgumentParser
import Clinic
import Foundation
import Store

/// Where accounts, cases and images are; the same options for every command that needs them.
struct DataOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "mysql://user:password@host:port/name for MariaDB or MySQL; without it, leukoscope.sqlite in the data folder. "
                + "LEUKOSCOPE_DATABASE in the environment does the same and keeps the password off the command line.",
            valueName: "url"))
    var database: String?

    @Option(
        help: ArgumentHelp(
            "The folder of images, the secret key and the embedded database. LEUKOSCOPE_DATA_DIR in the environment does the same.",
            valueName: "dir"))
    var dataDir = ProcessInfo.processInfo.environment["LEUKOSCOPE_DATA_DIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "data"

    /// The folder as an absolute URL.
    var directory: URL { URL(fileURLWithPath: dataDir, isDirectory: true).standardizedFileURL }

    /// The database's URL, from the option or else the environment; nil for the embedded one.
    var databaseURL: String? {
        if let database { return database }
        let fromEnvironment = ProcessInfo.processInfo.environment["LEUKOSCOPE_DATABASE"]
        return fromEnvironment?.isEmpty == false ? fromEnvironment : nil
    }

    /// Opens what the options name.
    ///
    /// - Throws: `ExitCode` after the reason went to standard error.
    func open(_ opening: Installation.Opening = .ready) async throws -> Installation {
        do { return try await Installation.open(directory, databaseURL: databaseURL, opening) } catch {
            throw Self.exit(for: error)
        }
    }

    /// Tells why stored things cannot be used, and gives the exit code for it.
    static func exit(for error: any Error) -> any Error {
        switch error {
        case let error as ClinicError: return ProgramExit.stop(ProgramExit.words(error), exitCode(for: error.code))
        case is ExitCode: return error
        default:
            return ProgramExit.stop("the data cannot be used: \(ProgramExit.words(error))", ProgramExit.unavailable)
        }
    }

    private static func exitCode(for code: ClinicError.Code) -> ExitCode {
        switch code {
        case .notFound, .duplicate, .corrupt: ProgramExit.badData
        case .invalid, .forbidden, .quotaExceeded: .validationFailure
        case .busy, .newerSchema, .databaseUnavailable, .storage: ProgramExit.unavailable
        }
    }
}
