import Findings

/// A screening with as much around it as the one who asks may see.
public struct ReadableScreening: Sendable {
    public let screening: ScreeningRecord
    public let image: CaseImage
    /// Its case; nil for a clinician, who sees single screenings and nothing of the case that they are from.
    public let smearCase: SmearCase?
    /// Signed readings that this person may see.
    public let readings: [SignedReading]
    /// Whose sample it is, for those who see the case.
    public let subject: CaseSubject?
    /// Whether it is this person's own, to share and to delete.
    public let isOwner: Bool
    /// What is said of the microscope.
    public let standing: SiteStanding

    /// What the image comes to, the signed readings that this person may see and all; nil until it is screened.
    public var finding: Finding? { screening.finding?.led(by: readings.map(\.reading)) }

    /// - Throws: `ClinicError.notFound` for somebody who may not know of it.
    init(_ id: ScreeningID, for user: User, in transaction: any CaseReadingRows) throws {
        screening = try ScreeningAccess.readable(id, by: user, in: transaction)
        guard let image = try transaction.image(screening.imageID),
            let smearCase = try transaction.smearCase(screening.caseID)
        else { throw CaseAccess.missing }
        self.image = image
        standing = try Sites.standings(of: [screening], in: transaction)[id] ?? .unknown
        isOwner = smearCase.ownerID == user.id
        self.smearCase = isOwner || user.role == .administrator ? smearCase : nil
        subject = try self.smearCase.map { try CaseSubject(of: $0, in: transaction) }
        readings = try SignedReading.shown(
            of: transaction.readings(of: id), to: user, owner: smearCase.ownerID, in: transaction)
    }
}
