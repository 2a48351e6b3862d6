/// The audit log, which only grows.
public protocol AuditRows {
    /// Adds an entry at the end of the chain.
    func append(_ entry: AuditEntry) throws
    /// Newest first, before a sequence number.
    func auditRecords(matching: AuditFilter, before: Int64?, limit: Int) throws -> [AuditRecord]
    /// Oldest first, after a sequence number, for verification and export.
    func auditRecords(after: Int64, limit: Int) throws -> [AuditRecord]
    /// What the log says of its own end: the last sequence number and hash.
    func auditHead() throws -> (sequence: Int64, hash: String)
}
