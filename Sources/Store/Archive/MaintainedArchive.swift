import Clinic
import Foundation

/// An archive as the operator's commands and the marks of an installation need it.
public protocol MaintainedArchive: ImageArchive {
    /// Where it is, for messages to operators; no passwords.
    var name: String { get }
    /// The same with the address of a store, by which two archives are told apart; no slash at its end.
    var place: String { get }
}

extension MaintainedArchive {
    public var place: String { name }
}

/// The file by which an archive is known: an archive that lacks it after it was there is not there itself.
enum ArchiveIdentity {
    static let key = "identity"
    /// Lies in a finished copy that no server has worked with: all that is in it came from where it was copied from.
    static let unusedCopy = "readiness/copied"
    /// The folders of an installation's files. What else is there is not ours: in a bucket, another program's or that of an
    /// installation below a longer prefix.
    static let folders = ["images/", "screenings/", "models/", "doctors/", "quarantine/", "readiness/", "slides/"]
}

/// Where an operator says that the archive is; which kinds there are is known here alone.
public enum ArchiveLocation: Sendable {
    /// A folder of this machine, or one that all nodes mount.
    case directory(URL)
    /// A bucket, and who asks for it.
    case s3(S3Location, S3Access)

    /// - Parameters:
    ///   - text: The path of a folder, or an address as `S3Location` reads it.
    ///   - environment: Of the process, with the keys of an S3 store.
    /// - Throws: `ClinicError.invalid`, `.storage`.
    public init(_ text: String, environment: [String: String]) throws {
        if text.contains("://") {
            self = .s3(try S3Location(text), try S3Access(environment: environment))
        } else {
            self = .directory(URL(fileURLWithPath: text, isDirectory: true).standardizedFileURL)
        }
    }

    /// Where the archive is unless an operator says something else.
    public static func usual(in dataDirectory: URL) -> ArchiveLocation {
        .directory(dataDirectory.appending(path: "archive"))
    }

    /// As it is told to operators.
    public var name: String {
        switch self {
        case .directory(let directory): directory.path
        case .s3(let location, _): location.name
        }
    }

    /// The archive, which is known to answer.
    ///
    /// - Parameter made: Whether a folder is made where there is none.
    /// - Throws: `ClinicError.storage`.
    public func open(made: Bool = true) async throws -> any MaintainedArchive {
        switch self {
        case .directory(let directory):
            guard made || FileManager.default.fileExists(atPath: directory.path) else {
                throw ClinicError(.storage, fault: "There is no folder \(directory.path).")
            }
            return try DirectoryArchive(directory: directory)
        case .s3(let location, let access):
            let archive = S3Archive(location, access)
            try await archive.check()
            return archive
        }
    }
}
