import Clinic
import Foundation

/// Deletes cases and images: the rows first, in one transaction with the audit entry, then the files.
///
/// The rows are the truth: once they are gone the files are nobody's, and those that a crash leaves are the sweeper's.
public struct CaseRemoval: Sendable {
    private let database: any ClinicDatabase
    private let archive: any ImageArchive
    private let clock: @Sendable () -> Date

    public init(
        database: any ClinicDatabase, archive: any ImageArchive, clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.database, self.archive, self.clock) = (database, archive, clock)
    }

    /// Deletes a case with all that belongs to it.
    ///
    /// - Throws: `ClinicError.notFound` for anybody but its owner; `.storage` when the rows are gone and a file is not.
    public func removeCase(_ id: CaseID, of owner: User, by actor: AuditEntry.Actor) async throws {
        let keys = try await database.write { [clock] transaction in
            _ = try CaseAccess.owned(id, by: owner, in: transaction)
            return try Erasure(.smearCase, id.text, at: clock()).carryOut(by: actor, in: transaction) ?? []
        }
        for key in keys { try await archive.remove(key) }
        try await database.eraseTraces()
    }

    /// Removes somebody from care with all cases that are theirs.
    ///
    /// - Throws: `ClinicError.notFound` for anybody but their guardian; `.storage` as `removeCase`.
    public func removeDependent(_ id: DependentID, by guardian: Principal) async throws {
        let care = Care(database: database, clock: clock)
        while true {
            let cases = try await care.entry(id, for: guardian).cases
            guard !cases.isEmpty else { break }
            for smearCase in cases {
                try await removeCase(smearCase.id, of: guardian.user, by: guardian.actor)
            }
        }
        try await care.remove(id, movingCases: nil, by: guardian)
    }

    /// Deletes a whole slide with its file; the images of its fields stay.
    ///
    /// - Throws: As `removeCase`.
    public func removeSlide(_ id: SlideID, in caseID: CaseID, by owner: Principal) async throws {
        let folder = try await CaseSlides(database: database, clock: clock).delete(id, in: caseID, by: owner)
        try await archive.remove(folder)
        try await database.eraseTraces()
    }

    /// Deletes one image of a case with its screening.
    ///
    /// - Throws: As `removeCase`; `ClinicError.notFound` also for an image of another case.
    public func removeImage(
        _ id: ImageID, in caseID: CaseID, of owner: User, by actor: AuditEntry.Actor
    ) async throws {
        let keys = try await database.write { [clock] transaction in
            _ = try CaseAccess.owned(caseID, by: owner, in: transaction)
            guard let image = try transaction.image(id), image.caseID == caseID else {
                throw ClinicError(.notFound, "errors.nothingHere")
            }
            let now = clock()
            let keys = try Erasure(.image, id.text, at: now).carryOut(
                by: actor, detail: "case=\(caseID)", in: transaction)
            try transaction.update(caseID) { $0.updatedAt = now }
            return keys ?? []
        }
        for key in keys { try await archive.remove(key) }
        try await database.eraseTraces()
    }
}
