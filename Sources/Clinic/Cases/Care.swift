import Foundation

/// What guardians do with the people in their care.
public struct Care: Sendable {
    /// People in one account's care.
    public static let maximum = 50
    /// Cases that one act moves or deletes.
    public static let maximumCases = 1000

    private let database: any ClinicDatabase
    private let notice: ConsentNotice
    private let clock: @Sendable () -> Date

    public init(
        database: any ClinicDatabase, notice: ConsentNotice = .current,
        clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.database, self.notice, self.clock) = (database, notice, clock)
    }

    /// A person in care, as their guardian sees them.
    public struct Entry: Sendable {
        public let dependent: Dependent
        public let cases: Int
        /// Whether new images of theirs may be screened.
        public let standing: Consents.Standing
        /// What the guardian answered last.
        public let consent: Consent?
    }

    /// The people in somebody's care, in the order in which they came.
    public func list(of guardian: Principal) async throws -> [Entry] {
        try await database.read { [notice] transaction in
            try transaction.dependents(of: guardian.userID).map {
                try Self.entry($0, under: notice, in: transaction)
            }
        }
    }

    /// The people of whom somebody may begin a case.
    public func dependents(of guardian: UserID) async throws -> [Dependent] {
        try await database.read { try $0.dependents(of: guardian) }
    }

    /// One of them with their cases, the oldest first.
    ///
    /// - Throws: `ClinicError.notFound` for anybody but their guardian.
    public func entry(
        _ id: DependentID, for guardian: Principal
    ) async throws -> (entry: Entry, cases: [SmearCase]) {
        try await database.read { [notice] transaction in
            let dependent = try Dependent.owned(id, by: guardian.userID, in: transaction)
            return (
                try Self.entry(dependent, under: notice, in: transaction),
                try transaction.cases(ofDependent: id, limit: Self.maximumCases)
            )
        }
    }

    private static func entry(
        _ dependent: Dependent, under notice: ConsentNotice, in transaction: any CaseRows & ConsentRows
    ) throws -> Entry {
        let consent = try transaction.consent(of: dependent.guardianID, for: dependent.id)
        return Entry(
            dependent: dependent, cases: try transaction.countCases(ofDependent: dependent.id),
            standing: Consents.standing(of: consent, under: notice), consent: consent)
    }

    /// Takes somebody into care, with the consent of the guardian.
    ///
    /// - Parameter consent: What the guardian agreed to for them; nil where the box was not ticked.
    /// - Throws: `ClinicError.invalid` with the field: those of `Dependent.Facts.checked`, and `consent`; `.quotaExceeded`.
    public func add(
        _ facts: Dependent.Facts, consent: ConsentText?, by guardian: Principal
    ) async throws -> Dependent {
        let now = clock()
        let facts = try facts.checked(now: now)
        guard let consent else { throw ClinicError(.invalid, "errors.consent.guardian", field: "consent") }
        let made = Dependent(
            guardianID: guardian.userID, facts: facts, ageToldAt: now, createdAt: now, updatedAt: now)
        return try await database.write { [notice] transaction in
            guard try transaction.dependents(of: guardian.userID).count < Self.maximum else {
                throw ClinicError(.quotaExceeded, "errors.care.maximum", ["maximum": Self.maximum])
            }
            try transaction.insert(made)
            try transaction.append(AuditEntry(.person(.create), by: guardian.actor, object: made.id.text, at: now))
            try Consents.record(
                Consent(
                    of: guardian.userID, for: made.id, .given, notice: notice.since, text: consent, at: now),
                by: guardian.actor, in: transaction)
            return made
        }
    }

    /// Changes what is known of somebody in care. Another age is counted on from now.
    ///
    /// - Throws: As `add`; `ClinicError.notFound` for anybody but their guardian; `.invalid` with field `birthYear` or
    ///   `ageYears` for another birth, age or sex once a doctor has signed a reading in a case of theirs.
    public func change(_ id: DependentID, to facts: Dependent.Facts, by guardian: Principal) async throws {
        let now = clock()
        let facts = try facts.checked(now: now)
        try await database.write { transaction in
            var dependent = try Dependent.owned(id, by: guardian.userID, in: transaction)
            var facts = facts
            if facts.ageYears == dependent.age(at: now), dependent.facts.birthYear == nil {
                // An age that was only shown again goes on counting from when it was told.
                facts.ageYears = dependent.facts.ageYears
            } else {
                dependent.ageToldAt = now
            }
            let isOther = dependent.facts != facts
            let cases = try transaction.cases(ofDependent: id, limit: Int(Int32.max))
            if !dependent.facts.areOfSamePerson(as: facts),
                try cases.contains(where: { try Self.isSigned($0.id, in: transaction) })
            {
                let field = dependent.facts.birthYear == nil ? "ageYears" : "birthYear"
                throw ClinicError(.invalid, "errors.care.facts", field: field)
            }
            dependent.facts = facts
            dependent.updatedAt = now
            try transaction.update(dependent)
            if isOther {
                // Other systems read it with each case.
                for smearCase in cases {
                    try transaction.noteNews(of: smearCase.id, at: now)
                }
            }
            try transaction.append(AuditEntry(.person(.update), by: guardian.actor, object: id.text, at: now))
        }
    }

    /// Where the cases of somebody go who is removed.
    public enum Move: Sendable, Equatable {
        /// To the owner of the account.
        case toOwner
        case to(DependentID)
    }

    /// Removes somebody from care, whose cases become those of another. Where they have cases, it has to be said whose.
    ///
    /// - Throws: `ClinicError.notFound`; `.invalid` with field `cases` where nothing is said of them, and where a doctor has
    ///   signed a reading in one: it stays whose it is; `.consentNeeded` with that field where the guardian has not agreed for
    ///   the person whose the cases are to be.
    public func remove(_ id: DependentID, movingCases move: Move?, by guardian: Principal) async throws {
        let now = clock()
        try await database.write { [notice] transaction in
            _ = try Dependent.owned(id, by: guardian.userID, in: transaction)
            let cases = try transaction.cases(ofDependent: id, limit: Int(Int32.max))
            if !cases.isEmpty {
                guard let move else { throw ClinicError(.invalid, "errors.care.cases", field: "cases") }
                let target: DependentID? = if case .to(let other) = move { other } else { nil }
                guard target != id else { throw ClinicError(.invalid, "errors.care.cases", field: "cases") }
                for smearCase in cases {
                    try Self.move(smearCase, to: target, by: guardian, under: notice, now: now, in: transaction)
                }
            }
            _ = try Erasure(.dependent, id.text, at: now).carryOut(by: guardian.actor, in: transaction)
        }
        try await database.eraseTraces()
    }

    /// Says whose a case is.
    ///
    /// - Parameter dependent: nil for the owner of the account.
    /// - Throws: `ClinicError.notFound` for the case or the person of somebody else; `.invalid` with field `for` once a doctor
    ///   has signed a reading; `.consentNeeded` with that field where the guardian has not agreed for the person.
    public func setSubject(_ dependent: DependentID?, of id: CaseID, by owner: Principal) async throws {
        let now = clock()
        try await database.write { [notice] transaction in
            let smearCase = try CaseAccess.owned(id, by: owner.user, in: transaction)
            guard smearCase.dependentID != dependent else { return }
            try Self.move(
                smearCase, to: dependent, field: "for", by: owner, under: notice, now: now, in: transaction)
        }
    }

    private static func move(
        _ smearCase: SmearCase, to dependent: DependentID?, field: String = "cases", by owner: Principal,
        under notice: ConsentNotice, now: Date, in transaction: any ClinicTransaction
    ) throws {
        if let dependent {
            _ = try Dependent.owned(dependent, by: owner.userID, in: transaction)
            try Consents.requireGuardian(
                owner.userID, for: dependent, under: notice, field: field, in: transaction)
        }
        guard try !isSigned(smearCase.id, in: transaction) else {
            throw ClinicError(.invalid, "errors.care.signed", field: field)
        }
        try transaction.update(smearCase.id) { ($0.dependentID, $0.updatedAt) = (dependent, now) }
        try transaction.noteNews(of: smearCase.id, at: now)
        try transaction.append(
            AuditEntry(
                .smearCase(.update), by: owner.actor, object: smearCase.id.text,
                detail: "of=\(dependent?.text ?? "owner")", at: now))
        try narrow(smearCase, by: owner, now: now, in: transaction)
    }

    /// Whoever was told of one person was not chosen for another: links to the report open nothing more, and clinicians who see
    /// the case whole are no longer told name, age and sex.
    private static func narrow(
        _ smearCase: SmearCase, by owner: Principal, now: Date,
        in transaction: any ReadingRows & AuditRows & ReportLinkRows
    ) throws {
        for link in try transaction.reportLinks(of: smearCase.id, now: now, limit: ReportLinks.maximumOpen)
        where link.isOpen(at: now) {
            guard try transaction.revokeReportLink(link.id, of: smearCase.id, at: now) else { continue }
            try transaction.append(
                AuditEntry(
                    .smearCase(.unlink), by: owner.actor, object: smearCase.id.text, detail: "link=\(link.id)", at: now)
            )
        }
        for shared in try transaction.sharedCases(of: smearCase.id)
        where !shared.told.isDisjoint(with: SharedCase.Detail.ofPerson) {
            let told = shared.told.subtracting(SharedCase.Detail.ofPerson)
            try transaction.share(
                SharedCase(
                    caseID: shared.caseID, userID: shared.userID, sharedAt: shared.sharedAt,
                    includesNew: shared.includesNew, told: told, allowsTraining: shared.allowsTraining),
                of: smearCase.ownerID)
            try transaction.append(
                AuditEntry(
                    .smearCase(.share), by: owner.actor, object: smearCase.id.text,
                    detail: Sharing.detail(with: shared.userID, includesNew: shared.includesNew, telling: told), at: now
                ))
        }
    }

    /// Whether a doctor has signed a reading of a case or of one of its images: then it stays whose it is.
    public static func isSigned(_ id: CaseID, in transaction: any ReadingRows) throws -> Bool {
        try transaction.caseReadings(of: id).contains { $0.signedAt != nil }
            || transaction.readings(ofCase: id).contains { $0.signedAt != nil }
    }
}

extension Dependent.Facts {
    /// Whether others are of the same person, however the name is spelt.
    fileprivate func areOfSamePerson(as others: Dependent.Facts) -> Bool {
        var named = others
        named.name = name
        return self == named
    }
}
