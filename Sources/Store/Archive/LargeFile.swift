import Clinic
import Crypto
import Formats
import Foundation

/// Files that are too large to be held in memory: those of slides.
enum LargeFile {
    /// Whether a file was unpacked of a slide, or is just being unpacked.
    static func isUnpacked(_ key: String) -> Bool {
        key.hasPrefix("slides/") && (key.contains("/unpacked/") || key.contains("/.unpacking/"))
    }

    /// Copies a file under a name that no list shows, compares what is there with what was read, and gives it its name, in place of
    /// what has it.
    ///
    /// - Returns: Its bytes; nil where there is no such file.
    /// - Throws: `ClinicError.storage`.
    static func store(_ source: URL, at target: URL) throws -> Int? {
        let folder = target.deletingLastPathComponent()
        let part = folder.appending(path: ".\(target.lastPathComponent).part")
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            guard let digest = try copy(source, to: part) else { return nil }
            guard try Self.digest(of: part) == digest else {
                throw ClinicError(.storage, fault: "\(part.path) does not hold what was written to it.")
            }
            let count = try byteCount(of: part)
            if FileManager.default.fileExists(atPath: target.path) {
                try FileManager.default.removeItem(at: target)
            }
            try FileManager.default.moveItem(at: part, to: target)
            try DurableFile.synchronize(folder)
            return count
        } catch let error as ClinicError { throw error } catch {
            throw ClinicError(
                .storage, fault: "\(source.path) cannot be copied to \(target.path): \(error.localizedDescription)")
        }
    }

    /// Bytes of a file.
    ///
    /// - Throws: `ClinicError.storage`.
    static func byteCount(of file: URL) throws -> Int {
        do {
            let handle = try FileHandle(forReadingFrom: file)
            defer { try? handle.close() }
            return Int(clamping: try handle.seekToEnd())
        } catch {
            throw ClinicError(.storage, fault: "\(file.path) cannot be read: \(error.localizedDescription)")
        }
    }

    /// SHA-256 of a file, read in parts.
    ///
    /// - Throws: `ClinicError.storage`.
    static func digest(of file: URL) throws -> String {
        do {
            let handle = try FileHandle(forReadingFrom: file)
            defer { try? handle.close() }
            var hash = SHA256()
            while let part = try handle.read(upToCount: 1 << 20), !part.isEmpty { hash.update(data: part) }
            return hash.finalize().hexadecimal
        } catch {
            throw ClinicError(.storage, fault: "\(file.path) cannot be read: \(error.localizedDescription)")
        }
    }

    /// Copies a file part by part; when this returns the copy outlives a crash, but for its name.
    ///
    /// - Returns: SHA-256 of what was copied; nil where there is no such file.
    /// - Throws: `ClinicError.storage`.
    static func copy(_ source: URL, to target: URL) throws -> String? {
        guard FileManager.default.fileExists(atPath: source.path) else { return nil }
        do {
            let input = try FileHandle(forReadingFrom: source)
            defer { try? input.close() }
            guard
                FileManager.default.createFile(
                    atPath: target.path, contents: nil, attributes: [.posixPermissions: 0o600])
            else { throw DurableFile.failure("written", target) }
            let output = try FileHandle(forWritingTo: target)
            defer { try? output.close() }
            var hash = SHA256()
            while let part = try input.read(upToCount: 1 << 20), !part.isEmpty {
                hash.update(data: part)
                try output.write(contentsOf: part)
            }
            try output.synchronize()
            return hash.finalize().hexadecimal
        } catch let error as ClinicError { throw error } catch {
            // It was erased since it was looked for.
            guard FileManager.default.fileExists(atPath: source.path) else { return nil }
            throw ClinicError(
                .storage, fault: "\(source.path) cannot be copied to \(target.path): \(error.localizedDescription)")
        }
    }
}
