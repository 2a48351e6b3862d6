/// Why a network could not be loaded or run.
public struct InferenceError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, for a program to switch over.
    public enum Code: String, Sendable, CaseIterable {
        /// The network or the runtime could not be loaded.
        case loadFailed
        /// An input or output has another name, shape or type than the model package states.
        case wrongShape
        /// The runtime failed while computing.
        case runFailed
        /// The network was given, or answered with, a value that is no finite number.
        case notFinite
        /// More tasks wait for the engine than its options allow.
        case overloaded
    }

    /// What went wrong.
    public let code: Code
    /// One sentence for the reader.
    public let message: String
    /// The text of the runtime's own error.
    public let underlying: String?

    /// - Parameters:
    ///   - code: What went wrong.
    ///   - message: One sentence for the reader.
    ///   - underlying: The text of the runtime's own error.
    public init(_ code: Code, _ message: String, underlying: String? = nil) {
        (self.code, self.message, self.underlying) = (code, message, underlying)
    }

    /// The message with its cause, on one line.
    public var description: String {
        underlying.map { "\(message): \($0)" } ?? message
    }
}
