import Clinic
import Findings
import Foundation
import Imaging
import Screening

extension ScreeningWorker {
    private struct LeaseLost: Error {}

    /// Takes one claimed screening to its end: an answer, a failure, or back to the queue when its lease is lost or what it
    /// stands on does not work.
    ///
    /// - Returns: False when archive, database or engine did not work, so that it is no use to go on at once.
    func screen(_ record: ScreeningRecord) async -> Bool {
        onEvent(.began(record))
        guard record.attempts <= settings.maximumAttempts else {
            let tries = record.attempts - 1
            await giveUp(record, because: Message("errors.screenings.tried", ["count": .count(tries)]))
            return true
        }
        let renewing = Task { await self.renew(record) }
        defer { renewing.cancel() }
        do {
            try await ScreeningSpans.screening(record.id) { try await complete(record) }
        } catch is LeaseLost {
            // Another worker has it; its answer counts.
        } catch is CancellationError {
            // The stop's grace is over; `release` puts it back.
        } catch let error as ImagingError {
            await giveUp(record, because: error.told)
        } catch let error as ClinicError where error.code == .notFound {
            await giveUp(record, because: Message("errors.screenings.missing"))
        } catch let error as ClinicError where error == StoredObject.changed {
            await giveUp(record, because: Message("errors.screenings.changed"))
        } catch let error as ClinicError where error.code == .consentNeeded {
            await giveUp(record, because: Message("errors.screenings.consent"))
        } catch {
            onEvent(.interrupted(record, error))
            if !error.isOfInfrastructure, record.attempts >= settings.maximumAttempts {
                await giveUp(record, because: Message("errors.screenings.server"))
                return true
            }
            // A full disk or a database that is away says nothing about the image; of anything else nobody knows.
            await postpone(record, countsAttempt: !error.isOfInfrastructure)
            return false
        }
        return true
    }

    /// Puts a screening off, for as long as it takes until that can be written.
    private func postpone(_ record: ScreeningRecord, countsAttempt: Bool) async {
        var pause = settings.shortestPause
        while !Task.isCancelled {
            do {
                try await database.write { [settings, clock] transaction in
                    let until = clock().addingTimeInterval(settings.postponement / .seconds(1))
                    try transaction.postponeScreening(
                        record.id, worker: record.lane, until: until, countsAttempt: countsAttempt)
                }
                return
            } catch {
                do { try await Task.sleep(for: pause) } catch { return }
                pause = min(pause * 2, settings.longestPause)
            }
        }
    }

    /// Image, pictures, row, in this order.
    private func complete(_ record: ScreeningRecord) async throws {
        let (image, scale) = try await database.read { transaction in
            if let smearCase = try transaction.smearCase(record.caseID) {
                try Consents.requireNotTakenBack(
                    of: smearCase.ownerID, for: smearCase.dependentID, in: transaction)
            }
            // What was claimed may have been given a site since.
            let screening = try transaction.screening(record.id) ?? record
            return (
                try transaction.image(record.imageID),
                // Of a field of a slide the scanner knows best.
                try transaction.slideField(ofImage: record.imageID).map { .micrometresPerPixel($0.micrometresPerPixel) }
                    ?? Sites.optics(of: screening, in: transaction)?.siteScale
            )
        }
        guard let image else { throw ClinicError(.notFound, "errors.images.none") }
        var file = handover?.take(image.id)
        if file == nil {
            file = ScreenedFile(try await patiently(record) { try await self.archive.bytes(at: image.archiveKey) })
        }
        file?.site = scale
        var screened = try await patiently(record) { [file] in try await self.reading(file ?? ScreenedFile([])) }
        if screened.outcome.cells?.scale.source == .unknown, let neighbours = try await pooledScale(record, image) {
            file?.pooled = neighbours
            screened = try await patiently(record) { [file] in try await self.reading(file ?? ScreenedFile([])) }
        }
        ScreeningSpans.read(screened.outcome)
        try await ScreeningSpans.storing { [screened] in try await store(screened, of: image, record) }
    }

    /// Pictures and row, in this order.
    private func store(_ screened: ScreenedImage, of image: CaseImage, _ record: ScreeningRecord) async throws {
        // Its pictures are those of whoever has it now.
        guard try await patiently(record, { try await self.isHeld(record) }) else { throw LeaseLost() }
        let pictures = screened.pictures
        try await withThrowingTaskGroup { group in
            for picture in pictures {
                let key = ArchiveKey.picture(picture.kind, of: record.id)
                group.addTask {
                    try await self.patiently(record) { try await self.archive.store(picture.bytes, at: key) }
                }
            }
            try await group.waitForAll()
        }
        try await patiently(record) {
            try await FieldComparison(database: self.database).record(screened, of: image)
        }
        let isStored = try await patiently(record) { try await self.store(screened, of: record) }
        if isStored {
            onEvent(.finished(record, screened.outcome))
        } else {
            try await removePicturesOfDeleted(record)
        }
    }

