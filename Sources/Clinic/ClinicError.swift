/// What can go wrong with stored things, with the words a reader needs.
public struct ClinicError: Error, Sendable, Equatable, CustomStringConvertible {
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
    /// What is wrong and what to do, for people; no personal data.
    public let message: String
    /// The field of the form or the column concerned, where there is one.
    public let field: String?

    /// - Parameters:
    ///   - code: The kind of failure.
    ///   - message: What is wrong and what to do.
    ///   - field: The field concerned.
    public init(_ code: Code, _ message: String, field: String? = nil) {
        self.code = code
        self.message = message
        self.field = field
    }

    public var description: String { message }
}
