import Clinic
import Foundation

extension SQLTransaction {
    private static let attempts = SQLTable<AttemptsLeft>("login_attempts", "attempts_left counted_at") { row in
        try AttemptsLeft(row["attempts_left"], at: row["counted_at"])
    }

    func heldAttempts(_ key: String, orElse whole: AttemptsLeft) throws -> AttemptsLeft {
        // Of two first attempts at once the second waits here for the first one's commit.
        try connection.execute(
            "INSERT INTO login_attempts (key_digest, attempts_left, counted_at) VALUES (?, ?, ?)"
                + connection.dialect.passingOverPresent("key_digest"), key, whole.number, whole.at)
        return try connection.one(Self.attempts, "WHERE key_digest = ?" + connection.dialect.forUpdate, key) ?? whole
    }

    func set(_ left: AttemptsLeft, of key: String) throws {
        try connection.execute(
            "UPDATE login_attempts SET attempts_left = ?, counted_at = ? WHERE key_digest = ?", left.number, left.at,
            key)
    }

    func forgetAttempts(_ key: String) throws {
        try connection.execute("DELETE FROM login_attempts WHERE key_digest = ?", key)
    }

    func forgetAttempts(before: Date) throws {
        try connection.execute(
            connection.dialect.deletingFirst(
                1000, from: "login_attempts", key: "key_digest", "counted_at < ? ORDER BY counted_at"), before)
    }
}
