import Clinic
import Foundation
import Logging
import Offloading

/// Clears away what is left of slides: files of which parts were to come and none came for a week, and folders that no row knows.
///
/// The rules are those of `Sweeper` and `RetentionSweep`; where the archive is not there, nothing happens. An unfinished file goes by
/// its row, and only by a clock that went evenly (`RetentionWatch`). A folder without a row is moved aside, comes back when a row knows
/// it after all, and goes after 30 days; where more lack a row than crashes leave, nothing is moved or removed. A row is written before
/// the first file, so that no upload under way is without one.
public struct SlideSweep: Sendable {
    /// Days without a part after which an unfinished file goes.
    public static let unfinishedDays = 7
    private static let batch = 20

    private let database: any ClinicDatabase
    private let archive: any ImageArchive
    private let folder: SlideFolder
    private let clock: @Sendable () -> Date
    private let logger: Logger

    public init(
        database: any ClinicDatabase, archive: any ImageArchive, folder: SlideFolder,
        clock: @escaping @Sendable () -> Date = { Date() }, logger: Logger = Logger(label: "leukoscope.slides")
    ) {
        (self.database, self.archive, self.folder) = (database, archive, folder)
        (self.clock, self.logger) = (clock, logger)
    }

    /// Looks once.
    ///
    /// - Returns: How many unfinished files went, and how many folders were moved aside.
    /// - Throws: `ClinicError`.
    @discardableResult
    public func round() async throws -> (expired: Int, aside: Int) {
        (try await expire(), try await putAside())
    }

    private func expire() async throws -> Int {
        // A row goes with its files, and not while they are out of reach.
        try await Offloading.process.wait { [folder] in try folder.requirePresence() }
        let now = clock()
        let before = now.addingTimeInterval(-Double(Self.unfinishedDays) * 86_400)
        let gone = try await database.write { transaction -> [CaseSlide] in
            guard try transaction.retentionWatch()?.isSteady == true else { return [] }
            let slides = try transaction.unfinishedSlides(before: before, limit: Self.batch)
            for slide in slides {
                try transaction.deleteSlide(slide.id)
                try transaction.append(
                    AuditEntry(
                        .slide(.expire), by: .system, object: slide.id.text, detail: "case=\(slide.caseID)", at: now))
            }
            return slides
        }
        for slide in gone {
            logger.notice("an unfinished slide was removed", metadata: ["slide": "\(slide.id)"])
            try await archive.remove(slide.archiveFolder)
        }
        return gone.count
    }

    private func putAside() async throws -> Int {
        let day = clock().formatted(.iso8601.year().month().day())
        let (present, aside) = try await Offloading.process.wait { [folder] in
            (try folder.present(), try folder.aside())
        }
        let orphans = try await unknown(present)
        let isPlausible = Sweeper.isPlausible(orphans.count, of: present.count)
        let unknownAside = Set(try await unknown(aside.map(\.id)).map(\.text))
        let oldest = clock().addingTimeInterval(-Double(Sweeper.keptDays) * 86_400)
            .formatted(.iso8601.year().month().day())
        for (since, id) in aside {
            if !unknownAside.contains(id.text), !present.contains(id) {
                try await Offloading.process.wait { [folder] in try folder.giveBack(id, from: since) }
                try await note(.giveBack, "slide=\(id)")
            } else if isPlausible, since < oldest {
                try await Offloading.process.wait { [folder] in try folder.removeAside(id, from: since) }
                try await note(.expire, "slide=\(id)")
            }
        }
        guard !orphans.isEmpty else { return 0 }
        guard isPlausible else {
            logger.error(
                "too many slides have no row", metadata: ["slides": "\(orphans.count) of \(present.count)"])
            try await note(.refuse, "slides=\(orphans.count) of=\(present.count)")
            return 0
        }
        for id in orphans { try await Offloading.process.wait { [folder] in try folder.putAside(id, on: day) } }
        try await note(.quarantine, "slides=\(orphans.count) day=\(day)")
        return orphans.count
    }

    private func unknown(_ ids: [SlideID]) async throws -> [SlideID] {
        try await database.read { transaction in try ids.filter { try transaction.slide($0) == nil } }
    }

    private func note(_ act: AuditAction.ArchiveAct, _ detail: String) async throws {
        let entry = AuditEntry(.archive(act), by: .system, detail: detail, at: clock())
        try await database.write { try $0.append(entry) }
    }
}
