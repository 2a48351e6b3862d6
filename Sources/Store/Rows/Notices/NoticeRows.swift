import Clinic
import Foundation

extension SQLTransaction {
    private static let notices = SQLTable<Notice>(
        "notices", "id user_id kind case_id appointment_id about_id site_id created_at letter escalates_at"
    ) { row in
        try Notice(
            id: row["id"], to: row["user_id"], row["kind"], caseID: row["case_id"],
            appointmentID: row["appointment_id"], aboutID: row["about_id"], siteID: row["site_id"],
            createdAt: row["created_at"],
            letter: row["letter"], escalatesAt: row["escalates_at"])
    }

    func post(_ notice: Notice) throws {
        let same =
            """
            user_id = ? AND kind = ? AND seen_at IS NULL AND ((about_id = ? AND (case_id = ? OR appointment_id = ?)) \
            OR (site_id = ? AND (case_id = ? OR (case_id IS NULL AND ? IS NULL))))
            """
        let values: [SQLValue] = [
            .text(notice.userID.text), .text(notice.kind.rawValue), notice.aboutID?.text.sqlValue ?? .null,
            notice.caseID?.text.sqlValue ?? .null, notice.appointmentID?.text.sqlValue ?? .null,
            notice.siteID.sqlValue, notice.caseID.sqlValue, notice.caseID.sqlValue,
        ]
        // What was to be told to others by then still is, unless it was taken back.
        let earlier: Date? = try connection.query(
            "SELECT MIN(escalates_at) AS escalates_at FROM notices WHERE \(same)", values: values
        ).first.flatMap { try $0["escalates_at"] }
        let escalatesAt = notice.escalatesAt.map { min($0, earlier ?? $0) }
        try connection.checkedRun("DELETE FROM notices WHERE \(same)", values)
        try connection.execute(
            "INSERT INTO notices (\(Self.notices.list), letter_attempts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
            notice.id.text, notice.userID.text, notice.kind.rawValue, notice.caseID?.text, notice.appointmentID?.text,
            notice.aboutID?.text, notice.siteID?.text, notice.createdAt, notice.letter.rawValue, escalatesAt)
    }

    func unseenNotices(of user: UserID, limit: Int) throws -> [Notice] {
        try connection.all(
            Self.notices, "WHERE user_id = ? AND seen_at IS NULL ORDER BY created_at DESC, id DESC LIMIT ?", user.text,
            limit)
    }

    func countUnseenNotices(of user: UserID) throws -> Int {
        try connection.number("SELECT COUNT(*) FROM notices WHERE user_id = ? AND seen_at IS NULL", user.text)
    }

    func notice(_ id: NoticeID) throws -> Notice? { try connection.one(Self.notices, "WHERE id = ?", id.text) }

    func markSeen(_ id: NoticeID, at: Date) throws {
        try connection.execute("UPDATE notices SET \(Self.seen) WHERE id = ? AND seen_at IS NULL", at, id.text)
    }

    func markReadingsSeen(of smearCase: CaseID, by user: UserID, at: Date) throws {
        try connection.execute(
            "UPDATE notices SET \(Self.seen) WHERE case_id = ? AND user_id = ? AND kind = ? AND seen_at IS NULL", at,
            smearCase.text, user.text, Notice.Kind.readingSigned.rawValue)
    }

    func markVisitSeen(_ appointment: AppointmentID, by user: UserID, at: Date) throws {
        try connection.execute(
            "UPDATE notices SET \(Self.seen) WHERE appointment_id = ? AND user_id = ? AND seen_at IS NULL", at,
            appointment.text, user.text)
    }

    /// What is seen needs no letter and nobody else.
    static let seen =
        "seen_at = ?, escalates_at = NULL, letter = CASE WHEN letter = 'due' THEN 'none' ELSE letter END"

    func hasEndedShare(of smearCase: CaseID, for user: UserID) throws -> Bool {
        try connection.number(
            "SELECT COUNT(*) FROM notices WHERE case_id = ? AND user_id = ? AND kind = ?", smearCase.text, user.text,
            Notice.Kind.shareEnded.rawValue) > 0
    }

    func overdueNotices(now: Date, limit: Int) throws -> [Notice] {
        try connection.all(Self.notices, "WHERE escalates_at <= ? ORDER BY escalates_at LIMIT ?", now, limit)
    }

    func claimEscalation(_ id: NoticeID) throws -> Bool {
        try connection.execute(
            "UPDATE notices SET escalates_at = NULL WHERE id = ? AND escalates_at IS NOT NULL", id.text) == 1
    }

    func dueLetters(limit: Int) throws -> [Notice] {
        try connection.all(Self.notices, "WHERE letter = 'due' ORDER BY created_at, id LIMIT ?", limit)
    }

    func claimLetter(_ id: NoticeID) throws -> Bool {
        try connection.execute(
            """
            UPDATE notices SET letter = 'sending', letter_attempts = letter_attempts + 1 \
            WHERE id = ? AND letter = 'due'
            """, id.text) == 1
    }

    func confirmLetter(_ id: NoticeID) throws {
        try connection.execute("UPDATE notices SET letter = 'sent' WHERE id = ? AND letter = 'sending'", id.text)
    }

    func returnInterruptedLetters(attempts: Int) throws {
        try connection.execute("UPDATE notices SET letter = \(Self.returned) WHERE letter = 'sending'", attempts)
    }

    private static let returned = "CASE WHEN letter_attempts < ? THEN 'due' ELSE 'failed' END"

    func returnLetter(_ id: NoticeID, attempts: Int) throws {
        try connection.execute(
            "UPDATE notices SET letter = \(Self.returned) WHERE id = ? AND letter = 'sending'", attempts, id.text)
    }
}
