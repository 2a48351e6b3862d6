import Clinic
import Foundation
import Offloading
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Keeps files in a directory of this machine, or one that all nodes mount.
public final class DirectoryArchive: MaintainedArchive {
    /// The directory.
    public let directory: URL
    public var name: String { directory.path }
    /// Whether the mark of its installation was seen here; from then on it has to be there.
    private let wasMarked = Atomic(false)

    /// Takes the directory, or makes it.
    ///
    /// - Throws: `ClinicError.storage`.
    public init(directory: URL) throws {
        self.directory = directory.standardizedFileURL
        try Self.makeDirectory(directory)
    }

    public func store(_ bytes: [UInt8], at key: String) async throws {
        let file = try file(key)
        try await blocking {
            if key == ArchiveIdentity.key {
                self.wasMarked.store(true, ordering: .relaxed)
            } else {
                try self.verifyPresence()
            }
            try self.makeParents(of: file)
            try DurableFile.write(bytes, to: file)
        }
    }

    public func bytes(at key: String) async throws -> [UInt8] {
        let file = try file(key)
        return try await blocking {
            do {
                let bytes = try [UInt8](Data(contentsOf: file))
                if key == ArchiveIdentity.key { self.wasMarked.store(true, ordering: .relaxed) }
                return bytes
            } catch {
                // Somebody may have stored it since it was looked for.
                let wasThere = (error as? CocoaError)?.code != .fileReadNoSuchFile
                guard wasThere, FileManager.default.fileExists(atPath: file.path) else {
                    try self.verifyPresence()
                    throw ClinicError(.notFound, "errors.stored.noFile")
                }
                throw ClinicError(.storage, fault: "\(file.path) cannot be read: \(error.localizedDescription)")
            }
        }
    }

    public func remove(_ key: String) async throws {
        let file = try key.hasSuffix("/") ? file(String(key.dropLast())) : file(key)
        try await blocking {
            try self.verifyPresence()
            if !key.hasSuffix("/") {
                guard unlink(file.path) == 0 || errno == ENOENT || errno == ENOTDIR else {
                    throw DurableFile.failure("removed", file)
                }
            } else if FileManager.default.fileExists(atPath: file.path) {
                do { try FileManager.default.removeItem(at: file) } catch {
                    // Somebody else may have removed it meanwhile.
                    guard !FileManager.default.fileExists(atPath: file.path) else {
                        throw ClinicError(
                            .storage, fault: "\(file.path) cannot be removed: \(error.localizedDescription)")
                    }
                }
            }
        }
    }

    public func keys(under prefix: String) async throws -> [String] {
        let trimmed = prefix.hasSuffix("/") ? String(prefix.dropLast()) : prefix
        let start = trimmed.isEmpty ? directory : try file(trimmed)
        return try await blocking {
            try self.verifyPresence()
            return try Self.files(under: start, named: trimmed)
        }
    }

    /// Where a key's file is, whether it is there or not.
    ///
    /// - Throws: `ClinicError.invalid` for a key that could lead out of the directory.
    public func file(_ key: String) throws -> URL {
        try StoredName.check(key)
        return directory.appending(path: key)
    }

    /// An archive that was there and has no mark any more is a disk that came off or a folder moved away: nothing in it is
    /// missing, and what were stored now would lie beside it. It blocks.
    ///
    /// - Throws: `ClinicError.storage` where it is not there.
    public func verifyPresence() throws {
        let mark = directory.appending(path: ArchiveIdentity.key)
        guard wasMarked.load(ordering: .relaxed), !FileManager.default.fileExists(atPath: mark.path) else { return }
        throw ClinicError(
            .storage,
            fault: "The archive \(name) is not there: its file \(ArchiveIdentity.key) is missing. Is its disk mounted?"
        )
    }

    /// - Throws: `ClinicError.storage` for what is there and cannot be read: a list that lacks it would say that it is gone.
    private static func files(under start: URL, named prefix: String) throws -> [String] {
        guard FileManager.default.fileExists(atPath: start.path) else { return [] }
        var unread: [(place: URL, error: any Error)] = []
        // A link is not walked into by itself.
        let place = start.resolvingSymlinksInPath()
        let walk = FileManager.default.enumerator(at: place, includingPropertiesForKeys: [.isRegularFileKey]) {
            unread.append(($0, $1))
            return true
        }
        guard let found = walk else {
            throw ClinicError(.storage, fault: "\(start.path) cannot be read.")
        }
        let base = place.path + "/"
        var keys: [String] = []
        for case let url as URL in found {
            // Names with a dot are what a crash left half written.
            guard !url.lastPathComponent.hasPrefix(".") else { continue }
            do {
                guard try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { continue }
            } catch {
                unread.append((url, error))
                continue
            }
            let path = url.resolvingSymlinksInPath().path
            guard path.hasPrefix(base) else { continue }
            keys.append((prefix.isEmpty ? "" : prefix + "/") + path.dropFirst(base.count))
        }
        // What somebody removed meanwhile is no fault.
        if let fault = unread.first(where: { FileManager.default.fileExists(atPath: $0.place.path) }) {
            throw ClinicError(
                .storage, fault: "\(fault.place.path) cannot be read: \(fault.error.localizedDescription)")
        }
        return keys.sorted()
    }

    /// New directories' names must outlive a crash as well as the file's.
    private func makeParents(of file: URL) throws {
        var missing: [URL] = []
        var parent = file.deletingLastPathComponent()
        while parent.path.count > directory.path.count, !FileManager.default.fileExists(atPath: parent.path) {
            missing.append(parent)
            parent = parent.deletingLastPathComponent()
        }
        for folder in missing.reversed() {
            try Self.makeDirectory(folder)
            try DurableFile.synchronize(folder.deletingLastPathComponent())
        }
    }

    private static func makeDirectory(_ directory: URL) throws {
        do {
            try FileManager.default.createDirectory(
                at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw ClinicError(.storage, fault: "\(directory.path) cannot be made: \(error.localizedDescription)")
        }
    }

    private func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await Offloading.process.wait(body)
    }
}
