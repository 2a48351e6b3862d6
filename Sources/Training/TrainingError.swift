/// What stops a training.
public struct TrainingError: Error, CustomStringConvertible, Sendable {
    public enum Code: Sendable {
        /// The configuration cannot be carried out.
        case configuration
        /// The images cannot be trained on.
        case data
        /// A file of the run is missing, damaged, or belongs to another run.
        case run
        /// The loss or its gradient became NaN or infinite.
        case notFinite
        /// libtorch reported an error.
        case library
        /// The person asked to stop; the last checkpoint is whole.
        case interrupted
        /// Another process of the training ended, or cannot be reached.
        case processes
    }

    public let code: Code
    /// What was wrong, where, and what would be right.
    public let message: String

    public init(_ code: Code, _ message: String) {
        (self.code, self.message) = (code, message)
    }

    public var description: String { message }
}
