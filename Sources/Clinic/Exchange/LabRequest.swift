import Foundation

public typealias LabRequestID = Identifier<LabRequest>

/// What another system asks for: a sample that is to be looked at. It belongs to a case and goes with it.
public struct LabRequest: Sendable, Equatable, Codable {
    public let id: LabRequestID
    public let caseID: CaseID
    public let ownerID: UserID
    /// The order's, of whoever asks; the same again is the same request.
    public let identifier: PersonIdentifier
    /// What is asked for.
    public let title: String
    /// Who asks, in words; empty where that is not said.
    public let requester: String
    /// When it was asked, as it was written (FHIR's `dateTime`); empty where that is not said.
    public let authoredOn: String
    public let createdAt: Date

    public init(
        id: LabRequestID = LabRequestID(), caseID: CaseID, ownerID: UserID, identifier: PersonIdentifier,
        title: String, requester: String = "", authoredOn: String = "", createdAt: Date
    ) {
        (self.id, self.caseID, self.ownerID, self.identifier) = (id, caseID, ownerID, identifier)
        (self.title, self.requester, self.authoredOn, self.createdAt) = (title, requester, authoredOn, createdAt)
    }
}

/// An identifier that somebody looks for.
public struct IdentifierQuery: Sendable, Equatable, Codable {
    /// Whose.
    public enum Holder: String, Sendable, Codable { case person, request }

    public let holder: Holder
    /// Nil for any; empty for none.
    public let namespace: String?
    public let value: String

    public init(_ holder: Holder, namespace: String?, value: String) {
        (self.holder, self.namespace, self.value) = (holder, namespace, value)
    }

    /// Whether an identifier is the one that is looked for.
    public func names(_ identifier: PersonIdentifier) -> Bool {
        identifier.value == value && (namespace == nil || identifier.namespace == namespace)
    }
}

/// Which cases another system looks for.
public struct ExchangeQuery: Sendable, Equatable {
    /// All of them must fit.
    public var identifiers: [IdentifierQuery]
    /// Changed at this moment or later.
    public var since: Date?
    /// Changed before this moment.
    public var before: Date?

    public init(identifiers: [IdentifierQuery] = [], since: Date? = nil, before: Date? = nil) {
        (self.identifiers, self.since, self.before) = (identifiers, since, before)
    }
}

/// Requests of other systems, and what they look for.
public protocol ExchangeRows {
    func insert(_ request: LabRequest) throws
    /// Of a case, the oldest first.
    func labRequests(of smearCase: CaseID) throws -> [LabRequest]
    /// A person's own cases, those first that changed last.
    func cases(of owner: UserID, matching query: ExchangeQuery, after: CaseCursor?, limit: Int) throws -> [SmearCase]
}
