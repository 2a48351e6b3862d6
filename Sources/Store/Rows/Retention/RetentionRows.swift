import Clinic
import Foundation

extension SQLTransaction {
    static let announcements = SQLTable<RetentionAnnouncement>(
        "retention_announcements", "object_id kind user_id used_at notice_id announced_at due_at"
    ) { row in
        let object = try UnusedObject(id: row["object_id"], userID: row["user_id"], usedAt: row["used_at"])
        return try RetentionAnnouncement(
            row["kind"], object, noticeID: row["notice_id"], announcedAt: row["announced_at"], dueAt: row["due_at"])
    }

    func unused(_ kind: Erasure.Kind, since: Date, now: Date, limit: Int) throws -> [UnusedObject] {
        guard let (query, values) = Self.unused(kind, since: since, now: now) else { return [] }
        return try connection.query(
            """
            \(query) AND NOT EXISTS (SELECT 1 FROM retention_announcements r WHERE r.object_id = o.id) \
            ORDER BY o.used_at, o.id LIMIT ?
            """, values: values + [limit.sqlValue]
        ).map { row in
            let (id, user): (String, UserID) = try (row["id"], row["user_id"])
            let (used, changed): (Date, Date) = try (row["used_at"], row["changed_at"])
            return UnusedObject(id: id, userID: user, usedAt: max(used, changed))
        }
    }

    func isUnused(_ kind: Erasure.Kind, _ id: String, since: Date, now: Date) throws -> Bool {
        guard let (query, values) = Self.unused(kind, since: since, now: now) else { return false }
        return try !connection.query("\(query) AND o.id = ?", values: values + [id.sqlValue]).isEmpty
    }

    /// A row without a moment of use is never unused.
    private static func unused(_ kind: Erasure.Kind, since: Date, now: Date) -> (query: String, values: [SQLValue])? {
        let (since, now) = (since.sqlValue, now.sqlValue)
        switch kind {
        case .smearCase:
            return (
                """
                SELECT o.id, o.owner_id AS user_id, o.used_at, o.updated_at AS changed_at FROM cases o \
                WHERE o.used_at < ? AND o.updated_at < ? \
                AND NOT EXISTS (SELECT 1 FROM case_readings g WHERE g.case_id = o.id AND g.updated_at >= ?) \
                AND NOT EXISTS (SELECT 1 FROM screenings s JOIN readings g ON g.screening_id = s.id \
                WHERE s.case_id = o.id AND g.updated_at >= ?)
                """, [since, since, since, since]
            )
        case .account:
            let toCome = "a.state IN ('requested', 'confirmed') AND a.ends_at > ?"
            return (
                """
                SELECT o.id, o.id AS user_id, o.used_at, o.created_at AS changed_at FROM users o \
                WHERE o.used_at < ? AND o.role <> 'administrator' \
                AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.owner_id = o.id \
                AND (c.used_at IS NULL OR c.used_at >= ? OR c.updated_at >= ?)) \
                AND NOT EXISTS (SELECT 1 FROM appointments a WHERE a.patient_id = o.id AND \(toCome)) \
                AND NOT EXISTS (SELECT 1 FROM doctors d JOIN appointments a ON a.doctor_id = d.id \
                WHERE d.user_id = o.id AND \(toCome))
                """, [since, since, since, now, now]
            )
        case .image, .document, .dependent, .slide: return nil
        }
    }

    func insert(_ announcement: RetentionAnnouncement) throws {
        try connection.execute(
            "INSERT INTO retention_announcements (\(Self.announcements.list)) VALUES (?, ?, ?, ?, ?, ?, ?)",
            announcement.object.id, announcement.kind, announcement.object.userID, announcement.object.usedAt,
            announcement.noticeID, announcement.announcedAt, announcement.dueAt)
    }

    func removeAnnouncement(of id: String) throws {
        try connection.execute("DELETE FROM retention_announcements WHERE object_id = ?", id)
    }

    func announcements(of kind: Erasure.Kind, limit: Int) throws -> [RetentionAnnouncement] {
        try connection.all(Self.announcements, "WHERE kind = ? ORDER BY due_at, object_id LIMIT ?", kind, limit)
    }

    func staleAnnouncements(limit: Int) throws -> [RetentionAnnouncement] {
        try connection.all(
            Self.announcements,
            """
            r WHERE NOT EXISTS (SELECT 1 FROM cases c WHERE r.kind = 'case' AND c.id = r.object_id \
            AND c.used_at <= r.used_at AND c.updated_at <= r.used_at) \
            AND NOT EXISTS (SELECT 1 FROM users u WHERE r.kind = 'account' AND u.id = r.object_id \
            AND u.used_at <= r.used_at) ORDER BY due_at, object_id LIMIT ?
            """, limit)
    }

    func dueAnnouncements(now: Date, limit: Int) throws -> [RetentionAnnouncement] {
        try connection.all(
            Self.announcements,
            """
            r WHERE due_at <= ? AND EXISTS (SELECT 1 FROM notices n WHERE n.id = r.notice_id AND n.letter = 'sent') \
            ORDER BY due_at, object_id LIMIT ?
            """, now, limit)
    }

    func postponeAnnouncements(until: Date) throws {
        try connection.execute(
            "UPDATE retention_announcements SET due_at = ? WHERE due_at < ?", until, until)
    }

    func retentionWatch() throws -> RetentionWatch? {
        try connection.first("SELECT last_at, steady_since FROM retention_watch WHERE id = 1").map { row in
            try RetentionWatch(lastAt: row["last_at"], steadySince: row["steady_since"])
        }
    }

    func store(_ watch: RetentionWatch) throws {
        try connection.execute(
            "REPLACE INTO retention_watch (id, last_at, steady_since) VALUES (1, ?, ?)", watch.lastAt, watch.steadySince
        )
    }
}
