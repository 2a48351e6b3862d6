import Clinic
import Foundation
import Offloading

/// Copies the files of an installation from one archive into another, whatever kinds they are of.
///
/// Nothing is removed or changed at the source. What is in the target already is compared byte by byte and passed over, so that a
/// copy that was stopped is gone on with. Until all files are there, the target has the mark of an unfinished copy, and no server
/// takes it. Every file is read back once it was stored. What was erased at the source since it was copied goes from the target too, as
/// long as no server has worked with the target. Files of whole slides, which no memory holds, go from folder to folder alone;
/// what was unpacked of them is unpacked again.
public struct ArchiveCopy: Sendable {
    /// What was done. Keys are in their order.
    public struct Report: Sendable, Equatable {
        /// Files that were copied.
        public internal(set) var copied = 0
        /// Their bytes.
        public internal(set) var copiedBytes = 0
        /// Files that were there already, the same.
        public internal(set) var present = 0
        /// Files that the source itself knows not to be what was written; they were not copied.
        public internal(set) var damaged: [String] = []
        /// Files of a target that a server may use by now, which differ from the source's; they were left as they are.
        public internal(set) var different: [String] = []
        /// Files that were removed from the target, because they were erased at the source since they were copied.
        public internal(set) var removed = 0
        /// Files that are in the target alone.
        public internal(set) var others = 0
        /// Files of whole slides that were passed over, because source and target are not both folders.
        public internal(set) var slides = 0

        /// Whether the target holds every file of the source as it was written.
        public var isWhole: Bool { damaged.isEmpty && different.isEmpty }
    }

    private enum Outcome: Sendable { case copied(Int), present, gone, damaged, different, passedOver }

    /// Files at once; each is held in memory, twice, but those of slides.
    private static let width = 8
    /// Lists of the source, while files come to it.
    private static let passes = 5
    /// Files that may have been erased since, and the share of all from which on more than so many are a fault.
    private static let mostErased = (files: 100, share: 10)

    private let source: any MaintainedArchive
    private let target: any MaintainedArchive

    /// - Parameters:
    ///   - source: An archive with the mark of an installation.
    ///   - target: An empty one, or a copy of this source, finished or not.
    public init(from source: any MaintainedArchive, to target: any MaintainedArchive) {
        (self.source, self.target) = (source, target)
    }

    /// Copies until the target has every file.
    ///
    /// - Parameter progress: Called with the files done and all that are known.
    /// - Throws: `ClinicError.invalid` for archives that do not go together, `.storage`, `.busy`; what was copied stays.
    public func run(progress: @Sendable (Int, Int) -> Void = { _, _ in }) async throws -> Report {
        let mark = try await sourceMark()
        let isWhole = try await prepareTarget(mark)
        let isOurs = try await isWhole ? target.isUnusedCopy() : true
        let present = Set(try await target.files())
        var report = Report()
        var (done, copied): (Set<String>, Set<String>) = ([], [])
        for pass in 1... {
            let rest = try await source.files().filter { !done.contains($0) }
            if rest.isEmpty { break }
            guard pass <= Self.passes else {
                throw ClinicError(
                    .busy, fault: "Files come to \(source.name) too quickly: stop the server, and copy again.")
            }
            let before = done.count
            copied.formUnion(
                try await copy(rest, present, isWhole: isWhole, &report) { progress(before + $0, before + rest.count) })
            done.formUnion(rest)
        }
        let erased = try await removeErased(isOurs ? ownFiles() : copied)
        report.removed = erased.count
        report.others = present.subtracting(done).subtracting(erased).count
        report.damaged.sort()
        report.different.sort()
        if !isWhole {
            try await target.store(Array("copied\n".utf8), at: ArchiveIdentity.unusedCopy)
            try await target.store(mark.bytes, at: ArchiveIdentity.key)
        }
        return report
    }

    /// Files of a target that no server has worked with: all came from the source, but slides that somebody put beside what came from a
    /// store, which has none.
    private func ownFiles() async throws -> Set<String> {
        let bothAreFolders = source is DirectoryArchive && target is DirectoryArchive
        return Set(try await target.files().filter { bothAreFolders || !$0.hasPrefix("slides/") })
    }

    /// Removes from the target what is not at the source any more.
    ///
    /// - Parameter copied: Files of the target that came from the source.
    /// - Returns: Those that were removed.
    /// - Throws: `ClinicError.invalid` where they are so many that they were lost rather than erased.
    private func removeErased(_ copied: Set<String>) async throws -> Set<String> {
        let erased = copied.subtracting(try await source.files())
        guard erased.count <= max(Self.mostErased.files, copied.count / Self.mostErased.share) else {
            throw ClinicError(
                .invalid,
                fault: """
                    \(erased.count) of \(copied.count) files of \(target.name) are not in \(source.name) any more. If they were erased \
                    there, copy into an empty place; if they were lost, this copy has them. Nothing was removed.
                    """, field: "archive")
        }
        for key in erased.sorted() { try await target.remove(key) }
        return erased
    }

