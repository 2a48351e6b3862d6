/// Whether an image gets an answer.
public enum Decision: String, Codable, Sendable, CaseIterable {
    /// One class stands out.
    case report
    /// Several classes remain possible, or none is likely enough.
    case uncertain
    /// The image is too poor, or unlike what the model was validated on: the class means nothing.
    case rejected
}
