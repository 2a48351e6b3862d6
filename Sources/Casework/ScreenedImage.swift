import Clinic
import Findings
import Imaging

/// What a worker keeps of one screening: the answer, and the pictures that show how it came about.
public struct ScreenedImage: Sendable {
    /// What was found.
    public let outcome: ScreeningOutcome
    /// How it came about, as JSON.
    public let analyticsJSON: String
    /// The pictures and their bytes.
    public let pictures: [(kind: PictureKind, bytes: [UInt8])]
    /// The white cells that were found, as the network typed them.
    public let cells: [NetworkCell]
    /// By what other images of the case are found that show the same field; nil where only the same file is found.
    public let likeness: FieldLikeness?

    /// - Parameters:
    ///   - outcome: What was found.
    ///   - analyticsJSON: How it came about.
    ///   - pictures: The pictures and their bytes.
    ///   - cells: The white cells that were found.
    ///   - likeness: By what images of the same field are found.
    public init(
        outcome: ScreeningOutcome, analyticsJSON: String, pictures: [(kind: PictureKind, bytes: [UInt8])],
        cells: [NetworkCell] = [], likeness: FieldLikeness? = nil
    ) {
        (self.outcome, self.analyticsJSON, self.pictures) = (outcome, analyticsJSON, pictures)
        (self.cells, self.likeness) = (cells, likeness)
    }
}

/// What a worker did, for pages that wait, metrics and logs.
public enum WorkerEvent: Sendable {
    /// A screening was taken up.
    case began(ScreeningRecord)
    /// Its answer is stored.
    case finished(ScreeningRecord, ScreeningOutcome)
    /// It was given up, and this is stored.
    case failed(ScreeningRecord, reason: Message)
    /// Archive or database refused; the work is tried again.
    case interrupted(ScreeningRecord?, any Error)

    /// The case concerned, where there is one.
    public var caseID: CaseID? {
        switch self {
        case .began(let record), .finished(let record, _), .failed(let record, _): record.caseID
        case .interrupted(let record, _): record?.caseID
        }
    }
}
