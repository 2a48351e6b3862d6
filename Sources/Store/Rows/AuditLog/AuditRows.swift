import Clinic
import Foundation

extension SQLTransaction {
    static let auditLog = SQLTable<AuditRecord>(
        "audit_log", "sequence at actor user_id token_id action object detail hash"
    ) { row in
        let actor = try AuditEntry.Actor(kind: row["actor"], userID: row["user_id"], tokenID: row["token_id"])
        let entry = try AuditEntry(
            storedAs: row["action"], by: actor, object: row["object"], detail: row["detail"], at: row["at"])
        return try AuditRecord(sequence: row["sequence"], entry: entry, hash: row["hash"])
    }

    func append(_ entry: AuditEntry) throws {
        guard !(entry.action.name + entry.object + entry.detail).utf8.contains(0) else {
            throw ClinicError(.invalid, "errors.texts.nul")
        }
        waitingEntries.append(entry)
    }

    /// Puts the waiting entries at the end of the chain, whose head this transaction then holds until its commit.
    func writeWaitingEntries() throws {
        guard !waitingEntries.isEmpty else { return }
        let entries = waitingEntries
        waitingEntries = []
        var (sequence, hash, seal) = try storedHead(connection.dialect.forUpdate)
        // A head that was altered must not become good again by the next entry: that one never verifies.
        if seal != auditChain.seal(sequence: sequence, hash: hash) { hash = "altered head \(hash)" }
        for entry in entries {
            sequence += 1
            hash = auditChain.hash(entry, sequence: sequence, after: hash)
            try write(AuditRecord(sequence: sequence, entry: entry, hash: hash))
        }
        try connection.execute(
            "UPDATE audit_head SET sequence = ?, hash = ?, seal = ? WHERE id = 1", sequence, hash,
            auditChain.seal(sequence: sequence, hash: hash))
    }

    private func write(_ record: AuditRecord) throws {
        let actor = record.entry.actor
        try connection.execute(
            "INSERT INTO audit_log (\(Self.auditLog.list), area) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            record.sequence, record.entry.at, actor.kind, actor.userID?.text, actor.tokenID?.text,
            record.entry.action.name,
            record.entry.object, record.entry.detail, record.hash, AuditAction.area(of: record.entry.action.name))
    }

    func auditRecords(matching filter: AuditFilter, before: Int64?, limit: Int) throws -> [AuditRecord] {
        try writeWaitingEntries()
        var conditions = ["sequence < ?"]
        var values: [SQLValue] = [.integer(before ?? Int64.max)]
        if let user = filter.userID {
            conditions.append("user_id = ?")
            values.append(.text(user.text))
        }
        if let object = filter.object {
            conditions.append("object = ?")
            values.append(.text(object))
        }
        if let action = filter.action, !action.isEmpty {
            if action.contains(".") {
                conditions.append("area = ?")
                values.append(.text(AuditAction.area(of: action)))
            }
            conditions.append("action >= ? AND action < ?")
            // The actions are ASCII; `~` comes after all that they are made of.
            values += [.text(action), .text(action + "~")]
        }
        if let since = filter.since {
            conditions.append("at >= ?")
            values.append(since.sqlValue)
        }
        if let until = filter.until {
            conditions.append("at < ?")
            values.append(until.sqlValue)
        }
        return try connection.all(
            Self.auditLog, "WHERE \(conditions.joined(separator: " AND ")) ORDER BY sequence DESC LIMIT ?",
            values: values + [.integer(Int64(limit))])
    }

    func auditRecords(after: Int64, limit: Int) throws -> [AuditRecord] {
        try writeWaitingEntries()
        return try connection.all(Self.auditLog, "WHERE sequence > ? ORDER BY sequence LIMIT ?", after, limit)
    }

    func auditHead() throws -> (sequence: Int64, hash: String) {
        try writeWaitingEntries()
        let head = try storedHead()
        return (head.sequence, head.hash)
    }

    private func storedHead(_ lock: String = "") throws -> (sequence: Int64, hash: String, seal: String) {
        guard let row = try connection.first("SELECT sequence, hash, seal FROM audit_head WHERE id = 1" + lock) else {
            throw ClinicError(.corrupt, fault: "The audit log has lost its head; run `leukoscope audit verify`.")
        }
        return try (row["sequence"], row["hash"], row["seal"])
    }
}
