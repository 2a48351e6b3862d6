/// Why figures or spans cannot leave the server.
public struct TelemetryError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        /// The endpoint is none.
        case configuration
        /// The collector was not reached or did not take what was sent.
        case notTaken
    }

    public let code: Code
    /// For whoever runs the server.
    public let description: String

    init(_ code: Code, _ description: String) {
        (self.code, self.description) = (code, description)
    }
}
