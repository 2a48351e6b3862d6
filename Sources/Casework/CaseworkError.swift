/// What the work on cases can refuse, apart from what `ClinicError` and `ImagingError` tell.
public struct CaseworkError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: String, Sendable, CaseIterable {
        /// As many images wait for their screening as the server takes.
        case queueFull
        /// The key that a sender chose for an upload breaks the rule for such keys.
        case invalidUploadKey
    }

    /// The kind of failure.
    public let code: Code
    /// What is wrong and what to do, for people.
    public let message: String
    /// Seconds after which another try makes sense, for `queueFull`.
    public let retryAfterSeconds: Int?

    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - message: What is wrong and what to do.
    ///   - retryAfterSeconds: Seconds after which another try makes sense.
    public init(_ code: Code, _ message: String, retryAfterSeconds: Int? = nil) {
        self.code = code
        self.message = message
        self.retryAfterSeconds = retryAfterSeconds
    }

    public var description: String { message }
}
