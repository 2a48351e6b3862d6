import Clinic
import Findings
import Foundation

extension SQLTransaction {
    func dailyCounts(from: Date, until: Date) throws -> [DailyCount] {
        let (from, until) = (from.milliseconds, until.milliseconds)
        return try connection.query(
            """
            SELECT day, decision, label, model_version, COUNT(*) AS number FROM screening_facts\
            \(connection.dialect.forcing(index: "screening_facts_day")) \
            WHERE day > ? AND day < ? AND finished_at >= ? AND finished_at < ? \
            GROUP BY day, decision, label, model_version ORDER BY day, decision, label, model_version
            """, from.subtractingReportingOverflow(ScreeningFacts.day).partialValue, until, from, until
        ).map { row in
            let found = try Finding(storedDecision: row["decision"], label: row["label"], confidence: 0)
            return try DailyCount(
                day: row["day"], decision: found.decision, label: found.label, modelVersion: row["model_version"],
                count: row["number"])
        }
    }

    func screeningFacts(from: Date, until: Date, limit: Int) throws -> [ScreeningFact] {
        try connection.query(
            """
            SELECT finished_at, decision, label, confidence, novelty, model_name, model_version, wait_ms, work_ms \
            FROM screening_facts\(connection.dialect.readingPrimaryKey) WHERE finished_at >= ? AND finished_at < ? \
            ORDER BY finished_at DESC, screening_id DESC LIMIT ?
            """, from, until, limit
        ).map { row in
            try ScreeningFact(
                finishedAt: row["finished_at"],
                finding: Finding(
                    storedDecision: row["decision"], label: row["label"], confidence: row["confidence"]),
                novelty: row["novelty"], modelName: row["model_name"], modelVersion: row["model_version"],
                waitMilliseconds: row["wait_ms"], workMilliseconds: row["work_ms"])
        }
    }

    func proveWritable(at: Date) throws {
        let isThere = try connection.execute("UPDATE readiness SET checked_at = ? WHERE id = 1", at) > 0
        guard !isThere else { return }
        try connection.execute(
            "INSERT INTO readiness (id, checked_at) VALUES (1, ?)" + connection.dialect.passingOverPresent("id"), at)
    }

    /// Reads every entry of the index that has the sizes; a row of totals would be what all uploads wait for.
    func storedAmount() throws -> (images: Int, bytes: Int) {
        guard
            let row = try connection.first(
                """
                SELECT COUNT(*) AS images, COALESCE(SUM(byte_count), 0) AS bytes FROM images\
                \(connection.dialect.forcing(index: "images_owner"))
                """)
        else { return (0, 0) }
        return try (row["images"], row["bytes"])
    }

    func oldestQueuedAt() throws -> Date? {
        try connection.value("SELECT created_at FROM screenings WHERE state = 'queued' ORDER BY created_at, id LIMIT 1")
    }
}
