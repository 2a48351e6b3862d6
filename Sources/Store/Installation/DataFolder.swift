import Clinic
import Foundation

/// Says in a sentence why a folder cannot hold the data of an installation, before anything is made in it.
enum DataFolder {
    /// Makes the folder where only it is missing, and sees that files can be made in it.
    ///
    /// - Throws: `ClinicError.storage`.
    static func check(_ directory: URL) throws {
        let folder = directory.standardizedFileURL
        let isThere = try isFolder(folder)
        if !isThere {
            let parent = folder.deletingLastPathComponent()
            guard try isFolder(parent) else {
                throw refusal(
                    folder, "the folder above it, \(parent.path), is not there: make it first, or name another folder")
            }
            do {
                try FileManager.default.createDirectory(
                    at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw refusal(folder, "it cannot be made in \(parent.path), \(reason(error)): \(remedy)")
            }
        }
        let probe = folder.appending(path: ".writable-\(UUID().uuidString)")
        do {
            try Data().write(to: probe)
            try FileManager.default.removeItem(at: probe)
        } catch {
            throw refusal(folder, "no file can be made in it, \(reason(error)): \(remedy)")
        }
    }

    private static var remedy: String {
        "give it to the user that runs leukoscope (\(NSUserName())) with chown and chmod, or name another folder"
    }

    /// - Returns: False for what is not there.
    private static func isFolder(_ url: URL) throws -> Bool {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else { return false }
        guard isFolder.boolValue else { throw refusal(url, "it is a file, not a folder: name another folder") }
        return true
    }

    /// What the system says, such as `Permission denied`.
    private static func reason(_ error: any Error) -> String {
        let error = error as NSError
        let system = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
        guard system.domain == NSPOSIXErrorDomain else { return error.localizedDescription.lowercased() }
        return String(cString: strerror(Int32(system.code))).lowercased()
    }

    private static func refusal(_ folder: URL, _ why: String) -> ClinicError {
        ClinicError(
            .storage, fault: "The data folder cannot be used: \(folder.path): \(why) (--data-dir, LEUKOSCOPE_DATA_DIR)."
        )
    }
}
