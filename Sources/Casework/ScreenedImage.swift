import Clinic

/// What a worker keeps of one screening: the answer, and the pictures that show how it came about.
public struct ScreenedImage: Sendable {
    /// What goes into the screening's row.
    public let outcome: ScreeningOutcome
    /// Names and bytes of the pictures.
    public let pictures: [(name: String, bytes: [UInt8])]

    /// - Parameters:
    ///   - outcome: What goes into the screening's row.
    ///   - pictures: Names, as the archive allows them in a key, and bytes.
    public init(outcome: ScreeningOutcome, pictures: [(name: String, bytes: [UInt8])]) {
        self.outcome = outcome
        self.pictures = pictures
    }
}
