import Findings

/// What the work on cases can refuse, apart from what `ClinicError` and `ImagingError` tell.
public struct CaseworkError: ToldError, Equatable {
    /// The kinds of failure.
    public enum Code: String, Sendable, CaseIterable {
        /// As many images wait for their screening as the server takes.
        case queueFull
        /// The key that a sender chose for an upload breaks the rule for such keys.
        case invalidUploadKey
    }

    /// The kind of failure.
    public let code: Code
    /// What is wrong and what to do.
    public let message: Message
    /// Seconds after which another try makes sense, for `queueFull`.
    public let retryAfterSeconds: Int?

    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - key: The path of the sentence in the catalogue.
    ///   - retryAfterSeconds: Seconds after which another try makes sense.
    public init(_ code: Code, _ key: StaticString, retryAfterSeconds: Int? = nil) {
        (self.code, message, self.retryAfterSeconds) = (code, Message("\(key)"), retryAfterSeconds)
    }
}
