import Clinic
import Findings

/// What a worker keeps of one screening: the answer, and the pictures that show how it came about.
public struct ScreenedImage: Sendable {
    /// What goes into the screening's row.
    public let outcome: ScreeningOutcome
    /// The pictures and their bytes.
    public let pictures: [(kind: PictureKind, bytes: [UInt8])]

    /// - Parameters:
    ///   - outcome: What goes into the screening's row.
    ///   - pictures: The pictures and their bytes.
    public init(outcome: ScreeningOutcome, pictures: [(kind: PictureKind, bytes: [UInt8])]) {
        self.outcome = outcome
        self.pictures = pictures
    }
}
