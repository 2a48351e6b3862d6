import Clinic
import Findings

/// What a worker keeps of one screening: the answer, and the pictures that show how it came about.
public struct ScreenedImage: Sendable {
    /// What was found.
    public let outcome: ScreeningOutcome
    /// How it came about, as JSON.
    public let analyticsJSON: String
    /// The pictures and their bytes.
    public let pictures: [(kind: PictureKind, bytes: [UInt8])]

    /// - Parameters:
    ///   - outcome: What was found.
    ///   - analyticsJSON: How it came about.
    ///   - pictures: The pictures and their bytes.
    public init(outcome: ScreeningOutcome, analyticsJSON: String, pictures: [(kind: PictureKind, bytes: [UInt8])]) {
        (self.outcome, self.analyticsJSON, self.pictures) = (outcome, analyticsJSON, pictures)
    }
}
