import Findings
import Foundation

/// A case before its reader: the images of it that are shared with them now.
public struct CaseReadingDesk: Sendable {
    public let caseID: CaseID
    public let patientName: String
    public let sharedAt: Date
    /// In the order of the images' numbers.
    public let images: [Image]
    /// Images of the case that are not shared with this reader, or not screened yet.
    public let otherImages: Int
    /// What the patient chose to tell; nil where single images are shared.
    public let told: ToldOfCase?
    /// Of this reader, oldest first; the last may be a draft.
    public let readings: [CaseReading]
    /// As they are shown: of this reader, and of others once this reader has signed, so that each reads independently first.
    public let signedReadings: [SignedCaseReading]

    public struct Image: Sendable {
        public let desk: SecondReading.Desk
        public var id: ScreeningID { desk.screening.id }
    }

    public var draft: CaseReading? { readings.last.flatMap { $0.signedAt == nil ? $0 : nil } }
    public var signed: CaseReading? { readings.last { $0.signedAt != nil } }
    /// The number of the revision that is written next or now.
    public var revision: Int { draft?.revision ?? (signed?.revision ?? 0) + 1 }
    /// Images that came after this reader's signature.
    public var newImages: Int { signed.map { signed in images.count { signed.images[$0.id] == nil } } ?? 0 }
    /// Whether the reader has signed the case and every image that is shared now.
    public var isSigned: Bool { signed != nil && newImages == 0 }
}

extension SecondReading {
    /// Characters that name another finding.
    public static let maximumFinding = 200

    /// What a reader wrote of a case.
    public struct CaseEntry: Sendable, Equatable {
        /// nil for what was sent and is none, which is refused.
        public var label: ReaderLabel?
        /// What another finding is.
        public var finding: String
        public var comment: String
        /// Images whose answer is another one than that of the case.
        public var images: [ScreeningID: ReaderLabel]
        public var settles: Bool
        /// The revision that the reader had before them.
        public var revision: Int
        /// The images that the reader had before them, so that none is signed unseen.
        public var seen: Set<ScreeningID>
        /// Whether the network's answers were hidden.
        public var isBlind: Bool

        public init(
            label: ReaderLabel?, finding: String = "", comment: String = "", images: [ScreeningID: ReaderLabel] = [:],
            settles: Bool = false, revision: Int, seen: Set<ScreeningID>, isBlind: Bool
        ) {
            (self.label, self.finding, self.comment, self.images) = (label, finding, comment, images)
            (self.settles, self.revision, self.seen, self.isBlind) = (settles, revision, seen, isBlind)
        }
    }

    /// Opens a case for reading; written down.
    ///
    /// - Throws: `ClinicError.notFound` for everybody but a clinician with whom an image of it is shared now.
    public func openCase(_ id: CaseID, by user: User, isBlind: Bool) async throws -> CaseReadingDesk {
        let now = clock()
        return try await database.write { transaction in
            let desk = try Self.caseDesk(id, of: user, in: transaction)
            let isHidden = isBlind && !desk.isSigned
            try transaction.append(
                AuditEntry(
                    .caseRead(isHidden ? .blindReading : .reading), by: .user(user.id), object: id.text, at: now))
            return desk
        }
    }

    static func caseDesk(
        _ id: CaseID, of user: User, in transaction: any CaseReadingRows
    ) throws -> CaseReadingDesk {
        guard user.role == .clinician, let smearCase = try transaction.smearCase(id) else { throw CaseAccess.missing }
        let shared = try transaction.shares(ofCase: id).filter { $0.userID == user.id }
        let images = try shared.compactMap { share -> CaseReadingDesk.Image? in
            guard try transaction.screening(share.screeningID)?.state == .done else { return nil }
            return CaseReadingDesk.Image(desk: try desk(share.screeningID, of: user, in: transaction))
        }
        guard !images.isEmpty else { throw CaseAccess.missing }
        let all = try transaction.caseReadings(of: id)
        let own = all.filter { $0.readerID == user.id }.sorted { $0.revision < $1.revision }
        let hasSigned = own.contains { $0.signedAt != nil }
        return CaseReadingDesk(
            caseID: id, patientName: try transaction.user(smearCase.ownerID)?.name ?? "",
            sharedAt: shared.map(\.sharedAt).min() ?? smearCase.createdAt, images: images,
            otherImages: try transaction.images(of: id).count - images.count,
            told: try ToldOfCase(of: smearCase, to: user.id, in: transaction), readings: own,
            signedReadings: try SignedCaseReading.all(of: hasSigned ? all : own, in: transaction))
    }

    /// Keeps what a reader has written of a case so far; only they see it.
    ///
    /// - Throws: As `signCase`; a draft may be undecided.
    public func draftCase(_ id: CaseID, _ entry: CaseEntry, by user: User) async throws -> CaseReading {
        try await storeCase(id, entry, by: user, isSigned: false)
    }

