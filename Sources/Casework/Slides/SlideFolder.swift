import Clinic
import Crypto
import Formats
import Foundation
import Slides

#if canImport(Glibc)
    import Glibc
#endif

/// The files of whole slides: those that were sent, each in a folder of its own within the archive, and those of the folder that
/// an operator named, which stay where they are. All of it blocks.
public struct SlideFolder: Sendable {
    /// Bytes that stay free on the disk beside a new slide.
    public static let sparedBytes = 1_000_000_000

    /// Bytes that a packed slide may grow by beside twice its own: of its lists, which pack well.
    private static let unpackedBytes = 64 << 20

    /// Of the slides that were sent.
    public let directory: URL
    /// The operator's; nil where none was named.
    public let registered: URL?
    /// Throws where the archive is not there.
    private let proof: @Sendable () throws -> Void

    /// - Parameters:
    ///   - archive: The folder of the archive.
    ///   - registered: The folder that the operator named; it may come and go.
    ///   - presence: Proves that the archive is there, and throws `ClinicError.storage` where it is not: nothing is written beside a
    ///     disk that came off.
    public init(archive: URL, registered: URL? = nil, presence: @escaping @Sendable () throws -> Void = {}) {
        directory = archive.appending(path: "slides").standardizedFileURL
        self.registered = registered?.standardizedFileURL
        proof = presence
    }

    /// - Throws: `ClinicError.storage` where the archive is not there. It blocks.
    func requirePresence() throws { try proof() }

    // MARK: What is sent

    /// - Throws: `ClinicError.quotaExceeded` where the disk has no room for so many bytes.
    func requireRoom(for bytes: Int) throws {
        try requirePresence()
        try makeFolder(directory)
        var found = statvfs()
        guard statvfs(directory.path, &found) == 0 else { throw Self.failure("asked for its room", directory) }
        let free = Int(
            clamping: UInt64(found.f_bavail).multipliedReportingOverflow(by: UInt64(found.f_frsize)).partialValue)
        guard free - Self.sparedBytes >= bytes else { throw ClinicError(.quotaExceeded, "errors.slides.disk") }
    }

