import Clinic
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Files that are there whole or not at all, and that a crash of the machine does not take back.
enum DurableFile {
    /// Writes to a temporary name beside the file, synchronises, and gives it its name.
    ///
    /// - Parameters:
    ///   - replacing: Whether a file of this name is replaced; otherwise the one that is there stays.
    /// - Throws: `ClinicError.storage`.
    static func write(_ bytes: [UInt8], to file: URL, replacing: Bool = true) throws {
        let directory = file.deletingLastPathComponent()
        let temporary = directory.appending(path: ".\(UUID().uuidString).part").path
        let descriptor = open(temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("written", file) }
        do {
            try writeAll(bytes, to: descriptor, file)
            guard fsync(descriptor) == 0 else { throw failure("written to the disk", file) }
        } catch {
            close(descriptor)
            unlink(temporary)
            throw error
        }
        close(descriptor)
        defer { unlink(temporary) }
        if replacing {
            guard rename(temporary, file.path) == 0 else { throw failure("named", file) }
        } else {
            guard link(temporary, file.path) == 0 || errno == EEXIST else { throw failure("named", file) }
        }
        try synchronize(directory)
    }

    /// Makes the names in a directory outlive a crash.
    static func synchronize(_ directory: URL) throws {
        let descriptor = open(directory.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("opened", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("written to the disk", directory) }
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32, _ file: URL) throws {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("written", file)
            }
            done += count
        }
    }

    static func failure(_ verb: String, _ file: URL) -> ClinicError {
        ClinicError(.storage, fault: "\(file.path) cannot be \(verb): \(String(cString: strerror(errno)))")
    }
}