    /// Signs a reading of a case and of every image of it that is shared with the reader.
    ///
    /// - Throws: `ClinicError.notFound` for everybody but a clinician with whom an image of it is shared now, `.invalid`
    ///   with field `label`, `finding`, `comment` or `settles`, `.duplicate` with field `revision` when another window was
    ///   quicker or the images changed meanwhile.
    public func signCase(_ id: CaseID, _ entry: CaseEntry, by user: User) async throws -> CaseReading {
        try await storeCase(id, entry, by: user, isSigned: true)
    }

    private func storeCase(
        _ id: CaseID, _ entry: CaseEntry, by user: User, isSigned: Bool
    ) async throws -> CaseReading {
        let entry = try Self.checked(entry, isSigned: isSigned)
        let now = clock()
        return try await database.write { transaction in
            let desk = try Self.caseDesk(id, of: user, in: transaction)
            guard desk.revision == entry.revision else {
                throw ClinicError(.duplicate, "errors.readings.signedAlready", field: "revision")
            }
            let ids = Set(desk.images.map(\.id))
            guard !isSigned || ids == entry.seen else {
                throw ClinicError(.duplicate, "errors.readings.imagesChanged", field: "revision")
            }
            // Only who was shown the other readings can settle them, and that is after an own signature.
            guard !entry.settles || desk.signed != nil else {
                throw ClinicError(.invalid, "errors.readings.settles", field: "settles")
            }
            var reading =
                desk.draft
                ?? CaseReading(
                    caseID: id, readerID: user.id, revision: desk.revision, label: .undecided, createdAt: now,
                    updatedAt: now)
            reading.label = entry.label ?? .undecided
            (reading.finding, reading.comment, reading.settles) = (entry.finding, entry.comment, entry.settles)
            (reading.images, reading.updatedAt) = (entry.images.filter { ids.contains($0.key) }, now)
            if isSigned { try Self.sign(&reading, desk, entry, by: user, now: now, in: transaction) }
            if desk.draft == nil { try transaction.insert(reading) } else { try transaction.update(reading) }
            try transaction.append(
                AuditEntry(
                    isSigned ? .reading(.sign) : .reading(.draft), by: .user(user.id), object: reading.id.text,
                    detail: "case=\(id) revision=\(reading.revision)"
                        + (isSigned ? " label=\(reading.label.word) images=\(ids.count)" : "")
                        + " blind=\(reading.isBlind)", at: now))
            if isSigned { try Self.tell(of: id, reading.label, by: user, now: now, in: transaction) }
            return reading
        }
    }

    /// Signs the images that the reading covers, and makes it ready to be stored after them.
    private static func sign(
        _ reading: inout CaseReading, _ desk: CaseReadingDesk, _ entry: CaseEntry, by user: User, now: Date,
        in transaction: any ReadingRows & AuditRows
    ) throws {
        var isBlind = entry.isBlind
        for image in desk.images {
            let label = reading.images[image.id] ?? reading.label
            reading.images[image.id] = label
            var single = try self.reading(
                of: image.desk,
                Entry(label: label, comment: reading.words, revision: image.desk.revision, isBlind: entry.isBlind),
                by: user, now: now)
            if entry.isBlind { single.isBlind = try !hasSeenAnswer(of: image.desk, user, in: transaction) }
            single.signedAt = now
            isBlind = isBlind && single.isBlind
            if image.desk.draft == nil { try transaction.insert(single) } else { try transaction.update(single) }
        }
        (reading.isBlind, reading.signedAt) = (isBlind, now)
    }

    /// Tells the patient that something was signed; of a malignant reading others are told when nobody opens it.
    static func tell(
        of id: CaseID, _ label: ReaderLabel, by user: User, now: Date, in transaction: any CaseRows & NoticeRows
    ) throws {
        guard let owner = try transaction.smearCase(id)?.ownerID else { return }
        try transaction.post(
            Notice(
                to: owner, .readingSigned, caseID: id, aboutID: user.id, createdAt: now,
                escalatesAt: label.isMalignant ? now.addingTimeInterval(Notices.patience) : nil))
    }

    private static func checked(_ entry: CaseEntry, isSigned: Bool) throws -> CaseEntry {
        var entry = entry
        guard let label = entry.label, !isSigned || label != .undecided else {
            throw ClinicError(.invalid, "errors.readings.label", field: "label")
        }
        entry.comment = try checked(comment: entry.comment)
        entry.finding = try Booking.text(entry.finding, field: "finding", atMost: maximumFinding)
        if label != .otherFinding { entry.finding = "" }
        guard !isSigned || label != .otherFinding || !entry.finding.isEmpty else {
            throw ClinicError(.invalid, "errors.readings.finding", field: "finding")
        }
        return entry
    }
}
