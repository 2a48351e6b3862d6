import Clinic
import Foundation

/// An archive as the operator's commands and the marks of an installation need it.
public protocol MaintainedArchive: ImageArchive {
    /// Where it is, for messages to operators; no passwords.
    var name: String { get }
}

/// The file by which an archive is known: an archive that lacks it after it was there is not there itself.
enum ArchiveIdentity {
    static let key = "identity"
}

/// Finds the archive that an operator named; which kinds there are is known here alone.
enum ArchiveLocation {
    /// - Throws: `ClinicError.storage`.
    static func open(dataDirectory: URL) throws -> any MaintainedArchive {
        try DirectoryArchive(directory: dataDirectory.appending(path: "archive"))
    }
}
