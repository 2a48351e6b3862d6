import Findings
import Foundation

/// What other systems read and ask for. Who may see a case is asked as on its page; each look is in the audit log.
public struct Exchange: Sendable {
    let cases: Cases

    /// - Parameter cases: Whose database, rule, notice and time hold here too.
    public init(_ cases: Cases) { self.cases = cases }

    /// A case, for its owner or an administrator.
    ///
    /// - Parameter action: As what it is shown.
    /// - Throws: `ClinicError.notFound` for everybody else.
    public func dossier(
        of id: CaseID, for reader: Principal, _ action: AuditAction = .caseRead(.fhir)
    ) async throws -> CaseDossier {
        guard let found = try await dossiers(of: [id], for: reader, action).first else { throw CaseAccess.missing }
        return found
    }

    /// Those of some cases that are there and that somebody may see, in the order in which they are named.
    ///
    /// - Parameter action: As what they are shown; an entry in the audit log for each.
    public func dossiers(
        of ids: [CaseID], for reader: Principal, _ action: AuditAction = .caseRead(.fhir)
    ) async throws -> [CaseDossier] {
        let now = cases.clock()
        let found = try await cases.database.read { [rule = cases.rule] transaction in
            try ids.compactMap { id -> CaseDossier? in
                do {
                    let smearCase = try CaseAccess.readable(id, by: reader.user, in: transaction)
                    return try CaseDossier(smearCase, for: reader.user, rule: rule, in: transaction)
                } catch let error as ClinicError where error.code == .notFound { return nil }
            }
        }
        let seen = found.map(\.contents.smearCase.id)
        guard !seen.isEmpty else { return [] }
        // Apart, and before anybody is told: what is read is long, and others write meanwhile.
        try await cases.database.write { transaction in
            for id in seen {
                try transaction.append(AuditEntry(action, by: reader.actor, object: id.text, at: now))
                try transaction.noteUse(of: id, at: now)
            }
        }
        return found
    }

    /// A person's own cases, those first that changed last; one entry in the audit log for all.
    ///
    /// - Returns: At most `limit`.
    public func dossiers(
        matching query: ExchangeQuery, after cursor: CaseCursor?, limit: Int, for owner: Principal
    ) async throws -> [CaseDossier] {
        let entry = AuditEntry(
            .smearCase(.list), by: owner.actor, object: owner.userID.text, detail: "fhir", at: cases.clock())
        let found = try await cases.database.read { [rule = cases.rule] transaction in
            try transaction.cases(of: owner.userID, matching: query, after: cursor, limit: limit)
                .map { try CaseDossier($0, for: owner.user, rule: rule, in: transaction) }
        }
        try await cases.database.write { transaction in
            try transaction.append(entry)
            for dossier in found { try transaction.noteUse(of: dossier.contents.smearCase.id, at: entry.at) }
        }
        return found
    }
}
