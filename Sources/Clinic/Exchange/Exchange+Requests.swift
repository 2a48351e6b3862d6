import Foundation

extension Exchange {
    /// What another system asks for, as it came.
    public struct Asked: Sendable {
        public var identifier: PersonIdentifier
        public var title: String
        public var note: String
        public var requester: String
        public var authoredOn: String
        /// What is said of the person and the sample.
        public var facts: Person.Facts
        /// The case that it is for; nil for a new one.
        public var caseID: CaseID?

        public init(
            identifier: PersonIdentifier, title: String, note: String = "", requester: String = "",
            authoredOn: String = "", facts: Person.Facts = Person.Facts(), caseID: CaseID? = nil
        ) {
            (self.identifier, self.title, self.note, self.requester) = (identifier, title, note, requester)
            (self.authoredOn, self.facts, self.caseID) = (authoredOn, facts, caseID)
        }

        /// All of it, part by part, to know the same request again.
        fileprivate var parts: [String] {
            func parts(_ identifier: PersonIdentifier?) -> [String] {
                identifier.map { [$0.namespace, $0.value] } ?? []
            }
            let numbers = [facts.birthYear, facts.ageYears].map { $0.map(String.init) ?? "" }
            return ["request"] + parts(identifier) + [title, note, requester, authoredOn, caseID?.text ?? ""]
                + facts.identifiers.flatMap(parts) + ["sample"] + parts(facts.sample) + numbers
                + [facts.sex?.rawValue ?? ""]
        }
    }

    /// Takes a request: makes a case, or puts it to one that its owner has. The same request again makes nothing more.
    ///
    /// - Returns: The request, with all of its case, and whether it is new.
    /// - Throws: `ClinicError.invalid` as `Cases.open` and `Person.Facts.checked`, and with field `request` for a number that
    ///   cannot be one; `.duplicate` with field `request` where the number was used for something else; `.notFound` for
    ///   somebody else's case, and for the number of a case that was deleted; `.consentNeeded` for a new case, and for one
    ///   of somebody whose consent was taken back.
    public func take(
        _ asked: Asked, by owner: Principal
    ) async throws -> (request: LabRequest, dossier: CaseDossier, isNew: Bool) {
        do { return try await takeOnce(asked, by: owner) } catch let error as ClinicError
            where error.code == .duplicate && error.field != "request"
        {
            // Sent twice at the same moment: the other one was quicker, and is there now.
            return try await takeOnce(asked, by: owner)
        }
    }

    private func takeOnce(
        _ asked: Asked, by owner: Principal
    ) async throws -> (request: LabRequest, dossier: CaseDossier, isNew: Bool) {
        let now = cases.clock()
        let facts = try asked.facts.checked(now: now)
        let number = try Person.Facts(identifiers: [asked.identifier]).checked(now: now).identifiers.first
        guard let number else { throw ClinicError(.invalid, "errors.fhir.number", field: "request") }
        let made = SmearCase(
            ownerID: owner.userID, title: try SmearCase.title(asked.title), note: try SmearCase.note(asked.note),
            createdAt: now, updatedAt: now)
        let requester = try Booking.text(asked.requester, field: "requester", atMost: 200)
        let name = RequestKey.digest(of: ["lab-request", number.namespace, number.value])
        let key = try RequestKey(name, of: asked.parts)
        return try await cases.database.write { [rule = cases.rule, notice = cases.notice] transaction in
            if let used = try transaction.usedRequestKey(key.text, of: owner.userID) {
                let known = try CaseAccess.owned(used.caseID, by: owner.user, in: transaction)
                guard used.digest == key.digest else { throw Self.numberUsed }
                let dossier = try CaseDossier(known, for: owner.user, rule: rule, in: transaction)
                guard let request = dossier.requests.first(where: { $0.identifier == number }) else {
                    throw CaseAccess.missing
                }
                return (request, dossier, false)
            }
            if asked.caseID == nil {
                try Consents.require(of: owner.userID, for: nil, under: notice, in: transaction)
            }
            let smearCase = try Self.smearCase(asked.caseID, made, by: owner, now: now, in: transaction)
            try Self.tell(facts, of: smearCase.id, now: now, in: transaction)
            let request = LabRequest(
                caseID: smearCase.id, ownerID: owner.userID, identifier: number, title: made.title,
                requester: requester, authoredOn: asked.authoredOn, createdAt: now)
            try transaction.insert(request)
            try transaction.insert(
                UsedRequestKey(
                    userID: owner.userID, text: key.text, digest: key.digest, caseID: smearCase.id, createdAt: now))
            try transaction.noteNews(of: smearCase.id, at: now)
            let stored = try CaseAccess.owned(smearCase.id, by: owner.user, in: transaction)
            return (request, try CaseDossier(stored, for: owner.user, rule: rule, in: transaction), true)
        }
    }

    private static var numberUsed: ClinicError {
        ClinicError(.duplicate, "errors.fhir.numberUsed", field: "request")
    }

    /// The case that is named, else a new one.
    private static func smearCase(
        _ id: CaseID?, _ made: SmearCase, by owner: Principal, now: Date,
        in transaction: any CaseRows & AuditRows & ConsentRows
    ) throws -> SmearCase {
        if let id {
            let known = try CaseAccess.owned(id, by: owner.user, in: transaction)
            try Consents.requireNotTakenBack(of: owner.userID, for: known.dependentID, in: transaction)
            try transaction.append(
                AuditEntry(.smearCase(.update), by: owner.actor, object: id.text, detail: "request", at: now))
            return known
        }
        try transaction.insert(made)
        try transaction.append(
            AuditEntry(.smearCase(.create), by: owner.actor, object: made.id.text, detail: "request", at: now))
        return made
    }

    /// What the case holds already stays; what is new comes to it.
    private static func tell(
        _ facts: Person.Facts, of id: CaseID, now: Date, in transaction: any PersonRows
    ) throws {
        guard !facts.isEmpty else { return }
        let known = try transaction.person(of: id)
        let all = try (known?.facts ?? Person.Facts()).completed(by: facts).checked(now: now)
        try transaction.store(Person(id: known?.id ?? PersonID(), caseID: id, facts: all, updatedAt: now))
    }
}

extension Person.Facts {
    /// These, and of others what is not known here.
    public func completed(by more: Person.Facts) -> Person.Facts {
        var facts = self
        facts.identifiers += more.identifiers.filter { !identifiers.contains($0) }
        facts.sample = sample ?? more.sample
        if birthYear == nil && ageYears == nil { (facts.birthYear, facts.ageYears) = (more.birthYear, more.ageYears) }
        facts.sex = sex ?? more.sex
        return facts
    }
}
