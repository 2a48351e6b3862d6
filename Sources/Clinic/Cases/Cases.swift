import Findings
import Foundation

/// What is needed to show a case, and to know who may see it.
public typealias CaseReadingRows = CaseRows & ScreeningRows & ReadingRows & PersonRows & DoctorRows & UserRows
    & ImageFactRows & SiteRows

/// What people and programs do with cases: who may, and what the audit log keeps of it.
///
/// Pages and the API come in by the same functions, so that both leave the same entries. Removal, which has files, is
/// `CaseRemoval`.
public struct Cases: Sendable {
    let database: any ClinicDatabase
    /// When a case is urgent; nil for one malignant report.
    let rule: VerdictRule?
    /// The notice without whose consent nothing is screened.
    let notice: ConsentNotice
    let clock: @Sendable () -> Date

    /// - Parameters:
    ///   - database: Holds the rows.
    ///   - rule: That of the model in use; nil where its package has none.
    ///   - notice: That in force.
    ///   - clock: The time.
    public init(
        database: any ClinicDatabase, rule: VerdictRule? = nil, notice: ConsentNotice = .current,
        clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.database, self.rule, self.notice, self.clock) = (database, rule, notice, clock)
    }

    /// Makes a case. With the identifier of one that its owner has, that one is opened: a form that is sent twice makes
    /// one case.
    ///
    /// - Parameters:
    ///   - dependent: The person in the owner's care whose sample it is; nil for the owner's own.
    ///   - key: Under which the owner asks; asked again under the same one, the case that it made is opened.
    /// - Throws: `ClinicError.invalid` with field `title` or `note`, and `idempotencyKey` for a key that stands for
    ///   another request; `.notFound` for the identifier of somebody else's, for the key of a case that was deleted, and for
    ///   a person in the care of somebody else; `.consentNeeded`.
    public func open(
        _ id: CaseID = CaseID(), title: String, note: String = "", of dependent: DependentID? = nil,
        key: RequestKey? = nil, by owner: Principal
    ) async throws -> (contents: CaseContents, isNew: Bool) {
        do {
            return try await openOnce(id, title: title, note: note, of: dependent, key: key, by: owner)
        } catch let error as ClinicError where error.code == .duplicate && key != nil {
            // Sent twice at the same moment: the other one was quicker, and is there now.
            return try await openOnce(id, title: title, note: note, of: dependent, key: key, by: owner)
        }
    }

    private func openOnce(
        _ id: CaseID, title: String, note: String, of dependent: DependentID?, key: RequestKey?, by owner: Principal
    ) async throws -> (contents: CaseContents, isNew: Bool) {
        let now = clock()
        let made = SmearCase(
            id: id, ownerID: owner.userID, title: try SmearCase.title(title), note: try SmearCase.note(note),
            createdAt: now, updatedAt: now, dependentID: dependent)
        return try await database.write { [rule, notice] transaction in
            if let key, let used = try transaction.usedRequestKey(key.text, of: owner.userID) {
                guard used.digest == key.digest else {
                    throw ClinicError(.invalid, "errors.cases.keyUsed", field: "idempotencyKey")
                }
                let known = try CaseAccess.owned(used.caseID, by: owner.user, in: transaction)
                return (try CaseContents(known, in: transaction).ruled(by: rule), false)
            }
            if try transaction.smearCase(id) != nil {
                let known = try CaseAccess.owned(id, by: owner.user, in: transaction)
                return (try CaseContents(known, in: transaction).ruled(by: rule), false)
            }
            if let dependent { _ = try Dependent.owned(dependent, by: owner.userID, in: transaction) }
            try Consents.require(of: owner.userID, for: dependent, under: notice, in: transaction)
            try transaction.insert(made)
            if let key {
                try transaction.insert(
                    UsedRequestKey(
                        userID: owner.userID, text: key.text, digest: key.digest, caseID: id, createdAt: now))
            }
            try transaction.append(AuditEntry(.smearCase(.create), by: owner.actor, object: id.text, at: now))
            return (try CaseContents(new: made, in: transaction), true)
        }
    }

    /// Gives a case another name and note.
    ///
    /// - Throws: As `open`; `ClinicError.notFound` for anybody but its owner.
    public func rename(_ id: CaseID, title: String, note: String, by owner: Principal) async throws {
        let (title, note, now) = (try SmearCase.title(title), try SmearCase.note(note), clock())
        try await database.write { transaction in
            _ = try CaseAccess.owned(id, by: owner.user, in: transaction)
            try transaction.update(id) { ($0.title, $0.note, $0.updatedAt) = (title, note, now) }
            try transaction.append(AuditEntry(.smearCase(.update), by: owner.actor, object: id.text, at: now))
        }
    }

    /// A person's own cases, newest first.
    ///
    /// - Returns: At most `limit` of them, and how many there are without the filter.
    public func list(
        matching filter: CaseFilter, after cursor: CaseCursor?, limit: Int, for owner: Principal
    ) async throws -> (found: [CaseSummary], total: Int) {
        let entry = AuditEntry(.smearCase(.list), by: owner.actor, object: owner.userID.text, at: clock())
        return try await database.write { [rule] transaction in
            try transaction.append(entry)
            let found = try transaction.cases(of: owner.userID, matching: filter, after: cursor, limit: limit)
                .map { $0.ruled(by: rule) }
            return (found, try transaction.countCases(of: owner.userID))
        }
    }

    /// A case with its images, for its owner or an administrator.
    ///
    /// - Parameter action: As what it is shown.
    /// - Throws: `ClinicError.notFound` for everybody else.
    public func contents(
        of id: CaseID, for reader: Principal, _ action: AuditAction = .caseRead(.page)
    ) async throws -> CaseContents {
        let entry = AuditEntry(action, by: reader.actor, object: id.text, at: clock())
        return try await database.write { [rule] transaction in
            let smearCase = try CaseAccess.readable(id, by: reader.user, in: transaction)
            try transaction.append(entry)
            try Self.see(smearCase, as: action, by: reader, at: entry.at, in: transaction)
            return try CaseContents(smearCase, in: transaction).ruled(by: rule)
        }
    }

    /// A case for its report on paper: for its owner, an administrator, or a clinician with whom it is shared whole, who is told
    /// what the patient chose to tell.
    ///
    /// - Throws: `ClinicError.notFound` for everybody else; `.hidden` for a clinician who hid the answers that stand on it.
    public func contentsOfReport(of id: CaseID, for reader: Principal) async throws -> CaseContents {
        let entry = AuditEntry(.smearCase(.pdf), by: reader.actor, object: id.text, at: clock())
        return try await database.write { [rule] transaction in
            guard let smearCase = try transaction.smearCase(id) else { throw CaseAccess.missing }
            let seesAll = smearCase.ownerID == reader.userID || reader.role == .administrator
            let contents =
                try seesAll
                ? CaseContents(smearCase, in: transaction)
                : CaseContents(smearCase, sharedWith: reader.user, in: transaction)
            if try !seesAll && !SecondReading.caseDesk(id, of: reader.user, in: transaction).isSigned {
                let images = contents.entries.map { BlindReading.Place.image($0.screening.id) }
                guard try !BlindReading.isOn(for: reader.userID, at: images + [.smearCase(id)], in: transaction) else {
                    throw BlindReading.hidden
                }
            }
            try transaction.append(entry)
            try Self.see(smearCase, as: entry.action, by: reader, at: entry.at, in: transaction)
            return contents.ruled(by: rule)
        }
    }

    /// As `contents`, for its owner alone.
    public func ownContents(of id: CaseID, for owner: Principal) async throws -> CaseContents {
        try await requireOwner(owner, of: id)
        return try await contents(of: id, for: owner)
    }

    /// Looks again at a case that is being followed; the beginning is in the audit log, what comes after belongs to it.
    ///
    /// - Returns: Nil when the case is gone, or no longer this reader's to see.
    public func contentsAgain(of id: CaseID, for reader: Principal) async throws -> CaseContents? {
        do {
            return try await database.read { [rule] transaction in
                try CaseContents(CaseAccess.readable(id, by: reader.user, in: transaction), in: transaction)
                    .ruled(by: rule)
            }
        } catch let error as ClinicError where error.code == .notFound {
            return nil
        }
    }

    /// - Throws: `ClinicError.notFound` for anybody but the owner of the case.
    public func requireOwner(_ owner: Principal, of id: CaseID) async throws {
        _ = try await database.read { try CaseAccess.owned(id, by: owner.user, in: $0) }
    }

    /// A screening, for whoever may see it.
    ///
    /// - Parameter action: As what it is shown.
    /// - Throws: `ClinicError.notFound` for everybody else; `.hidden` for what reveals the answer to a clinician who hid it.
    public func screening(
        _ id: ScreeningID, for reader: Principal, _ action: AuditAction
    ) async throws -> ReadableScreening {
        try await find(id, for: reader, action) { found, _ in found }
    }

    /// As `screening`, on its page: with all of its case for those who may see that.
    public func screeningInCase(
        _ id: ScreeningID, for reader: Principal
    ) async throws -> (ReadableScreening, CaseContents?) {
        try await find(id, for: reader, .screeningRead(.page)) { [rule] found, transaction in
            (found, try found.smearCase.map { try CaseContents($0, in: transaction).ruled(by: rule) })
        }
    }

    private func find<Found: Sendable>(
        _ id: ScreeningID, for reader: Principal, _ action: AuditAction,
        _ more: @escaping @Sendable (ReadableScreening, any CaseReadingRows) throws -> Found
    ) async throws -> Found {
        let entry = AuditEntry(action, by: reader.actor, object: id.text, at: clock())
        return try await database.write { transaction in
            let found = try ReadableScreening(id, for: reader.user, in: transaction)
            if action.reveals && found.smearCase == nil {
                try BlindReading.requireShown(found.screening, to: reader.userID, in: transaction)
            }
            try transaction.append(entry)
            if let smearCase = found.smearCase {
                try Self.see(smearCase, as: action, by: reader, at: entry.at, in: transaction)
            } else {
                try transaction.noteUse(of: found.screening.caseID, at: entry.at)
            }
            return try more(found, transaction)
        }
    }

    /// What anybody opens is in use. What its owner opens in a browser has been seen; what a script follows or fetches has
    /// not.
    private static func see(
        _ smearCase: SmearCase, as action: AuditAction, by reader: Principal, at now: Date,
        in transaction: any NoticeRows & CaseRows
    ) throws {
        if ![.caseRead(.status), .caseRead(.events)].contains(action) {
            try transaction.noteUse(of: smearCase.id, at: now)
        }
        let isOpened =
            [.caseRead(.page), .caseRead(.compare), .smearCase(.print), .smearCase(.pdf)].contains(action)
            || [.screeningRead(.page), .screeningRead(.pdf)].contains(action)
        guard isOpened, reader.session != nil, reader.userID == smearCase.ownerID else { return }
        try transaction.markReadingsSeen(of: smearCase.id, by: reader.userID, at: now)
    }
}
