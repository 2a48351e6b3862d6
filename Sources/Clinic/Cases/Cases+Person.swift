import Foundation

/// Whose sample a case holds.
extension Cases {
    /// What is known of the person, for whoever is about to change it; nothing is shown.
    ///
    /// - Returns: What was said of the case itself, and whether it is of a person in care, whose age and sex stand elsewhere.
    /// - Throws: `ClinicError.notFound` for anybody but the owner of the case.
    public func person(of id: CaseID, by owner: Principal) async throws -> (known: Person?, isInCare: Bool) {
        try await database.read { transaction in
            let smearCase = try CaseAccess.owned(id, by: owner.user, in: transaction)
            return (try transaction.person(of: id), smearCase.dependentID != nil)
        }
    }

    /// Stores what is known of the person; nothing known takes the person away.
    ///
    /// - Returns: What the case holds now.
    /// - Throws: `ClinicError.notFound` for anybody but the owner of the case, `.invalid` as `Person.Facts.checked`.
    @discardableResult
    public func setPerson(_ facts: Person.Facts, of id: CaseID, by owner: Principal) async throws -> Person? {
        let now = clock()
        let facts = try facts.checked(now: now)
        return try await database.write { transaction in
            _ = try CaseAccess.owned(id, by: owner.user, in: transaction)
            var person: Person?
            if facts.isEmpty {
                try transaction.deletePerson(of: id)
            } else {
                let known = try transaction.person(of: id)?.id ?? PersonID()
                let made = Person(id: known, caseID: id, facts: facts, updatedAt: now)
                try transaction.store(made)
                person = made
            }
            try transaction.update(id) { $0.updatedAt = now }
            try transaction.noteNews(of: id, at: now)
            try transaction.append(
                AuditEntry(.smearCase(.update), by: owner.actor, object: id.text, detail: "person", at: now))
            return person
        }
    }
}
