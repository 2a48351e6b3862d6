import ArgumentParser
import Clinic
import Foundation
import Store

/// Where accounts, cases and images are; the same options for every command that needs them.
struct DataOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "mysql://user:password@host:port/name for MariaDB or MySQL, host:port,host:port,host:port for the nodes of a Galera "
                + "cluster; without it, leukoscope.sqlite in the data folder. "
                + "LEUKOSCOPE_DATABASE in the environment does the same and keeps the password off the command line.",
            valueName: "url"))
    var database: String?

    @Option(
        help: ArgumentHelp(
            "The folder of images, the secret key and the embedded database. LEUKOSCOPE_DATA_DIR in the environment does the same.",
            valueName: "dir"))
    var dataDir = ProcessInfo.processInfo.environment["LEUKOSCOPE_DATA_DIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "data"

    @Option(
        help: ArgumentHelp(
            "Where the stored files are, if not in archive/ of the data folder: another folder, or "
                + "s3://bucket/prefix?endpoint=https://host:port&region=name, with the key in LEUKOSCOPE_S3_KEY_ID and "
                + "LEUKOSCOPE_S3_SECRET. LEUKOSCOPE_ARCHIVE in the environment does the same.",
            valueName: "place"))
    var archive: String?

    /// The folder as an absolute URL.
    var directory: URL { URL(fileURLWithPath: dataDir, isDirectory: true).standardizedFileURL }

    /// The database's URL, from the option or else the environment; nil for the embedded one.
    var databaseURL: String? {
        if let database { return database }
        let fromEnvironment = ProcessInfo.processInfo.environment["LEUKOSCOPE_DATABASE"]
        return fromEnvironment?.isEmpty == false ? fromEnvironment : nil
    }

    /// The archive's place, from the option or else the environment.
    ///
    /// - Throws: `ClinicError.invalid`, `.storage`.
    func archiveLocation() throws -> ArchiveLocation {
        let environment = ProcessInfo.processInfo.environment
        let named = archive ?? environment["LEUKOSCOPE_ARCHIVE"].flatMap { $0.isEmpty ? nil : $0 }
        guard let named else { return .usual(in: directory) }
        return try ArchiveLocation(named, environment: environment)
    }

    /// Opens what the options name.
    ///
    /// - Throws: `ExitCode` after the reason went to standard error.
    func open(_ opening: Installation.Opening = .ready) async throws -> Installation {
        do {
            return try await Installation.open(
                directory, databaseURL: databaseURL, archive: archiveLocation(), opening)
        } catch {
            throw Self.exit(for: error)
        }
    }

    /// Opens what the options name, does something with it, and closes it.
    ///
    /// - Throws: `ExitCode` after the reason went to standard error.
    func withInstallation<Value>(
        _ opening: Installation.Opening = .ready, _ body: (Installation) async throws -> Value
    ) async throws -> Value {
        let opened = try await open(opening)
        do {
            let value = try await body(opened)
            try await opened.database.close()
            return value
        } catch {
            throw Self.exit(for: error)
        }
    }

    /// The list that `Scripts/bootstrap.sh` makes; where it is missing, that is told, and the short list of the program counts alone.
    ///
    /// - Throws: `ExitCode` after the reason went to standard error, for a damaged list.
    static func leakedPasswords() throws -> LeakedPasswords {
        guard let file = InstalledFile.find("passwords/common.txt", variable: "LEUKOSCOPE_PASSWORDS") else {
            ProgramExit.say(
                "leukoscope: warning: no list of leaked passwords was found, so only the commonest are refused. Make it with "
                    + "Scripts/bootstrap.sh run.")
            return LeakedPasswords()
        }
        do { return try LeakedPasswords(file) } catch { throw exit(for: error) }
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
        case .invalid, .forbidden, .hidden, .consentNeeded, .quotaExceeded: .validationFailure
        case .busy, .newerSchema, .databaseUnavailable, .storage: ProgramExit.unavailable
        }
    }
}
