import Foundation

/// That something was deleted for good, kept as its bare identifier, so that a backup of before does not bring it back.
public struct Erasure: Sendable, Hashable {
    /// What was deleted.
    public enum Kind: String, Sendable, CaseIterable {
        case account, smearCase = "case", image, document, dependent, slide
    }

    public let kind: Kind
    /// Its identifier.
    public let id: String
    public let at: Date

    public init(_ kind: Kind, _ id: String, at: Date) {
        (self.kind, self.id, self.at) = (kind, id, at)
    }
}

/// What was deleted for good.
public protocol ErasureRows {
    /// Writes it down; what is known already stays as it is.
    func note(_ erasure: Erasure) throws
    /// All of them.
    func erasures() throws -> [Erasure]
}

extension Erasure {
    /// Deletes what is named, with everything that belongs to it, and writes that down.
    ///
    /// - Parameters:
    ///   - actor: Who does it.
    ///   - detail: For the audit log.
    ///   - now: When this is done; nil for `at`.
    ///   - transaction: In which nobody has to be asked any more.
    /// - Returns: The keys of the files that are nobody's now; nil when there is no such thing.
    public func carryOut(
        by actor: AuditEntry.Actor, detail: String = "", now: Date? = nil, in transaction: any ClinicTransaction
    ) throws -> [String]? {
        guard let (action, keys) = try delete(in: transaction) else { return nil }
        try transaction.forgetObjects(keys)
        try transaction.note(self)
        try transaction.append(AuditEntry(action, by: actor, object: id, detail: detail, at: now ?? at))
        return keys
    }

    private func delete(in transaction: any ClinicTransaction) throws -> (AuditAction, [String])? {
        switch kind {
        case .account:
            guard let user = UserID(id), try transaction.user(user) != nil else { return nil }
            return (.user(.delete), try Accounts.erase(user, at: at, in: transaction).archiveKeys)
        case .smearCase:
            guard let smearCase = CaseID(id), try transaction.smearCase(smearCase) != nil else { return nil }
            let keys =
                try transaction.images(of: smearCase).map(\.archiveKey)
                + transaction.screenings(of: smearCase).map { "screenings/\($0.id)/" }
                + transaction.slides(of: smearCase).map(\.archiveFolder)
            try transaction.deleteCase(smearCase)
            return (.smearCase(.delete), keys)
        case .image:
            guard let image = try ImageID(id).flatMap({ try transaction.image($0) }) else { return nil }
            let screening = try transaction.screening(of: image.id)
            try transaction.deleteImage(image.id)
            try transaction.noteNews(of: image.caseID, at: at)
            return (.image(.delete), [image.archiveKey] + (screening.map { ["screenings/\($0.id)/"] } ?? []))
        case .document:
            guard let document = try DocumentID(id).flatMap({ try transaction.document($0) }) else { return nil }
            try transaction.deleteDocument(document.id)
            return (.document(.delete), [document.archiveKey])
        case .dependent:
            guard let dependent = DependentID(id), try transaction.dependent(dependent) != nil else { return nil }
            try transaction.deleteDependent(dependent)
            return (.person(.delete), [])
        case .slide:
            guard let slide = try SlideID(id).flatMap({ try transaction.slide($0) }) else { return nil }
            try transaction.deleteSlide(slide.id)
            return (.slide(.delete), [slide.archiveFolder])
        }
    }
}
