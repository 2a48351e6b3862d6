import Foundation

/// A breach of people's data, or what somebody asked for about their own, and what was done.
public struct PrivacyRecord: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        case breach, access, correction, erasure

        /// Within how long it has to be answered. A breach is told to the authority within 72 hours (GDPR, article 33; rule
        /// 7 of India's DPDP Rules 2025), a request is answered within a month (GDPR, article 12).
        public var period: TimeInterval {
            switch self {
            case .breach: 72 * 3600
            case .access, .correction, .erasure: 30 * 86_400
            }
        }
    }

    public let id: PrivacyRecordID
    public let kind: Kind
    /// When it became known, or was asked for.
    public let knownAt: Date
    /// What is known of it, for the operator.
    public let note: String
    public let recordedAt: Date
    /// When it was answered; nil while it is open.
    public var settledAt: Date?
    /// What was done.
    public var settlement: String

    public var dueAt: Date { knownAt.addingTimeInterval(kind.period) }

    public init(
        id: PrivacyRecordID = PrivacyRecordID(), _ kind: Kind, knownAt: Date, note: String, recordedAt: Date,
        settledAt: Date? = nil, settlement: String = ""
    ) {
        (self.id, self.kind, self.knownAt, self.note) = (id, kind, knownAt, note)
        (self.recordedAt, self.settledAt, self.settlement) = (recordedAt, settledAt, settlement)
    }

    /// `open`, `overdue` or `settled`.
    public func state(at now: Date) -> String { settledAt != nil ? "settled" : isOverdue(at: now) ? "overdue" : "open" }

    /// The heads of the record as a table.
    public static let columns = [
        "id", "state", "kind", "known_at", "due_at", "note", "recorded_at", "settled_at", "settlement",
    ]

    /// The record as a row of that table; moments in ISO 8601.
    public func fields(at now: Date) -> [String] {
        [
            id.text, state(at: now), kind.rawValue, knownAt.formatted(.iso8601), dueAt.formatted(.iso8601), note,
            recordedAt.formatted(.iso8601), settledAt?.formatted(.iso8601) ?? "", settlement,
        ]
    }

    /// Whether nothing was done in time.
    public func isOverdue(at now: Date) -> Bool { settledAt == nil && dueAt < now }
}

public typealias PrivacyRecordID = Identifier<PrivacyRecord>

/// The record of breaches and requests.
public protocol PrivacyRows {
    func insert(_ record: PrivacyRecord) throws
    func privacyRecord(_ id: PrivacyRecordID) throws -> PrivacyRecord?
    /// Stores when and how it was settled.
    func settle(_ record: PrivacyRecord) throws
    /// All, or those that are open, by when they became known, the oldest first.
    func privacyRecords(onlyOpen: Bool) throws -> [PrivacyRecord]
}

/// What operators do with the record of breaches and requests. Each act stands in the audit log, without its words.
public struct PrivacyRegister: Sendable {
    /// Characters of a note.
    public static let longestNote = 2000

    private let database: any ClinicDatabase
    private let clock: @Sendable () -> Date

    public init(database: any ClinicDatabase, clock: @escaping @Sendable () -> Date = { Date() }) {
        (self.database, self.clock) = (database, clock)
    }

    /// Writes down a breach or a request.
    ///
    /// - Parameters:
    ///   - knownAt: When it became known; not later than now. Nil for now.
    ///   - actor: An administrator, or whoever is at the command line.
    /// - Throws: `ClinicError.invalid` with field `knownAt` for a moment to come, and `note` for one that is empty or too long.
    public func record(
        _ kind: PrivacyRecord.Kind, knownAt: Date?, note: String, by actor: AuditEntry.Actor = .system
    ) async throws -> PrivacyRecord {
        let now = clock()
        let knownAt = knownAt ?? now
        guard knownAt <= now else { throw ClinicError(.invalid, "errors.privacy.future", field: "knownAt") }
        let record = PrivacyRecord(kind, knownAt: knownAt, note: try Self.checked(note, "note"), recordedAt: now)
        try await database.write { transaction in
            try transaction.insert(record)
            try transaction.append(
                AuditEntry(
                    .privacy(.record), by: actor, object: record.id.text, detail: "kind=\(kind.rawValue)", at: now))
        }
        return record
    }

    /// Writes down what was done.
    ///
    /// - Throws: `ClinicError.notFound`; `.invalid` with field `settlement` for what is settled already, and as `record`.
    public func settle(
        _ id: PrivacyRecordID, settlement: String, by actor: AuditEntry.Actor = .system
    ) async throws {
        let now = clock()
        try await database.write { transaction in
            guard var record = try transaction.privacyRecord(id) else {
                throw ClinicError(.notFound, "errors.privacy.none")
            }
            guard record.settledAt == nil else {
                throw ClinicError(.invalid, "errors.privacy.settled", field: "settlement")
            }
            record.settledAt = now
            record.settlement = try Self.checked(settlement, "settlement")
            try transaction.settle(record)
            try transaction.append(AuditEntry(.privacy(.settle), by: actor, object: id.text, at: now))
        }
    }

    /// The record, which is noted where it is taken along.
    public func records(
        onlyOpen: Bool, forExport: Bool = false, by actor: AuditEntry.Actor = .system
    ) async throws -> [PrivacyRecord] {
        let now = clock()
        guard forExport else { return try await database.read { try $0.privacyRecords(onlyOpen: onlyOpen) } }
        return try await database.write { transaction in
            try transaction.append(AuditEntry(.privacy(.export), by: actor, at: now))
            return try transaction.privacyRecords(onlyOpen: onlyOpen)
        }
    }

    private static func checked(_ note: String, _ field: String) throws -> String {
        let note = note.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !note.isEmpty, note.count <= longestNote else {
            throw ClinicError(.invalid, "errors.privacy.note", ["maximum": longestNote], field: field)
        }
        return note
    }
}