    /// Writes a part at its place; when this returns it outlives a crash.
    ///
    /// - Throws: `PartsGone` where parts before it are not here: the file would be as long as it should be, and hollow.
    func write(_ bytes: [UInt8], at start: Int, of slide: CaseSlide) throws {
        let file = file(of: slide)
        try requirePresence()
        try makeFolder(directory)
        try makeFolder(file.deletingLastPathComponent())
        let descriptor = open(file.path, O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.failure("written", file) }
        defer { close(descriptor) }
        let count = try Self.byteCount(of: descriptor, at: file)
        guard count >= start else { throw PartsGone(kept: Self.wholeParts(of: count)) }
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress, $0.count, off_t(start + done))
            }
            if count > 0 { done += count } else if errno != EINTR { throw Self.failure("written", file) }
        }
        guard fsync(descriptor) == 0 else { throw Self.failure("written to the disk", file) }
    }

    /// Whether the file is what was sent, part by part.
    func holds(_ slide: CaseSlide, in parts: [SlidePart]) throws -> Bool {
        let place = file(of: slide)
        let handle: FileHandle
        do { handle = try FileHandle(forReadingFrom: place) } catch {
            guard FileManager.default.fileExists(atPath: place.path) else { return false }
            throw Self.failure("read", place)
        }
        defer { try? handle.close() }  // it was only read from: a failure to close loses nothing
        guard parts.reduce(0, { $0 + $1.byteCount }) == slide.byteCount else { return false }
        for part in parts {
            var (hash, left) = (SHA256(), part.byteCount)
            while left > 0 {
                let piece: Data
                do { piece = try handle.read(upToCount: min(left, 1 << 20)) ?? Data() } catch {
                    throw Self.failure("read", place)
                }
                guard !piece.isEmpty else { return false }
                hash.update(data: piece)
                left -= piece.count
            }
            guard hash.finalize().hexadecimal == part.sha256 else { return false }
        }
        return true
    }

    // MARK: What is opened

    /// The path that OpenSlide opens; a packed slide is unpacked where it is not yet.
    ///
    /// - Throws: `SlideAway` for a file that is not there, `SlideError`, `ClinicError.storage`.
    func path(of slide: CaseSlide) throws -> String {
        switch slide.source {
        case .folder: return try resolve(slide.path).path
        case .upload:
            let file = file(of: slide)
            try requirePresence()
            guard FileManager.default.fileExists(atPath: file.path) else {
                throw SlideAway(description: "there is no file \(file.path)")
            }
            guard file.pathExtension == SlideFormat.zip.rawValue else { return file.path }
            let target = file.deletingLastPathComponent().appending(path: "unpacked")
            // Two viewers, or two nodes, may want it at the same moment: the second waits for the first.
            let lock = open(file.path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
            guard lock >= 0 else { throw Self.failure("locked", file) }
            defer { close(lock) }
            while flock(lock, LOCK_EX) != 0 {
                guard errno == EINTR else { throw Self.failure("locked", file) }
            }
            if !FileManager.default.fileExists(atPath: target.path) {
                try unpack(file, of: slide.byteCount, to: target)
            }
            return target.path
        }
    }

    /// Where a slide's own file lies.
    func file(of slide: CaseSlide) -> URL {
        let format = SlideFormat(slide.name)?.rawValue ?? "bin"
        return directory.appending(path: "\(slide.id)/slide.\(format)")
    }

    /// Unpacks an MRXS slide: one `.mrxs` file, and the folder of its name. Other files are passed over; whatever folder stands
    /// above these two is left out.
    ///
    /// - Parameter byteCount: Of the archive. Its pictures are compressed already: what grows to more than twice as much is no
    ///   slide, and would take room that no quota counts.
    private func unpack(_ file: URL, of byteCount: Int, to target: URL) throws {
        let zip: LargeZip
        let staging = target.deletingLastPathComponent().appending(path: ".unpacking")
        do {
            let most = min(LargeZip.Limits().bytes, 2 * byteCount + Self.unpackedBytes)
            zip = try LargeZip(file, limits: LargeZip.Limits(bytes: most))
            let main = zip.entries.filter { $0.name.lowercased().hasSuffix(".mrxs") && !Self.isOfASystem($0.name) }
            guard main.count == 1, let slide = main.first else {
                throw SlideError(
                    .unknownFormat,
                    "the archive holds \(main.count) .mrxs files; one, with the folder of its name, is asked for")
            }
            let stem = String(slide.name.dropLast(5))
            guard zip.entries.contains(where: { $0.name == "\(stem)/\(MIRAXList.name)" }) else {
                throw SlideError(
                    .unknownFormat,
                    "the archive holds no \(stem)/\(MIRAXList.name); pack the .mrxs file with the folder of its name")
            }
            // What an earlier try left must be no part of the slide.
            if FileManager.default.fileExists(atPath: staging.path) { try FileManager.default.removeItem(at: staging) }
            try makeFolder(staging)
            try makeFolder(staging.appending(path: "slide"))
            try requireRoom(for: zip.entries.reduce(0) { $0 + $1.byteCount })
            try zip.unpack(slide, to: staging.appending(path: "slide.mrxs"))
            for entry in zip.entries where entry.name.hasPrefix(stem + "/") && !Self.isOfASystem(entry.name) {
                let name = String(entry.name.dropFirst(stem.count + 1))
                guard Self.isPlain(name) else {
                    throw SlideError(.unknownFormat, "the archive holds the file “\(name)”, which no MRXS slide has")
                }
                try zip.unpack(entry, to: staging.appending(path: "slide/\(name)"))
            }
            try Self.requireOwnFiles(staging.appending(path: "slide/\(MIRAXList.name)"))
            guard rename(staging.path, target.path) == 0 else { throw Self.failure("named", target) }
        } catch let failure as LargeZip.Failure {
            Self.discard(staging)
            throw SlideError(failure)
        } catch let error as SlideError {
            Self.discard(staging)
            throw error
        } catch let error as CocoaError {
            throw ClinicError(.storage, fault: "\(file.path) cannot be unpacked: \(error.localizedDescription)")
        }
    }

    /// Why the slide was refused is what counts: what cannot be removed now, the next try removes, or says why not.
    private static func discard(_ staging: URL) { try? FileManager.default.removeItem(at: staging) }

    private static func requireOwnFiles(_ list: URL) throws {
        let bytes: Data
        do {
            let handle = try FileHandle(forReadingFrom: list)
            defer { try? handle.close() }  // as above
            bytes = try handle.read(upToCount: MIRAXList.maximumBytes + 1) ?? Data()
        } catch {
            throw failure("read", list)
        }
        try MIRAXList.check(bytes)
    }

    /// What a system leaves beside the files of people, such as `.DS_Store` and the folder `__MACOSX`.
    private static func isOfASystem(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        return parts.first == "__MACOSX" || parts.last?.hasPrefix(".") == true
    }

    /// A name without folders, as the files of MRXS slides have.
    private static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && !name.hasPrefix(".") && name.utf8.count <= 100
            && name.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || "-_.".utf8.contains(byte)
            }
    }

    // MARK: What is cleared away

    /// The slides that have files here.
    func present() throws -> [SlideID] {
        try requirePresence()
        guard FileManager.default.fileExists(atPath: directory.path) else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory.path).compactMap { SlideID($0) }
        } catch {
            throw Self.failure("listed", directory)
        }
    }

    private func quarantine(_ day: String) -> URL { directory.appending(path: "quarantine/\(day)") }

    /// Moves a slide's files aside.
    func putAside(_ id: SlideID, on day: String) throws {
        try makeFolder(directory.appending(path: "quarantine"))
        try makeFolder(quarantine(day))
        let target = quarantine(day).appending(path: id.text)
        guard rename(directory.appending(path: id.text).path, target.path) == 0 else {
            throw Self.failure("moved", target)
        }
    }

    /// What was moved aside, with the day.
    func aside() throws -> [(day: String, id: SlideID)] {
        let folder = directory.appending(path: "quarantine")
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder.path).flatMap { day in
                try FileManager.default.contentsOfDirectory(atPath: quarantine(day).path).compactMap { name in
                    SlideID(name).map { (day, $0) }
                }
            }
        } catch {
            throw Self.failure("listed", folder)
        }
    }

    /// Brings files back that were moved aside.
    func giveBack(_ id: SlideID, from day: String) throws {
        let (source, target) = (quarantine(day).appending(path: id.text), directory.appending(path: id.text))
        guard rename(source.path, target.path) == 0 else { throw Self.failure("moved", target) }
    }

    /// Removes for good what was moved aside.
    func removeAside(_ id: SlideID, from day: String) throws {
        let place = quarantine(day).appending(path: id.text)
        do { try FileManager.default.removeItem(at: place) } catch { throw Self.failure("removed", place) }
    }

    private func makeFolder(_ folder: URL) throws {
        guard mkdir(folder.path, 0o700) == 0 || errno == EEXIST else { throw Self.failure("made", folder) }
    }

    static func failure(_ verb: String, _ place: URL) -> ClinicError {
        ClinicError(.storage, fault: "\(place.path) cannot be \(verb): \(String(cString: strerror(errno)))")
    }
}

extension SlideError {
    fileprivate init(_ failure: LargeZip.Failure) {
        switch failure {
        case .broken(let reason): self.init(.damaged, "the archive cannot be unpacked: \(reason)")
        case .beyondLimits(let reason): self.init(.beyondLimits, "the archive is not unpacked: \(reason)")
        case .unsupported(let reason): self.init(.unknownFormat, "the archive is not unpacked: \(reason)")
        }
    }
}
