import Clinic
import Foundation

extension SQLTransaction {
    private static let visitMessages = SQLTable<VisitMessage>(
        "visit_messages", "id appointment_id kind sequence created_at attempts due_at"
    ) { row in
        // Those that are at their end have no time any more, and are never read.
        try VisitMessage(
            id: row["id"], appointmentID: row["appointment_id"], kind: row["kind"], sequence: row["sequence"],
            createdAt: row["created_at"], attempts: row["attempts"], dueAt: row["due_at"])
    }

    func enqueue(_ message: VisitMessage) throws {
        try connection.execute(
            "INSERT INTO visit_messages (\(Self.visitMessages.list)) VALUES (?, ?, ?, ?, ?, ?, ?)"
                + connection.dialect.passingOverPresent("id"), message.id.text, message.appointmentID.text,
            message.kind.rawValue, message.sequence, message.createdAt, message.attempts, message.dueAt)
    }

    func dueMessages(now: Date, limit: Int) throws -> [VisitMessage] {
        try connection.all(Self.visitMessages, "WHERE due_at <= ? ORDER BY due_at, id LIMIT ?", now, limit)
    }

    func waitingMessage(_ id: VisitMessageID) throws -> VisitMessage? {
        try connection.one(Self.visitMessages, "WHERE id = ? AND due_at IS NOT NULL", id.text)
    }

    func claimMessage(_ id: VisitMessageID, now: Date, until: Date) throws -> Bool {
        try connection.execute(
            "UPDATE visit_messages SET attempts = attempts + 1, due_at = ? WHERE id = ? AND due_at <= ?", until,
            id.text,
            now) == 1
    }

    func postponeMessage(_ id: VisitMessageID, until: Date) throws {
        try connection.execute(
            "UPDATE visit_messages SET due_at = ? WHERE id = ? AND due_at IS NOT NULL", until, id.text)
    }

    func carryMessages(of appointment: AppointmentID, from old: Int, to sequence: Int) throws {
        try connection.execute(
            """
            UPDATE visit_messages SET sequence = ? WHERE appointment_id = ? AND sequence = ? AND due_at IS NOT NULL
            """, sequence, appointment.text, old)
    }

    func endMessage(_ id: VisitMessageID, at: Date) throws {
        try connection.execute("UPDATE visit_messages SET due_at = NULL, ended_at = ? WHERE id = ?", at, id.text)
    }
}
