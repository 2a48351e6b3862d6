import Clinic
import Findings
import Foundation

/// What the dashboards count of a finished screening, kept apart from the long texts.
enum ScreeningFacts {
    static let columns =
        "finished_at screening_id day decision label confidence novelty model_name model_version wait_ms work_ms"
    /// Milliseconds of a day (UTC).
    static let day: Int64 = 86_400_000

    /// The columns of a fact.
    static func row(
        _ screening: String, decision: String, label: String, confidence: Double, outcome: ScreeningOutcome?,
        createdAt: Int64, finishedAt: Int64
    ) -> [SQLValue] {
        // A result that cannot be read is for the page that shows it to report; here it only lacks figures.
        [
            .integer(finishedAt), .text(screening), .integer(finishedAt.startOfDay), .text(decision), .text(label),
            .real(confidence), outcome.map { .real($0.novelty) } ?? .null,
            .text(String((outcome?.model.name ?? "").prefix(320))),
            .text(String((outcome?.model.version ?? "").prefix(320))),
            .real(Double(max(0, finishedAt - createdAt))), .real(outcome?.timings.workMs ?? 0),
        ]
    }

    /// Adds the facts of screenings that were finished before there were any.
    static func fillIn(on connection: any SQLConnection) throws {
        let page = 500
        var last = ""
        while true {
            let rows = try connection.query(
                """
                SELECT s.id, s.decision, s.label, s.confidence, s.result_json, s.created_at, s.finished_at, f.screening_id \
                FROM screenings s LEFT JOIN screening_facts f ON f.screening_id = s.id \
                WHERE s.id > ? ORDER BY s.id LIMIT ?
                """, last, page)
            var missing: [[SQLValue]] = []
            for row in rows {
                last = try row["id"]
                if let fact = try fact(of: last, row) { missing.append(fact) }
            }
            try BackupTable("screening_facts", columns).insert(missing, on: connection)
            guard rows.count == page else { return }
        }
    }

    private static func fact(of screening: String, _ row: SQLRow) throws -> [SQLValue]? {
        guard try row["screening_id"] == SQLValue.null, let decision: String = try row["decision"],
            let label: String = try row["label"], let confidence: Double = try row["confidence"],
            let finishedAt: Int64 = try row["finished_at"]
        else { return nil }
        let result: String? = try row["result_json"]
        return try self.row(
            screening, decision: decision, label: label, confidence: confidence,
            outcome: result.flatMap(StoredOutcome.read), createdAt: row["created_at"], finishedAt: finishedAt)
    }
}

extension Int64 {
    /// The beginning of the day (UTC) of a moment in milliseconds.
    fileprivate var startOfDay: Int64 {
        let rest = self % ScreeningFacts.day
        return self - (rest < 0 ? rest + ScreeningFacts.day : rest)
    }
}
