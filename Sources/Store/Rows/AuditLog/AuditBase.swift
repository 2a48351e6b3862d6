import Clinic
import Foundation

/// Where the audit log begins: the last entry that was removed because of its age, and its hash.
struct AuditBase: Sendable, Equatable {
    let sequence: Int64
    let hash: String
    let isSealed: Bool

    /// Whether the schema has it, which is read as it is, also by a newer program.
    static func isThere(on connection: any SQLConnection) throws -> Bool {
        try connection.number("SELECT COALESCE(MAX(number), 0) FROM schema_migrations") >= 12
    }

    /// - Parameter lock: Ends the SELECT.
    /// - Returns: Nil where the mark is gone.
    static func read(on connection: any SQLConnection, by chain: AuditChain, lock: String = "") throws -> AuditBase? {
        guard let row = try connection.first("SELECT sequence, hash, seal FROM audit_base WHERE id = 1" + lock) else {
            return nil
        }
        let (sequence, hash, seal): (Int64, String, String) = try (row["sequence"], row["hash"], row["seal"])
        let isWhole = sequence == 0 && hash.isEmpty && seal.isEmpty
        return AuditBase(
            sequence: sequence, hash: hash, isSealed: isWhole || seal == chain.baseSeal(sequence: sequence, hash: hash))
    }
}

extension AuditBase {
    /// Whether an anchor is of an entry that was removed, as far as can still be told.
    func holds(_ anchor: AuditAnchor) -> Bool {
        anchor.sequence < sequence || (anchor.sequence == sequence && anchor.hash == hash)
    }
}

extension SQLTransaction {
    func cutAudit(before: Date, limit: Int) throws -> Int {
        // What waits is young, and its turn is at the end of the transaction.
        let head = try connection.number(
            "SELECT sequence FROM audit_head WHERE id = 1" + connection.dialect.forUpdate)
        guard let base = try AuditBase.read(on: connection, by: auditChain, lock: connection.dialect.forUpdate),
            base.isSealed
        else { throw Self.damaged(1) }
        let records = try connection.all(
            Self.auditLog, "WHERE sequence > ? AND sequence < ? ORDER BY sequence LIMIT ?", base.sequence,
            Int64(head), limit)
        var (sequence, hash) = (base.sequence, base.hash)
        for record in records.prefix(while: { $0.entry.at < before }) {
            guard record.sequence == sequence + 1,
                record.hash == auditChain.hash(record.entry, sequence: record.sequence, after: hash)
            else { throw Self.damaged(sequence + 1) }
            (sequence, hash) = (record.sequence, record.hash)
        }
        guard sequence > base.sequence else { return 0 }
        try connection.execute("DELETE FROM audit_log WHERE sequence > ? AND sequence <= ?", base.sequence, sequence)
        try connection.execute(
            "UPDATE audit_base SET sequence = ?, hash = ?, seal = ? WHERE id = 1", sequence, hash,
            auditChain.baseSeal(sequence: sequence, hash: hash))
        return Int(sequence - base.sequence)
    }

    private static func damaged(_ sequence: Int64) -> ClinicError {
        ClinicError(
            .corrupt,
            fault:
                "The audit log is not as it was written at entry \(sequence), so nothing is removed from it; run `leukoscope audit verify`."
        )
    }
}
