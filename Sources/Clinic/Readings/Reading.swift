import Findings
import Foundation

/// A clinician's own reading of a screening that was shared. A signed one never changes; a change of mind is another
/// revision.
public struct Reading: Sendable, Equatable, Codable, CountedReading {
    public let id: ReadingID
    public let screeningID: ScreeningID
    public let readerID: UserID
    /// 1, 2, 3 … of this reader for this screening; the highest signed one counts.
    public let revision: Int
    /// What the reader sees.
    public var label: ReaderLabel
    /// What an `otherFinding` is, as far as the list has it, in its order; empty for every other answer.
    public var findings: [SmearFinding]
    public var comment: String
    /// What the network had said, at the time of signing.
    public var networkLabel: SmearClass
    public var networkDecision: Decision
    public var modelName: String
    public var modelVersion: String
    /// Whether the network's answer was hidden from the reader until the reading was signed; people who see an answer
    /// first tend to agree with it (automation bias: Goddard, Roudsari and Wyatt, JAMIA 19 (2012), 121–127).
    public var isBlind: Bool
    /// Whether a later reading of the whole case settled it; of one that was signed.
    public let isSettled: Bool
    /// nil while it is a draft.
    public var signedAt: Date?
    public let createdAt: Date
    public var updatedAt: Date

    public init(
        id: ReadingID = ReadingID(), screeningID: ScreeningID, readerID: UserID, revision: Int, label: ReaderLabel,
        findings: [SmearFinding] = [], comment: String = "", networkLabel: SmearClass, networkDecision: Decision,
        modelName: String, modelVersion: String,
        isBlind: Bool = false, isSettled: Bool = false, signedAt: Date? = nil, createdAt: Date, updatedAt: Date
    ) {
        (self.id, self.screeningID, self.readerID) = (id, screeningID, readerID)
        (self.revision, self.label, self.comment) = (revision, label, comment)
        self.findings = SmearFinding.ordered(findings)
        (self.networkLabel, self.networkDecision, self.modelName) = (networkLabel, networkDecision, modelName)
        (self.modelVersion, self.isBlind, self.isSettled) = (modelVersion, isBlind, isSettled)
        self.signedAt = signedAt
        (self.createdAt, self.updatedAt) = (createdAt, updatedAt)
    }

    public var order: String { id.text }
}

/// A screening that was shared with a clinician, as a line of the work list.
public struct SharedScreening: Sendable, Equatable {
    public let screeningID: ScreeningID
    public let caseID: CaseID
    public let patientID: UserID
    /// Of whose account it is.
    public let patientName: String
    /// Whether the sample is of somebody in the care of that patient.
    public let isOfDependent: Bool
    public let sharedAt: Date
    /// What the network said.
    public let finding: Finding
    /// Whether this clinician has signed a reading of it.
    public let isSigned: Bool

    public init(
        screeningID: ScreeningID, caseID: CaseID, patientID: UserID, patientName: String,
        isOfDependent: Bool = false, sharedAt: Date, finding: Finding, isSigned: Bool
    ) {
        (self.screeningID, self.caseID, self.patientID) = (screeningID, caseID, patientID)
        self.isOfDependent = isOfDependent
        (self.patientName, self.sharedAt, self.finding) = (patientName, sharedAt, finding)
        self.isSigned = isSigned
    }
}

/// With whom a screening is shared.
public struct ScreeningShare: Sendable, Equatable {
    public let screeningID: ScreeningID
    /// The clinician.
    public let userID: UserID
    public let sharedAt: Date
    /// Whether the patient agreed that the image, without their name, may be used with this clinician's reading to train
    /// a better model.
    public let allowsTraining: Bool

    public init(screeningID: ScreeningID, userID: UserID, sharedAt: Date, allowsTraining: Bool = false) {
        (self.screeningID, self.userID) = (screeningID, userID)
        (self.sharedAt, self.allowsTraining) = (sharedAt, allowsTraining)
    }
}

public typealias ReadingID = Identifier<Reading>
