/// Why a server of the Open Inference Protocol does not run the network.
public struct RemoteInferenceError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: String, Sendable, CaseIterable {
        /// A setting is wrong or unsafe.
        case configuration
        /// The server was not reached, or did not answer in time.
        case unreachable
        /// The server answered that it will not do what was asked.
        case refused
        /// An answer is not of the protocol, or not what was asked for.
        case malformed
        /// The connection was opened anew, or the model has another version, since the network was proven.
        case changed
        /// The server's network is not the package's.
        case otherNetwork
    }

    /// The kind of failure.
    public let code: Code
    /// What is wrong, for whoever runs the server.
    public let message: String

    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - message: What is wrong.
    public init(_ code: Code, _ message: String) {
        (self.code, self.message) = (code, message)
    }

    public var description: String { message }
}
