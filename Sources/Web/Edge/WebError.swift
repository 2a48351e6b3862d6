import Findings
import Foundation
import NIOCore

/// What can go wrong in the web layer.
public struct WebError: ToldError, Equatable {
    /// The kinds of failure; `Problem` gives each its HTTP status.
    public enum Code: String, Sendable, CaseIterable {
        /// A request's body or header breaks its format.
        case malformedRequest
        /// The body, or the image in it, is larger than the limit.
        case tooLarge
        /// The request is not `multipart/form-data`.
        case notMultipart
        /// The body is of a media type that the route does not read.
        case unsupportedType
        /// The form carries no `image` field, or an empty one.
        case missingImage
        /// The client sent its body more slowly than the server waits.
        case tooSlow
        /// Another site sent the form.
        case crossSite
        /// A form without the token that belongs to this browser.
        case forged
        /// No valid session or bearer token came with the request.
        case unauthorized
        /// The token is valid and does not reach that far.
        case forbidden
        /// This address asked too often.
        case rateLimited
        /// All places in the screening queue are taken.
        case overloaded
        /// No such page.
        case notFound
        /// The page is there and does not know this method.
        case methodNotAllowed
        /// What is asked for is not in the state that it would need.
        case conflict
        /// A start-up setting is wrong or unsafe.
        case configuration
        /// A file of the installation is missing or broken.
        case resource
        /// The address cannot be listened on.
        case addressUnavailable
    }

    /// The kind of failure.
    public let code: Code
    /// What is wrong and what to do.
    public let message: Message
    /// Seconds after which another try makes sense, for `rateLimited` and `overloaded`.
    public let retryAfterSeconds: Int?
    /// Header fields that belong to the answer, such as `Allow`.
    public let fields: [String: String]

    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - key: The path of the sentence in the catalogue.
    ///   - facts: What the sentence has in place of `{name}`.
    ///   - retryAfterSeconds: Value of the `Retry-After` header, where another try makes sense.
    ///   - fields: Header fields that belong to the answer.
    public init(
        _ code: Code, _ key: StaticString, _ facts: [String: any FactConvertible] = [:], retryAfterSeconds: Int? = nil,
        fields: [String: String] = [:]
    ) {
        (self.code, message) = (code, Message(key, facts: facts))
        (self.retryAfterSeconds, self.fields) = (retryAfterSeconds, fields)
    }

    /// An error for whoever runs the server, or whose program talks to it.
    ///
    /// - Parameter detail: Whole sentences in technical English.
    public init(_ code: Code, fault detail: String) {
        (self.code, message, retryAfterSeconds, fields) = (code, .fault(detail), nil, [:])
    }

    /// Says why a server that was built did not run.
    ///
    /// - Parameters:
    ///   - error: What running it threw.
    ///   - configuration: Where it should have listened.
    init(stopping error: any Error, configuration: WebConfiguration) {
        let place = "\(configuration.host):\(configuration.port)"
        let detail =
            switch (error as? IOError)?.errnoCode {
            case EADDRINUSE: "\(place) is taken by another program. Choose another port with --port."
            case EACCES: "\(place) needs more rights. Choose a port over 1023 with --port."
            case EADDRNOTAVAIL: "\(configuration.host) is not an address of this machine."
            default: "\(place) cannot be served: \(error)"
            }
        self.init(.addressUnavailable, fault: detail)
    }
}