    private func sourceMark() async throws -> InstallationMark {
        guard source.place != target.place else { throw Self.refusal("Both are \(source.name): name two archives.") }
        // What is copied would be found at the source again.
        guard !target.place.hasPrefix(source.place + "/") else {
            throw Self.refusal("\(target.name) lies within \(source.name): name a place beside it.")
        }
        guard let mark = try await source.identity() else {
            throw Self.refusal(
                "\(source.name) has no mark of an installation: start the server with it once, or look whether its disk is mounted."
            )
        }
        guard !mark.isUnfinished else {
            throw Self.refusal(
                "\(source.name) is itself a copy that is not finished: copy from the archive of the server.")
        }
        return mark
    }

    /// Marks an empty target as an unfinished copy.
    ///
    /// - Returns: Whether the target was a finished copy already, which a server may be using.
    private func prepareTarget(_ mark: InstallationMark) async throws -> Bool {
        if let present = try await target.identity() {
            guard present.mark == mark.mark else {
                throw Self.refusal(
                    "\(target.name) is the archive of another installation (it was used with \(present.databaseName)): name an empty one."
                )
            }
            return !present.isUnfinished
        }
        guard try await target.contents().isEmpty else {
            throw Self.refusal(
                "\(target.name) holds files and no mark, so nobody knows whose they are: name an empty one.")
        }
        try await target.store(mark.ofUnfinishedCopy.bytes, at: ArchiveIdentity.key)
        return false
    }

    /// - Returns: The files that were copied.
    private func copy(
        _ keys: [String], _ present: Set<String>, isWhole: Bool, _ report: inout Report, _ progress: (Int) -> Void
    ) async throws -> Set<String> {
        try await withThrowingTaskGroup(of: (String, Outcome).self) { group in
            var copied: Set<String> = []
            var rest = keys.makeIterator()
            func add() {
                guard let key = rest.next() else { return }
                let isThere = present.contains(key)
                group.addTask { (key, try await self.copy(key, isThere: isThere, isWhole: isWhole)) }
            }
            for _ in 0..<Self.width { add() }
            var count = 0
            while let (key, outcome) = try await group.next() {
                switch outcome {
                case .copied(let bytes):
                    (report.copied, report.copiedBytes) = (report.copied + 1, report.copiedBytes + bytes)
                    copied.insert(key)
                case .present: report.present += 1
                case .damaged: report.damaged.append(key)
                case .different: report.different.append(key)
                case .gone: break
                case .passedOver: report.slides += 1
                }
                count += 1
                progress(count)
                add()
            }
            return copied
        }
    }

    private func copy(_ key: String, isThere: Bool, isWhole: Bool) async throws -> Outcome {
        if key.hasPrefix("slides/") { return try await copySlide(key, isThere: isThere, isWhole: isWhole) }
        let bytes: [UInt8]
        do { bytes = try await source.bytes(at: key) } catch let error as ClinicError {
            switch error.code {
            case .notFound: return .gone
            case .corrupt: return .damaged
            default: throw error
            }
        }
        if isThere {
            if try await holds(bytes, at: key) { return .present }
            if isWhole { return .different }
        }
        try await target.store(bytes, at: key)
        guard try await holds(bytes, at: key) else {
            throw ClinicError(.storage, fault: "\(target.name) does not give \(key) back as it was stored.")
        }
        return .copied(bytes.count)
    }

    /// Copies a file of a whole slide part by part.
    private func copySlide(_ key: String, isThere: Bool, isWhole: Bool) async throws -> Outcome {
        guard let source = source as? DirectoryArchive, let target = target as? DirectoryArchive else {
            return .passedOver
        }
        let (from, to) = (try source.file(key), try target.file(key))
        // Throws where the target is not there any more: its folder would be written to all the same.
        _ = try await target.identity()
        return try await Offloading.process.wait { () throws -> Outcome in
            do {
                if isThere, FileManager.default.fileExists(atPath: from.path) {
                    if try LargeFile.digest(of: from) == LargeFile.digest(of: to) { return .present }
                    // One that was still being sent has grown since.
                    if isWhole, try LargeFile.byteCount(of: from) <= LargeFile.byteCount(of: to) { return .different }
                }
                guard let count = try LargeFile.store(from, at: to) else { return .gone }
                return .copied(count)
            } catch let error as ClinicError {
                // It was erased since it was listed.
                guard FileManager.default.fileExists(atPath: from.path) else { return .gone }
                throw error
            }
        }
    }

    /// Whether the target has these bytes.
    private func holds(_ bytes: [UInt8], at key: String) async throws -> Bool {
        do { return try await target.bytes(at: key) == bytes } catch let error as ClinicError
            where [.notFound, .corrupt].contains(error.code)
        { return false }
    }

    private static func refusal(_ why: String) -> ClinicError {
        ClinicError(.invalid, fault: "\(why) Nothing was copied.", field: "archive")
    }
}

extension MaintainedArchive {
    /// Every file of the installation that a copy takes along: all but the mark, what the server writes to see whether it can, and
    /// what was unpacked of a slide.
    fileprivate func files() async throws -> [String] {
        try await keys(under: "").filter { key in
            ArchiveIdentity.folders.contains { key.hasPrefix($0) } && !key.hasPrefix("readiness/")
                && !LargeFile.isUnpacked(key)
        }
    }
}
