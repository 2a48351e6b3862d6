import Clinic
import Foundation

/// A case with everything its pages show, as it stood in one transaction.
struct CaseContents: Sendable {
    /// An image with its screening.
    struct Entry: Sendable {
        let image: CaseImage
        let screening: ScreeningRecord
        /// Screenings before this one in the queue; nil unless it is queued.
        let position: Int?
        /// What doctors signed, one reading of each.
        let readings: [SignedReading]
    }

    let smearCase: SmearCase
    /// In the order of the images' numbers.
    let entries: [Entry]

    /// For the owner or an administrator: nobody else sees a case, and they see every signed reading.
    ///
    /// - Throws: What the database throws.
    init(_ smearCase: SmearCase, in transaction: any ClinicTransaction) throws {
        self.smearCase = smearCase
        let screenings = Dictionary(
            try transaction.screenings(of: smearCase.id).map { ($0.imageID, $0) }, uniquingKeysWith: { $1 })
        let readings = Dictionary(grouping: try transaction.readings(ofCase: smearCase.id), by: \.screeningID)
        entries = try transaction.images(of: smearCase.id).compactMap { image in
            guard let screening = screenings[image.id] else { return nil }
            let position = screening.state == .queued ? try transaction.queuePosition(screening.id) : nil
            return Entry(
                image: image, screening: screening, position: position,
                readings: try SignedReading.all(of: readings[screening.id] ?? [], in: transaction))
        }
    }

    var verdict: CaseVerdict {
        CaseVerdict(
            findings: entries.compactMap(\.screening.finding), pendingCount: pendingCount,
            failedCount: entries.count { $0.screening.state == .failed })
    }

    var pendingCount: Int { entries.count { [.queued, .running].contains($0.screening.state) } }
}

extension SiteServices {
    /// Reads a case for somebody who may see it, and writes that down, in one transaction.
    ///
    /// - Parameters:
    ///   - id: The case, as the path names it.
    ///   - principal: Who asks.
    ///   - action: What the audit log calls it.
    ///   - detail: Further facts for the log.
    /// - Throws: `ClinicError.notFound` for everybody who may not see it.
    func contents(
        of id: CaseID, for principal: Principal, action: String = "case.read", detail: String = ""
    ) async throws -> CaseContents {
        let entry = AuditEntry(action, by: principal.actor, object: id.text, detail: detail, at: clock())
        return try await database.write { transaction in
            let smearCase = try CaseAccess.readable(id, by: principal.user, in: transaction)
            try transaction.append(entry)
            return try CaseContents(smearCase, in: transaction)
        }
    }
}

extension WebContext {
    /// The case that the path names.
    ///
    /// - Throws: `WebError.notFound` for what cannot be an identifier.
    func caseID(_ name: String = "id") throws -> CaseID {
        guard let id = parameters.get(name).flatMap({ CaseID($0) }) else { throw WebError.nothingHere }
        return id
    }
}

extension WebError {
    static var nothingHere: WebError { WebError(.notFound, "There is nothing at this address.") }
}
