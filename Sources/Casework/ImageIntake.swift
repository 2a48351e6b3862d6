import Clinic
import Foundation
import Imaging
import Logging
import Screening

/// Takes an image into a case: checked, written anew, kept, and put into the queue for its screening.
///
/// When `add` returns, file and rows outlive a crash. The rows are the truth: the file is written first, so that no row
/// ever points to nothing, and a file without a row is removed here or by the `Sweeper`.
public struct ImageIntake: Sendable {
    private let database: any ClinicDatabase
    private let archive: any ImageArchive
    private let limits: ImageLimits
    private let quota: IntakeQuota
    /// The notice without whose consent nothing is screened.
    private let notice: ConsentNotice
    private let clock: @Sendable () -> Date
    private let onQueued: @Sendable (CaseID) -> Void
    private let handover: ImageHandover?
    private let logger: Logger

    /// - Parameters:
    ///   - database: Holds the rows.
    ///   - archive: Holds the files.
    ///   - limits: What is refused before it is decoded.
    ///   - quota: How much a person may store and have waiting.
    ///   - notice: That in force.
    ///   - handover: To the workers of this process, which then need not decode the image again.
    ///   - clock: The time.
    ///   - logger: Is told what the decoders remarked on an image that was stored.
    ///   - onQueued: Called after each image that was stored; wakes workers and pages.
    public init(
        database: any ClinicDatabase, archive: any ImageArchive, limits: ImageLimits = .default,
        quota: IntakeQuota = IntakeQuota(), notice: ConsentNotice = .current, handover: ImageHandover? = nil,
        clock: @escaping @Sendable () -> Date = { Date() }, logger: Logger = Logger(label: "leukoscope.images"),
        onQueued: @escaping @Sendable (CaseID) -> Void = { _ in }
    ) {
        (self.database, self.archive, self.limits, self.quota) = (database, archive, limits, quota)
        (self.notice, self.clock, self.logger) = (notice, clock, logger)
        (self.onQueued, self.handover) = (onQueued, handover)
    }

    /// Adds an image.
    ///
    /// Sent again with the same key, because the answer got lost, it is not stored again: the first one is returned.
    ///
    /// - Parameters:
    ///   - bytes: The file as it was sent; neither name nor declared type matter.
    ///   - caseID: The case, which must belong to `actor` unless that is the system.
    ///   - actor: Who sends it.
    ///   - uploadKey: Chosen by the sender for this upload: 1 to 64 of `A–Z a–z 0–9 - _`.
    ///   - site: The microscope that the sender's token is bound to.
    ///   - field: Of a slide, where the image is one of those: whoever takes up the screening finds it with its scale.
    /// - Throws: `ImagingError` for a file that is no usable image, `ClinicError.notFound` without such a case,
    ///   `.consentNeeded`, `.quotaExceeded`, `.storage`, `.databaseUnavailable`, `CaseworkError`.
    public func add(
        _ bytes: [UInt8], to caseID: CaseID, by actor: AuditEntry.Actor, uploadKey: String, site: SiteID? = nil,
        field: SlideField? = nil
    ) async throws -> (CaseImage, ScreeningRecord) {
        try Self.check(uploadKey)
        if let known = try await admitted(caseID, by: actor, uploadKey: uploadKey) { return known }
        let stored = try await StoredImage.made(of: bytes, limits: limits)
        let now = clock()
        let id = ImageID()
        let image = CaseImage(
            id: id, caseID: caseID, number: 0, uploadKey: uploadKey, width: stored.width, height: stored.height,
            byteCount: stored.bytes.count, sha256: stored.sentSHA256,
            archiveKey: ArchiveKey.image(id, fileExtension: stored.fileExtension), createdAt: now)
        try await archive.store(stored.bytes, at: image.archiveKey)
        let object = StoredObject(
            key: image.archiveKey, sha256: stored.storedSHA256, byteCount: stored.bytes.count)
        let kept = try await commit(image, object, of: field, by: actor, boundTo: site, now: now)
        guard kept.0.id == id else {
            try await archive.remove(image.archiveKey)
            return kept
        }
        if let decoded = stored.decoded { handover?.keep(ScreenedFile(stored.bytes, decoded: decoded), of: id) }
        if !stored.remarks.isEmpty {
            logger.warning(
                "the decoder remarked on an image",
                metadata: ["image": "\(id.text)", "remarks": "\(stored.remarks.joined(separator: "; "))"])
        }
        onQueued(caseID)
        return kept
    }

    /// Wakes workers and pages where images of a case were put into the queue otherwise than by `add`.
    public func announceQueued(_ id: CaseID) { onQueued(id) }

