import Findings
import Foundation

extension SecondReading {
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
            (reading.finding, reading.findings) = (entry.finding, entry.findings)
            (reading.comment, reading.settles) = (entry.comment, entry.settles)
            (reading.images, reading.updatedAt) = (entry.images.filter { ids.contains($0.key) }, now)
            if isSigned { try Self.sign(&reading, desk, entry, by: user, now: now, in: transaction) }
            if desk.draft == nil { try transaction.insert(reading) } else { try transaction.update(reading) }
            if isSigned && reading.settles { try Self.settle(reading, in: transaction) }
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
            single.findings = label == .otherFinding ? reading.findings : []
            if entry.isBlind { single.isBlind = try !hasSeenAnswer(of: image.desk, user, in: transaction) }
            single.signedAt = now
            isBlind = isBlind && single.isBlind
            if image.desk.draft == nil { try transaction.insert(single) } else { try transaction.update(single) }
        }
        (reading.isBlind, reading.signedAt) = (isBlind, now)
    }

    /// Takes from others' readings that they count, as far as the reader saw the same images: nobody settles what they could
    /// not see.
    private static func settle(_ reading: CaseReading, in transaction: any ReadingRows & CaseRows) throws {
        let there = Set(try transaction.readings(ofCase: reading.caseID).map(\.screeningID))
        let others = try transaction.caseReadings(of: reading.caseID).counting.filter { other in
            other.readerID != reading.readerID
                && other.images.keys.allSatisfy { reading.images[$0] != nil || !there.contains($0) }
        }
        try transaction.settle(others.map(\.id), and: Array(reading.images.keys), by: reading.readerID)
    }

    /// Tells the patient, and the systems that wait for it, that something was signed; of a malignant reading others are told when nobody opens it.
    static func tell(
        of id: CaseID, _ label: ReaderLabel, by user: User, now: Date,
        in transaction: any CaseRows & NoticeRows & SubscriptionRows
    ) throws {
        guard let owner = try transaction.smearCase(id)?.ownerID else { return }
        try transaction.noteNews(of: id, at: now)
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
        // A draft without an answer keeps what was typed and ticked: the answer may come last.
        if label != .otherFinding && label != .undecided { (entry.finding, entry.findings) = ("", []) }
        guard !isSigned || label != .otherFinding || !entry.finding.isEmpty || !entry.findings.isEmpty else {
            throw ClinicError(.invalid, "errors.readings.finding", field: "finding")
        }
        return entry
    }
}
