import Clinic
import Findings
import Foundation

extension SQLTransaction {
    func dailyCounts(from: Date, until: Date) throws -> [DailyCount] {
        let (from, until) = (from.milliseconds, until.milliseconds)
        return try connection.query(
            """
            SELECT day, decision, label, model_version, COUNT(*) FROM screening_facts\
            \(connection.dialect.forcing(index: "screening_facts_day")) \
            WHERE day > ? AND day < ? AND finished_at >= ? AND finished_at < ? \
            GROUP BY day, decision, label, model_version ORDER BY day, decision, label, model_version
            """, from.subtractingReportingOverflow(ScreeningFacts.day).partialValue, until, from, until
        ).map { row in
            var row = row
            let day = try row.date()
            let found = Finding(storedDecision: try row.text(), label: try row.text(), confidence: 0)
            return DailyCount(
                day: day, decision: found.decision, label: found.label, modelVersion: try row.text(),
                count: try row.int())
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
            var row = row
            return ScreeningFact(
                finishedAt: try row.date(),
                finding: Finding(
                    storedDecision: try row.text(), label: try row.text(), confidence: try row.double()),
                novelty: try row.optionalDouble(), modelName: try row.text(),
                modelVersion: try row.text(), waitMilliseconds: try row.double(), workMilliseconds: try row.double())
        }
    }

    /// Reads every entry of the index that has the sizes; a row of totals would be what all uploads wait for.
    func storedAmount() throws -> (images: Int, bytes: Int) {
        guard
            var row = try connection.first(
                """
                SELECT COUNT(*), COALESCE(SUM(byte_count), 0) FROM images\
                \(connection.dialect.forcing(index: "images_owner"))
                """)
        else { return (0, 0) }
        return (try row.int(), try row.int())
    }

    func oldestQueuedAt() throws -> Date? {
        try connection.first(
            "SELECT created_at FROM screenings WHERE state = 'queued' ORDER BY created_at, id LIMIT 1"
        ).map { row in
            var row = row
            return try row.date()
        }
    }
}
