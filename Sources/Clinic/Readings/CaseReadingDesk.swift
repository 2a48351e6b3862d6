import Findings
import Foundation

/// A case before its reader: the images of it that are shared with them now.
public struct CaseReadingDesk: Sendable {
    public let caseID: CaseID
    /// Of whose account it is.
    public let patientName: String
    /// Whether the sample is of somebody in the care of that patient.
    public let isOfDependent: Bool
    public let sharedAt: Date
    /// In the order of the images' numbers.
    public let images: [Image]
    /// Images of the case that are not shared with this reader, or not screened yet.
    public let otherImages: Int
    /// What the patient chose to tell; nil where single images are shared.
    public let told: ToldOfCase?
    /// Of this reader, oldest first; the last may be a draft.
    public let readings: [CaseReading]
    /// As they are shown: of this reader, and of others once this reader has signed, so that each reads independently first.
    public let signedReadings: [SignedCaseReading]

    public struct Image: Sendable {
        public let desk: SecondReading.Desk
        public var id: ScreeningID { desk.screening.id }
    }

    public var draft: CaseReading? { readings.last.flatMap { $0.signedAt == nil ? $0 : nil } }
    public var signed: CaseReading? { readings.last { $0.signedAt != nil } }
    /// The number of the revision that is written next or now.
    public var revision: Int { draft?.revision ?? (signed?.revision ?? 0) + 1 }
    /// Images that came after this reader's signature.
    public var newImages: Int { signed.map { signed in images.count { signed.images[$0.id] == nil } } ?? 0 }
    /// Whether the reader has signed the case and every image that is shared now.
    public var isSigned: Bool { signed != nil && newImages == 0 }
}

extension SecondReading {
    /// Characters that name another finding.
    public static let maximumFinding = 200

    /// What a reader wrote of a case.
    public struct CaseEntry: Sendable, Equatable {
        /// nil for what was sent and is none, which is refused.
        public var label: ReaderLabel?
        /// What another finding is, in words.
        public var finding: String
        /// What another finding is, as far as the list has it.
        public var findings: [SmearFinding]
        public var comment: String
        /// Images whose answer is another one than that of the case.
        public var images: [ScreeningID: ReaderLabel]
        public var settles: Bool
        /// The revision that the reader had before them.
        public var revision: Int
        /// The images that the reader had before them, so that none is signed unseen.
        public var seen: Set<ScreeningID>
        /// Whether the network's answers were hidden.
        public var isBlind: Bool

        public init(
            label: ReaderLabel?, finding: String = "", findings: [SmearFinding] = [], comment: String = "",
            images: [ScreeningID: ReaderLabel] = [:], settles: Bool = false, revision: Int, seen: Set<ScreeningID>,
            isBlind: Bool
        ) {
            (self.label, self.finding, self.findings) = (label, finding, SmearFinding.ordered(findings))
            (self.comment, self.images) = (comment, images)
            (self.settles, self.revision, self.seen, self.isBlind) = (settles, revision, seen, isBlind)
        }
    }

    /// Opens a case for reading; written down.
    ///
    /// - Throws: `ClinicError.notFound` for everybody but a clinician with whom an image of it is shared now.
    public func openCase(_ id: CaseID, by user: User, isBlind: Bool) async throws -> CaseReadingDesk {
        let now = clock()
        return try await database.write { transaction in
            let desk = try Self.caseDesk(id, of: user, in: transaction)
            try transaction.noteUse(of: id, at: now)
            let isHidden = isBlind && !desk.isSigned
            try transaction.append(
                AuditEntry(
                    .caseRead(isHidden ? .blindReading : .reading), by: .user(user.id), object: id.text, at: now))
            return desk
        }
    }

    /// Whether a case is shared whole with a clinician who has not signed all that is shared of it.
    ///
    /// - Throws: `ClinicError.notFound` for everybody but its owner and a clinician with whom an image of it is shared now.
    public func isToSign(_ id: CaseID, by user: User) async throws -> Bool {
        try await database.read { transaction in
            guard user.role == .clinician, try transaction.smearCase(id)?.ownerID != user.id else { return false }
            let desk = try Self.caseDesk(id, of: user, in: transaction)
            return desk.told != nil && !desk.isSigned
        }
    }

    static func caseDesk(
        _ id: CaseID, of user: User, in transaction: any CaseReadingRows
    ) throws -> CaseReadingDesk {
        guard user.role == .clinician, let smearCase = try transaction.smearCase(id) else { throw CaseAccess.missing }
        let shared = try transaction.shares(ofCase: id).filter { $0.userID == user.id }
        let images = try shared.compactMap { share -> CaseReadingDesk.Image? in
            guard try transaction.screening(share.screeningID)?.state == .done else { return nil }
            return CaseReadingDesk.Image(desk: try desk(share.screeningID, of: user, in: transaction))
        }
        guard !images.isEmpty else { throw CaseAccess.missing }
        let all = try transaction.caseReadings(of: id)
        let own = all.filter { $0.readerID == user.id }.sorted { $0.revision < $1.revision }
        let hasSigned = own.contains { $0.signedAt != nil }
        return CaseReadingDesk(
            caseID: id, patientName: try transaction.user(smearCase.ownerID)?.name ?? "",
            isOfDependent: smearCase.dependentID != nil,
            sharedAt: shared.map(\.sharedAt).min() ?? smearCase.createdAt, images: images,
            otherImages: try transaction.images(of: id).count - images.count,
            told: try ToldOfCase(of: smearCase, to: user.id, in: transaction), readings: own,
            signedReadings: try SignedCaseReading.all(of: hasSigned ? all : own, in: transaction))
    }
}
