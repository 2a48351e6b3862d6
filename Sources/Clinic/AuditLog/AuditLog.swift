import Foundation

/// The audit log as administrators read it.
public struct AuditLog: Sendable {
    private let database: any ClinicDatabase
    private let clock: @Sendable () -> Date

    public init(database: any ClinicDatabase, clock: @escaping @Sendable () -> Date = { Date() }) {
        self.database = database
        self.clock = clock
    }

    /// Writes down what changes no row.
    public func note(_ action: AuditAction, by actor: AuditEntry.Actor) async throws {
        let entry = AuditEntry(action, by: actor, at: clock())
        try await database.write { try $0.append(entry) }
    }

    /// A part of the log, newest first, with the e-mail addresses of those who acted.
    ///
    /// - Parameters:
    ///   - person: An e-mail address or an account's identifier; empty for everybody.
    ///   - before: A sequence number.
    /// - Throws: `ClinicError.invalid` with field `person` when nobody is meant by it.
    public func page(
        _ filter: AuditFilter, of person: String, before: Int64?, limit: Int, by actor: AuditEntry.Actor
    ) async throws -> (records: [AuditRecord], people: [UserID: String]) {
        let entry = AuditEntry(.audit(.read), by: actor, at: clock())
        return try await database.write { transaction in
            let filter = try Self.filter(filter, of: person, in: transaction)
            let records = try transaction.auditRecords(matching: filter, before: before, limit: limit)
            try transaction.append(entry)
            return (records, try Self.people(in: records, transaction))
        }
    }

    /// Begins an export of the log as it is now, and writes that down.
    ///
    /// - Parameter detail: What is exported, without personal data.
    /// - Returns: What to read with `records`, from before which number on.
    /// - Throws: As `page`.
    public func export(
        _ filter: AuditFilter, of person: String, detail: String, by actor: AuditEntry.Actor
    ) async throws -> (filter: AuditFilter, before: Int64) {
        let entry = AuditEntry(.audit(.export), by: actor, detail: detail, at: clock())
        return try await database.write { transaction in
            let filter = try Self.filter(filter, of: person, in: transaction)
            let head = try transaction.auditHead().sequence
            try transaction.append(entry)
            return (filter, head + 1)
        }
    }

    /// The next records of an export, newest first.
    public func records(matching filter: AuditFilter, before: Int64, limit: Int) async throws -> [AuditRecord] {
        try await database.read { try $0.auditRecords(matching: filter, before: before, limit: limit) }
    }

    private static func filter(
        _ filter: AuditFilter, of person: String, in transaction: any UserRows
    ) throws -> AuditFilter {
        guard !person.isEmpty else { return filter }
        // Of an account that was deleted only the identifier is left.
        guard let user = try transaction.user(typed: person)?.id ?? UserID(person) else {
            throw ClinicError(.invalid, "errors.audit.nobody", field: "person")
        }
        var filter = filter
        filter.userID = user
        return filter
    }

    private static func people(in records: [AuditRecord], _ transaction: any UserRows) throws -> [UserID: String] {
        var people: [UserID: String] = [:]
        for record in records {
            guard let id = record.entry.actor.userID, people[id] == nil else { continue }
            people[id] = try transaction.user(id)?.email
        }
        return people
    }
}