    /// Before any work is done on the bytes: may this person add to this case, and is the image there already?
    private func admitted(
        _ caseID: CaseID, by actor: AuditEntry.Actor, uploadKey: String
    ) async throws -> (CaseImage, ScreeningRecord)? {
        try await database.read { [quota, notice, clock] transaction in
            let smearCase = try Self.smearCase(caseID, for: actor, in: transaction)
            if let known = try Self.known(uploadKey, in: caseID, transaction) { return known }
            try Self.checkConsent(to: smearCase, by: actor, under: notice, in: transaction)
            try quota.check(adding: 0, for: smearCase.ownerID, in: transaction, now: clock())
            return nil
        }
    }

    /// Stores the rows, or removes the file when they were not stored.
    private func commit(
        _ image: CaseImage, _ object: StoredObject, of field: SlideField?, by actor: AuditEntry.Actor,
        boundTo site: SiteID?, now: Date
    ) async throws -> (CaseImage, ScreeningRecord) {
        do {
            return try await database.write { [quota, notice] transaction in
                let smearCase = try Self.smearCase(image.caseID, for: actor, in: transaction)
                if let known = try Self.known(image.uploadKey, in: image.caseID, transaction) { return known }
                try Self.checkConsent(to: smearCase, by: actor, under: notice, in: transaction)
                try quota.check(adding: image.byteCount, for: smearCase.ownerID, in: transaction, now: now)
                let origin = ScreeningOrigin(
                    siteID: try Sites.site(ofNewImageIn: image.caseID, bound: site, by: actor, in: transaction))
                let stored = try transaction.insert(
                    image,
                    screening: ScreeningRecord(
                        imageID: image.id, caseID: image.caseID, createdAt: now, origin: origin))
                if stored.0.id == image.id { try transaction.record([object]) }
                if var field {
                    (field.imageID, field.takenAt) = (stored.0.id, now)
                    try transaction.update(field)
                }
                try transaction.append(
                    AuditEntry(
                        .image(.add), by: actor, object: image.id.text, detail: "case=\(image.caseID)", at: now))
                return stored
            }
        } catch {
            if let stored = await self.outcome(of: image, after: error) { return stored }
            throw error
        }
    }

    /// After a commit that reported a failure: the connection may have broken after the database had committed.
    ///
    /// - Returns: The rows when they are there. Where a rule refused them, the file is removed; where the commit may still
    ///   be under way, the file stays for the sweeper, because removing it could leave a row without a file.
    private func outcome(of image: CaseImage, after error: any Error) async -> (CaseImage, ScreeningRecord)? {
        let isRefused = (error as? ClinicError).map { $0.code != .databaseUnavailable } ?? false
        // Not cancelled with the request: a client that hangs up must not leave a file behind.
        return await Task.detached { [database, archive] in
            do {
                let stored = try await database.read { transaction -> (CaseImage, ScreeningRecord)? in
                    guard let found = try transaction.image(image.id),
                        let screening = try transaction.screening(of: image.id)
                    else { return nil }
                    return (found, screening)
                }
                if stored == nil, isRefused { try await archive.remove(image.archiveKey) }
                return stored
            } catch {
                return nil
            }
        }.value
    }

    private static func check(_ uploadKey: String) throws {
        guard uploadKey.utf8.allSatisfy(SecretToken.isBase64URL), (1...64).contains(uploadKey.utf8.count) else {
            throw CaseworkError(.invalidUploadKey, "errors.images.uploadKey")
        }
    }

    private static func smearCase(
        _ id: CaseID, for actor: AuditEntry.Actor, in transaction: any CaseRows
    ) throws -> SmearCase {
        guard let smearCase = try transaction.smearCase(id), actor.isOwner(of: smearCase) else {
            throw ClinicError(.notFound, "errors.cases.none")
        }
        return smearCase
    }

    /// The owner must have agreed that images are screened. For images that the server adds, such as fields of a slide, it is
    /// enough that they did not withdraw.
    private static func checkConsent(
        to smearCase: SmearCase, by actor: AuditEntry.Actor, under notice: ConsentNotice,
        in transaction: any ConsentRows
    ) throws {
        guard actor != .system else {
            return try Consents.requireNotTakenBack(
                of: smearCase.ownerID, for: smearCase.dependentID, in: transaction)
        }
        try Consents.require(
            of: smearCase.ownerID, for: smearCase.dependentID, under: notice, in: transaction)
    }

    private static func known(
        _ uploadKey: String, in caseID: CaseID, _ transaction: any CaseRows & ScreeningRows
    ) throws -> (CaseImage, ScreeningRecord)? {
        guard let image = try transaction.image(uploadKey: uploadKey, in: caseID),
            let screening = try transaction.screening(of: image.id)
        else { return nil }
        return (image, screening)
    }
}

extension AuditEntry.Actor {
    /// Whether this one may add to a case.
    fileprivate func isOwner(of smearCase: SmearCase) -> Bool {
        switch self {
        case .user(let id), .token(_, let id): id == smearCase.ownerID
        case .system: true
        case .anonymous: false
        }
    }
}
