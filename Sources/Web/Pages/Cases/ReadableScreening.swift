import Clinic
import Findings
import Foundation

/// A screening with as much around it as the one who asks may see.
struct ReadableScreening: Sendable {
    let screening: ScreeningRecord
    let image: CaseImage
    /// Its case; nil for a clinician, who sees single screenings and nothing of the case that they are from.
    let smearCase: SmearCase?
    /// Signed readings that this person may see.
    let readings: [SignedReading]
    /// Whether it is this person's own, to share and to delete.
    let isOwner: Bool

    /// - Throws: `ClinicError.notFound` for somebody who may not know of it.
    init(_ id: ScreeningID, for user: User, in transaction: any ClinicTransaction) throws {
        screening = try ScreeningAccess.readable(id, by: user, in: transaction)
        guard let image = try transaction.image(screening.imageID),
            let smearCase = try transaction.smearCase(screening.caseID)
        else { throw WebError.nothingHere }
        self.image = image
        isOwner = smearCase.ownerID == user.id
        self.smearCase = isOwner || user.role == .administrator ? smearCase : nil
        readings = try SignedReading.shown(
            of: transaction.readings(of: id), to: user, owner: smearCase.ownerID, in: transaction)
    }

    /// The answer and when it came.
    ///
    /// - Throws: `WebError.conflict` until there is one.
    var finished: (result: ScreeningOutcome, at: Date) {
        get throws {
            if screening.state == .failed {
                throw WebError(.conflict, "This screening failed; there is no answer.")
            }
            guard let result = try screening.answer, let at = screening.finishedAt else {
                throw WebError(.conflict, "This screening is not done yet.", retryAfterSeconds: 1)
            }
            return (result, at)
        }
    }
}

extension SiteServices {
    /// Reads a screening for somebody who may see it, and writes that down, in one transaction.
    ///
    /// - Parameters:
    ///   - id: The screening, as the path names it.
    ///   - principal: Who asks.
    ///   - action: What the audit log calls it.
    ///   - detail: Further facts for the log.
    /// - Throws: `ClinicError.notFound` for everybody who may not see it.
    func screening(
        _ id: ScreeningID, for principal: Principal, action: String, detail: String = ""
    ) async throws -> ReadableScreening {
        let entry = AuditEntry(action, by: principal.actor, object: id.text, detail: detail, at: clock())
        return try await database.write { transaction in
            let found = try ReadableScreening(id, for: principal.user, in: transaction)
            try transaction.append(entry)
            return found
        }
    }
}
