import Findings

/// What can go wrong with stored things.
public struct ClinicError: ToldError, Equatable {
    /// The kinds of failure.
    public enum Code: String, Sendable, CaseIterable {
        /// There is no such thing, or the asker may not know of it.
        case notFound
        /// Another one has this unique value already.
        case duplicate
        /// A value breaks a rule; the message names the field.
        case invalid
        /// The asker may not do this.
        case forbidden
        /// The asker hid the network's answers until they have signed a reading.
        case hidden
        /// Somebody has to read the notice and agree first.
        case consentNeeded
        /// An amount is used up (storage, images a day).
        case quotaExceeded
        /// Too much of one kind of work waits; another try in a moment makes sense.
        case busy
        /// The database's schema is newer than this program.
        case newerSchema
        /// The database cannot be reached or refused the work.
        case databaseUnavailable
        /// A stored row or file is not what was written.
        case corrupt
        /// The disk refused to read or write.
        case storage
    }

    /// The kind of failure.
    public let code: Code
    /// What is wrong and what to do.
    public let message: Message
    /// The field of the form or the column concerned, where there is one.
    public let field: String?

    /// An error with a message that is there already, or a fault for whoever runs the server.
    public init(_ code: Code, _ message: Message, field: String? = nil) {
        (self.code, self.message, self.field) = (code, message, field)
    }

    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - key: The path of the sentence in the catalogue.
    ///   - facts: What the sentence has in place of `{name}`.
    ///   - field: The field concerned.
    public init(_ code: Code, _ key: StaticString, _ facts: [String: any FactConvertible] = [:], field: String? = nil) {
        self.init(code, Message(key, facts: facts), field: field)
    }

    /// An error for whoever runs the server.
    ///
    /// - Parameter detail: Whole sentences in technical English.
    public init(_ code: Code, fault detail: String, field: String? = nil) {
        self.init(code, .fault(detail), field: field)
    }
}
