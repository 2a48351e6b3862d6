import ArgumentParser
import Foundation
import Imaging
import Packaging
import Screening
import Wording

/// The exit codes of the program, after sysexits.h, and its way of speaking on standard error.
enum ProgramExit {
    /// Bad input data: an image or a model package's content.
    static let badData = ExitCode(65)
    /// Something that the command stands on is not there: the model package, a folder to write to.
    static let unavailable = ExitCode(69)
    /// An error inside the program.
    static let internalError = ExitCode(70)

    /// Writes a line to standard error, where it does not mix with results.
    static func say(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    /// The words of the program.
    static let english = Result { try TextCatalogue(language: "en") }

    /// What an error says, in English; of one that the catalogue does not tell of, its description.
    static func words(_ error: any Error) -> String {
        do { return try english.get()(error) } catch let missing { return "\(error) (\(missing))" }
    }

    /// Tells why the command cannot go on, and ends it.
    static func stop(_ message: String, _ code: ExitCode) -> any Error {
        say("leukoscope: \(message)")
        return code
    }

    /// Ends the program: wrong usage and `ExitCode` as the argument parser has it, anything unforeseen as internal.
    static func end(with error: any Error) -> Never {
        guard Leukoscope.exitCode(for: error) == .failure else { Leukoscope.exit(withError: error) }
        Leukoscope.exit(withError: stop(words(error), internalError))
    }
}

extension ModelPackage {
    /// The package in a directory, or the shipped release model.
    /// - Throws: `ProgramExit.unavailable` after the reason went to standard error.
    static func open(_ path: String?, name: String = "release") throws -> ModelPackage {
        do {
            return try ModelPackage(directory: path.map { URL(fileURLWithPath: $0) } ?? ModelLocation.find(name: name))
        } catch {
            throw ProgramExit.stop("the model cannot be used: \(error)", ProgramExit.unavailable)
        }
    }
}