    private func pooledScale(_ record: ScreeningRecord, _ image: CaseImage) async throws -> PooledScale? {
        try await patiently(record) {
            try await self.database.read { try CaseScale.pooled(beside: record, image, in: $0) }
        }
    }

    private func isHeld(_ record: ScreeningRecord) async throws -> Bool {
        try await database.read { transaction in
            let row = try transaction.screening(record.id)
            return row?.state == .running && row?.workerID == record.lane
        }
    }

    private func store(_ screened: ScreenedImage, of record: ScreeningRecord) async throws -> Bool {
        let (outcome, analytics, cells) = (screened.outcome, screened.analyticsJSON, screened.cells)
        let objects = screened.pictures.map {
            StoredObject($0.bytes, at: ArchiveKey.picture($0.kind, of: record.id))
        }
        return try await database.write { [clock] transaction in
            let now = clock()
            // First of all locks, as whoever suspends a site takes it: no answer slips in between.
            let site = try transaction.screening(record.id)?.origin.siteID
            if let site { _ = try transaction.holdSite(site) }
            guard
                try transaction.complete(
                    record.id, worker: record.lane, outcome: outcome, analyticsJSON: analytics, at: now)
            else {
                // After a commit whose answer got lost, the row is this worker's and done already.
                let row = try transaction.screening(record.id)
                return row?.state == .done && row?.outcome == outcome && row?.attempts == record.attempts
            }
            try transaction.record(objects)
            try CellCarrying.replace(of: record.id, with: cells, in: transaction)
            try Sharing.extend(to: record.id, of: record.caseID, now: now, in: transaction)
            try SiteWatching.answered(record.id, outcome, now: now, in: transaction)
            try transaction.noteNews(of: record.caseID, at: now)
            try transaction.append(
                AuditEntry(
                    .screening(.done), by: .system, object: record.id.text,
                    detail: "image=\(record.imageID) decision=\(outcome.decision)", at: now))
            return true
        }
    }

    /// When somebody deleted the image meanwhile, its pictures must not stay behind.
    private func removePicturesOfDeleted(_ record: ScreeningRecord) async throws {
        guard try await database.read({ try $0.screening(record.id) }) == nil else { return }
        try await archive.remove(ArchiveKey.pictures(of: record.id))
    }

    private func giveUp(_ record: ScreeningRecord, because reason: Message) async {
        do {
            let isStored = try await patiently(record) {
                try await self.database.write { [clock = self.clock] transaction in
                    let now = clock()
                    guard try transaction.fail(record.id, worker: record.lane, failure: reason, at: now) else {
                        return false
                    }
                    try transaction.append(
                        AuditEntry(
                            .screening(.failed), by: .system, object: record.id.text, detail: "image=\(record.imageID)",
                            at: now))
                    try transaction.noteNews(of: record.caseID, at: now)
                    return true
                }
            }
            guard isStored else { return }
            try await archive.remove(ArchiveKey.pictures(of: record.id))
            onEvent(.failed(record, reason: reason))
        } catch {
            onEvent(.interrupted(record, error))
        }
    }

    /// Tries again after each of the set delays when archive or database refuse for the moment.
    private func patiently<Value: Sendable>(
        _ record: ScreeningRecord, _ work: @Sendable () async throws -> Value
    ) async throws -> Value {
        for delay in settings.retryDelays {
            do {
                return try await work()
            } catch  where error.isOfInfrastructure {
                onEvent(.interrupted(record, error))
                try await Task.sleep(for: delay)
            }
        }
        return try await work()
    }

    /// Keeps the lease while the work goes on; ends when it is cancelled or the lease is lost.
    private func renew(_ record: ScreeningRecord) async {
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: settings.lease / 3)
                let isKept = try await database.write { [settings, clock] transaction in
                    let end = clock().addingTimeInterval(settings.lease / .seconds(1))
                    return try transaction.renewLease(record.id, worker: record.lane, until: end)
                }
                if !isKept { return }
            } catch is CancellationError {
                return
            } catch {
                // The database may be back before the lease runs out.
                onEvent(.interrupted(record, error))
            }
        }
    }
}

extension ScreeningRecord {
    /// Who claimed it.
    fileprivate var lane: String { workerID ?? "" }
}

extension Error {
    /// Whether archive or database did not work, which says nothing about an image.
    fileprivate var isOfInfrastructure: Bool {
        (self as? ClinicError).map { [.storage, .databaseUnavailable].contains($0.code) } ?? false
    }
}
