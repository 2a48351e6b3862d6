import Foundation

/// Entries of the log that are one act of somebody: what was opened with the pictures in it, or the same done to the same thing
/// again and again. A folding for the eye; the entries themselves stay as they are.
public struct AuditGroup: Sendable, Equatable {
    /// What the act is told by: the first of its entries.
    public let head: AuditRecord
    /// The other entries, newest first.
    public let others: [AuditRecord]

    /// Seconds between two entries of one act.
    static let pause: TimeInterval = 60

    /// - Parameter records: Newest first, as the log is read.
    /// - Returns: The acts, newest first; every record is in one of them.
    public static func groups(of records: [AuditRecord]) -> [AuditGroup] {
        var groups: [AuditGroup] = []
        var open: [AuditRecord] = []
        func close() {
            guard let head = open.last else { return }
            groups.append(AuditGroup(head: head, others: Array(open.dropLast())))
            open = []
        }
        for record in records {
            if let later = open.last, !belongs(record.entry, before: later.entry) { close() }
            open.append(record)
        }
        close()
        return groups
    }

    /// Whether an entry is of the same act as the one after it.
    private static func belongs(_ entry: AuditEntry, before later: AuditEntry) -> Bool {
        guard entry.actor == later.actor, later.at.timeIntervalSince(entry.at) <= pause else { return false }
        if isPicture(later) { return isPicture(entry) || isOpening(entry) }
        return entry.action == later.action && entry.object == later.object
    }

    private static func isPicture(_ entry: AuditEntry) -> Bool {
        if case .screeningPicture = entry.action { true } else { false }
    }

    /// Whether a page with pictures was opened.
    private static func isOpening(_ entry: AuditEntry) -> Bool {
        switch entry.action {
        case .caseRead, .screeningRead, .cellRead: true
        default: false
        }
    }
}
