import Findings
import Foundation

extension SecondReading {
    /// Keeps what a reader has written so far; only they see it.
    ///
    /// - Throws: As `sign`; a draft may be undecided.
    public func draft(_ id: ScreeningID, _ entry: Entry, by user: User) async throws -> Reading {
        try await store(id, entry, by: user, isSigned: false)
    }

    /// Signs a reading: from now on the patient sees it, and nobody changes it.
    ///
    /// - Throws: `ClinicError.notFound` for everybody but a clinician with whom the screening is shared now, `.invalid`
    ///   with field `label` or `comment`, `.duplicate` with field `revision` when another window was quicker.
    public func sign(_ id: ScreeningID, _ entry: Entry, by user: User) async throws -> Reading {
        try await store(id, entry, by: user, isSigned: true)
    }

    private func store(_ id: ScreeningID, _ entry: Entry, by user: User, isSigned: Bool) async throws -> Reading {
        let entry = try Self.checked(entry, isSigned: isSigned)
        let now = clock()
        return try await database.write { transaction in
            let desk = try Self.desk(id, of: user, in: transaction)
            guard desk.revision == entry.revision else {
                throw ClinicError(.duplicate, "errors.readings.signedAlready", field: "revision")
            }
            var reading = try Self.reading(of: desk, entry, by: user, now: now)
            if entry.isBlind { reading.isBlind = try !Self.hasSeenAnswer(of: desk, user, in: transaction) }
            if isSigned { reading.signedAt = now }
            if desk.draft == nil { try transaction.insert(reading) } else { try transaction.update(reading) }
            if isSigned { try Self.tell(of: desk.screening.caseID, reading.label, by: user, now: now, in: transaction) }
            let detail =
                "screening=\(id) revision=\(reading.revision)"
                + (isSigned ? " label=\(reading.label.word)" : "")
                + " blind=\(reading.isBlind)"
            try transaction.append(
                AuditEntry(
                    isSigned ? .reading(.sign) : .reading(.draft), by: .user(user.id), object: reading.id.text,
                    detail: detail, at: now))
            return reading
        }
    }

    static func reading(of desk: Desk, _ entry: Entry, by user: User, now: Date) throws -> Reading {
        guard let outcome = try desk.screening.answer else { throw ClinicError(.notFound, "errors.nothingHere") }
        let model = outcome.model
        var reading =
            desk.draft
            ?? Reading(
                screeningID: desk.screening.id, readerID: user.id, revision: desk.revision, label: .undecided,
                networkLabel: outcome.label, networkDecision: outcome.decision, modelName: model.name,
                modelVersion: model.version, createdAt: now, updatedAt: now)
        reading.label = entry.label ?? .undecided
        reading.findings = []
        reading.comment = entry.comment
        reading.networkLabel = outcome.label
        reading.networkDecision = outcome.decision
        reading.modelName = model.name
        reading.modelVersion = model.version
        reading.isBlind = false
        reading.updatedAt = now
        return reading
    }

    /// Whether the log says that this reader was shown the network's answer, by whatever it was shown: each action says
    /// of itself whether it reveals one.
    static func hasSeenAnswer(
        of desk: Desk, _ user: User, in transaction: any AuditRows & ReadingRows
    ) throws -> Bool {
        func hasSeen(_ action: AuditAction? = nil, object: String? = nil, since: Date? = nil) throws -> Bool {
            let filter = AuditFilter(userID: user.id, action: action?.name, object: object, since: since)
            let looks = try transaction.auditRecords(matching: filter, before: nil, limit: maximumLooks)
            // Of more looks than are examined nobody can say that none showed the answer.
            return looks.count == maximumLooks || looks.contains { $0.entry.action.reveals }
        }
        let screening = desk.screening
        // Nor of a log whose beginning was cut off after there was an answer.
        if let oldest = try transaction.auditRecords(after: 0, limit: 1).first, oldest.sequence > 1,
            screening.finishedAt.map({ $0 < oldest.entry.at }) ?? true
        {
            return true
        }
        for object in [screening.id.text, screening.caseID.text] where try hasSeen(object: object) { return true }
        // What is about many: it shows this answer from the moment on that this screening is a part of it.
        let firstShared = try transaction.auditRecords(
            matching: AuditFilter(
                action: AuditAction.screening(.share).name, object: screening.id.text), before: nil,
            limit: maximumLooks
        ).last { $0.entry.detail.contains(user.id.text) }?.entry.at
        let firstSigned = try transaction.readings(of: screening.id).compactMap(\.signedAt).min()
        let lists: [(AuditAction, object: String?, since: Date?)] = [
            (.readingList(.shown), nil, min(firstShared ?? desk.sharedAt, desk.sharedAt)),
            (.user(.export), nil, desk.readings.first?.createdAt),
            // Of their own signed readings, and of everybody's.
            (.reading(.statistics), user.id.text, desk.readings.compactMap(\.signedAt).min()),
            (.reading(.statistics), "", firstSigned),
            (.audit(.read), nil, screening.finishedAt), (.audit(.export), nil, screening.finishedAt),
        ]
        return try lists.contains { action, object, since in
            try since.map { try hasSeen(action, object: object, since: $0) } ?? false
        }
    }

    /// Entries of the audit log that are examined.
    private static let maximumLooks = 2000

    private static func checked(_ entry: Entry, isSigned: Bool) throws -> Entry {
        var entry = entry
        guard let label = entry.label, !isSigned || label != .undecided else {
            throw ClinicError(.invalid, "errors.readings.label", field: "label")
        }
        entry.comment = try checked(comment: entry.comment)
        return entry
    }

    /// What a reader wrote, its lines kept.
    ///
    /// - Throws: `ClinicError.invalid` with field `comment`.
    static func checked(comment: String) throws -> String {
        let lines = comment.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        let kept = lines.unicodeScalars.filter { $0 == "\n" || $0.properties.generalCategory != .control }
        let comment = String(String.UnicodeScalarView(kept)).trimmingCharacters(in: .whitespacesAndNewlines)
        guard comment.count <= maximumComment, comment.utf8.count <= 4 * maximumComment else {
            throw ClinicError(
                .invalid, "errors.readings.commentTooLong", ["count": comment.count, "maximum": maximumComment],
                field: "comment")
        }
        return comment
    }
}
