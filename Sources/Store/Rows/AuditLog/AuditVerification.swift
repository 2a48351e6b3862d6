import Clinic
import Foundation

/// The result of walking the audit log from its first entry to its head.
public struct AuditVerification: Sendable, Equatable {
    /// The first entry that is not as it was written.
    public struct Break: Sendable, Equatable {
        /// The sequence number that is altered, missing or in the wrong place.
        public let sequence: Int64
        /// What is wrong, for people.
        public let reason: String
    }

    /// Entries that are as they were written, up to the break, with those that were removed because of their age.
    public let entries: Int64
    /// The hash of the last of them; kept elsewhere, it proves later that the log was not set back as a whole.
    public let hash: String
    /// Nil when the whole log is as it was written.
    public let firstBreak: Break?
}

extension MaintainedDatabase {
    /// Checks every entry, the order, the gaps and the end of the audit log, all in one state of the database.
    ///
    /// - Parameter anchors: A file of anchors that the log has to hold.
    /// - Throws: `ClinicError`; `.corrupt` for a line of that file which is none.
    public func verifyAudit(against anchors: URL? = nil) async throws -> AuditVerification {
        let chain = AuditChain(key: auditKey)
        let anchors = try anchors.map { try AuditAnchor.read($0, by: chain) } ?? []
        return try await reading { connection in
            var walk = AuditWalk(chain: chain, anchors: anchors)
            return try walk.run(on: connection)
        }
    }
}

/// The walk along the chain.
private struct AuditWalk {
    private static let page = 1000

    let chain: AuditChain
    /// By the number of their last entry.
    private let anchors: [Int64: [AuditAnchor]]
    private var sequence: Int64 = 0
    private var hash = ""

    init(chain: AuditChain, anchors: [AuditAnchor]) {
        self.chain = chain
        self.anchors = Dictionary(grouping: anchors, by: \.sequence)
    }

    mutating func run(on connection: any SQLConnection) throws -> AuditVerification {
        if try AuditBase.isThere(on: connection) {
            guard let base = try AuditBase.read(on: connection, by: chain), base.isSealed else {
                return broken(at: 1, "the mark of where the log begins was altered")
            }
            (sequence, hash) = (base.sequence, base.hash)
            if let anchor = anchors[base.sequence]?.first(where: { $0.hash != base.hash }) {
                return broken(at: base.sequence, Self.replaced(anchor))
            }
        }
        // The lowest possible number to start with: an entry at 0 or below was not written by this program.
        var last = Int64.min
        while true {
            let rows = try connection.query(
                "SELECT area, \(SQLTransaction.auditLog.list) FROM audit_log WHERE sequence > ? ORDER BY sequence LIMIT ?",
                last, Self.page)
            for row in rows {
                last = try row["sequence"]
                if let reason = reason(against: row, at: last) {
                    // After a gap, what is missing is the first thing wrong.
                    return broken(at: min(last, sequence + 1), reason)
                }
            }
            if rows.count < Self.page { return try end(on: connection) }
        }
    }

    /// Why an entry is not the next of the chain; nil when it is, and then it is the last one seen.
    private mutating func reason(against row: SQLRow, at found: Int64) -> String? {
        guard found == sequence + 1 else { return "entries are missing or were put in" }
        do {
            let record = try SQLTransaction.auditLog.value(row)
            guard try row["area"] == AuditAction.area(of: record.entry.action.name),
                record.hash == chain.hash(record.entry, sequence: found, after: hash)
            else { return "the entry was altered, or the key is not the one it was written with" }
            if let anchor = anchors[found]?.first(where: { $0.hash != record.hash }) {
                return Self.replaced(anchor)
            }
            (sequence, hash) = (found, record.hash)
            return nil
        } catch {
            return "the entry cannot be read"
        }
    }

    private static func replaced(_ anchor: AuditAnchor) -> String {
        "the entry is not that of the anchor of \(anchor.at.formatted(.iso8601)): the log was replaced"
    }

    private func end(on connection: any SQLConnection) throws -> AuditVerification {
        guard let head = try connection.first("SELECT sequence, hash, seal FROM audit_head WHERE id = 1") else {
            return broken(at: sequence + 1, "the head of the log is gone")
        }
        let (number, headHash, seal): (Int64, String, String) = try (head["sequence"], head["hash"], head["seal"])
        if number > sequence { return broken(at: sequence + 1, "the end of the log was cut off") }
        if number < sequence { return broken(at: number + 1, "entries were put in after the end of the log") }
        // Before the head of an empty log was sealed.
        let isUnsealed =
            try number == 0 && seal.isEmpty
            && connection.number("SELECT COALESCE(MAX(number), 0) FROM schema_migrations") < 5
        guard headHash == hash, isUnsealed || seal == chain.seal(sequence: number, hash: headHash) else {
            return broken(at: sequence + 1, "the head of the log was altered, or its end was cut off")
        }
        if let anchor = anchors.values.joined().max(by: { $0.sequence < $1.sequence }), anchor.sequence > sequence {
            return broken(
                at: sequence + 1,
                "the log had \(anchor.sequence) entries on \(anchor.at.formatted(.iso8601)): it was set back")
        }
        return AuditVerification(entries: sequence, hash: hash, firstBreak: nil)
    }

    private func broken(at found: Int64, _ reason: String) -> AuditVerification {
        AuditVerification(
            entries: sequence, hash: hash, firstBreak: AuditVerification.Break(sequence: found, reason: reason))
    }
}
