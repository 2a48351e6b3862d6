import Clinic
import Foundation
import Logging

/// Lets go what was kept for its period: unused cases and accounts, and old entries of the audit log.
///
/// Without a policy nothing goes. A case or an account goes only when its owner was told by letter and on their first page,
/// and stayed unused for another 30 days. All these times are in the database, and the clock must not have jumped
/// (`RetentionWatch`). At most so many go in a round, so that a mistake is seen before much is gone.
public struct RetentionSweep: Sendable {
    /// How often to call `round`.
    public static let interval = Duration.seconds(3600)
    /// Cases, and accounts, of one round.
    private static let batch = 20
    /// Entries of the audit log of one transaction, and transactions of one round.
    private static let auditBatch = 500
    private static let auditBatches = 10

    private let database: any ClinicDatabase
    private let archive: any ImageArchive
    private let policy: RetentionPolicy
    private let clock: @Sendable () -> Date
    private let logger: Logger

    public init(
        database: any ClinicDatabase, archive: any ImageArchive, policy: RetentionPolicy,
        clock: @escaping @Sendable () -> Date = { Date() }, logger: Logger = Logger(label: "leukoscope.retention")
    ) {
        (self.database, self.archive, self.policy) = (database, archive, policy)
        (self.clock, self.logger) = (clock, logger)
    }

    /// What a round did.
    public struct Tally: Sendable, Equatable {
        public var withdrawn = 0
        public var announced = 0
        public var removed = 0
        /// Entries of the audit log.
        public var cut = 0

        public init() {}
    }

    /// Looks once.
    ///
    /// - Throws: `ClinicError`; what was done by then stays done.
    @discardableResult
    public func round() async throws -> Tally {
        let now = clock()
        let isSteady = try await database.write { transaction in
            let last = try transaction.retentionWatch()
            if let respite = RetentionWatch.respite(at: now, after: last) {
                try transaction.postponeAnnouncements(until: respite)
            }
            let watch = RetentionWatch.looking(at: now, after: last)
            try transaction.store(watch)
            return watch.isSteady
        }
        var tally = Tally()
        tally.withdrawn = try await withdraw(at: now)
        try await tellOverdue(at: now)
        guard isSteady else { return tally }
        for kind in [Erasure.Kind.smearCase, .account] {
            guard let period = policy.period(of: kind) else { continue }
            tally.announced += try await announce(kind, period: period, at: now)
            tally.removed += try await remove(kind, period: period, at: now)
        }
        tally.cut = try await cutAudit(at: now)
        if tally.removed > 0 { try await database.eraseTraces() }
        if tally != Tally() {
            logger.notice(
                "retention",
                metadata: [
                    "announced": "\(tally.announced)", "withdrawn": "\(tally.withdrawn)", "removed": "\(tally.removed)",
                    "auditEntries": "\(tally.cut)",
                ])
        }
        return tally
    }

    /// Takes back what was used since, and what has no period any more.
    private func withdraw(at now: Date) async throws -> Int {
        try await database.write { [policy] transaction in
            var stale = try transaction.staleAnnouncements(limit: Self.auditBatch)
            for kind in [Erasure.Kind.smearCase, .account] where policy.period(of: kind) == nil {
                let known = Set(stale.map(\.object.id))
                stale += try transaction.announcements(of: kind, limit: Self.auditBatch)
                    .filter { !known.contains($0.object.id) }
            }
            for announcement in stale { try Self.withdraw(announcement, at: now, in: transaction) }
            return stale.count
        }
    }

    private static func withdraw(
        _ announcement: RetentionAnnouncement, at now: Date, in transaction: any ClinicTransaction
    ) throws {
        try transaction.removeAnnouncement(of: announcement.object.id)
        try transaction.markSeen(announcement.noticeID, at: now)
        try transaction.append(AuditEntry(.privacy(.withdraw), by: .system, object: announcement.object.id, at: now))
    }

    private func announce(_ kind: Erasure.Kind, period: TimeInterval, at now: Date) async throws -> Int {
        let notice = Double(RetentionPolicy.noticeDays) * 86_400
        return try await database.write { transaction in
            let found = try transaction.unused(
                kind, since: now.addingTimeInterval(notice - period), now: now, limit: Self.batch)
            for object in found {
                let told = Notice(
                    to: object.userID, kind == .account ? .accountEnding : .caseEnding,
                    caseID: kind == .smearCase ? CaseID(object.id) : nil, createdAt: now)
                try transaction.post(told)
                let due = max(object.usedAt.addingTimeInterval(period), now.addingTimeInterval(notice))
                try transaction.insert(
                    RetentionAnnouncement(kind, object, noticeID: told.id, announcedAt: now, dueAt: due))
                try transaction.append(
                    AuditEntry(
                        .privacy(.announce), by: .system, object: object.id, detail: "kind=\(kind.rawValue)", at: now))
            }
            return found.count
        }
    }

    /// Each in its own transaction, which checks once more that nobody has used it.
    private func remove(_ kind: Erasure.Kind, period: TimeInterval, at now: Date) async throws -> Int {
        let due = try await database.read { try $0.dueAnnouncements(now: now, limit: 2 * Self.batch) }
            .filter { $0.kind == kind }
        var removed = 0
        for announcement in due.prefix(Self.batch) {
            let keys = try await database.write { transaction -> [String]? in
                let id = announcement.object.id
                guard try transaction.isUnused(kind, id, since: now.addingTimeInterval(-period), now: now) else {
                    try Self.withdraw(announcement, at: now, in: transaction)
                    return nil
                }
                try transaction.removeAnnouncement(of: id)
                let days = Int(period / 86_400)
                return try Erasure(kind, id, at: now).carryOut(
                    by: .system, detail: "unused days=\(days)", in: transaction)
            }
            guard let keys else { continue }
            removed += 1
            for key in keys { try await archive.remove(key) }
        }
        return removed
    }

    private func cutAudit(at now: Date) async throws -> Int {
        guard let limit = policy.auditLimit(at: now) else { return 0 }
        var cut = 0
        for _ in 0..<Self.auditBatches {
            let part = try await database.write { transaction in
                let part = try transaction.cutAudit(before: limit, limit: Self.auditBatch)
                if part > 0 {
                    try transaction.append(
                        AuditEntry(.privacy(.cut), by: .system, detail: "entries=\(part)", at: now))
                }
                return part
            }
            cut += part
            if part < Self.auditBatch { break }
        }
        return cut
    }

    /// Breaches and requests whose deadline passed without an answer.
    private func tellOverdue(at now: Date) async throws {
        let overdue = try await database.read { try $0.privacyRecords(onlyOpen: true) }.filter { $0.isOverdue(at: now) }
        guard !overdue.isEmpty else { return }
        logger.error(
            "breaches or requests are overdue",
            metadata: ["records": "\(overdue.map(\.id.text).joined(separator: " "))"])
    }
}
