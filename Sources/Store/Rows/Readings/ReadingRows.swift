import Clinic
import Findings
import Foundation

extension SQLTransaction {
    private static let readings = SQLTable<Reading>(
        "readings",
        """
        id screening_id reader_id revision label comment network_label network_decision model_name model_version \
        is_blind is_current signed_at created_at updated_at findings
        """
    ) { row in
        let signedAt: Date? = try row["signed_at"]
        let isCurrent: Bool = try row["is_current"]
        return try Reading(
            id: row["id"], screeningID: row["screening_id"], readerID: row["reader_id"], revision: row["revision"],
            label: row["label"], findings: SQLTransaction.findings(row["findings"]), comment: row["comment"],
            networkLabel: row["network_label"],
            networkDecision: row["network_decision"], modelName: row["model_name"],
            modelVersion: row["model_version"], isBlind: row["is_blind"],
            isSettled: signedAt != nil && !isCurrent, signedAt: signedAt, createdAt: row["created_at"],
            updatedAt: row["updated_at"])
    }

    func insert(_ reading: Reading) throws {
        try refusingDuplicates(of: "revision", "errors.readings.revision") {
            try connection.execute(
                """
                INSERT INTO readings (\(Self.readings.list)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)
                """, reading.id.text, reading.screeningID.text, reading.readerID.text, reading.revision,
                reading.label.rawValue, reading.comment, reading.networkLabel.rawValue,
                reading.networkDecision.rawValue, reading.modelName,
                reading.modelVersion, reading.isBlind, reading.signedAt, reading.createdAt, reading.updatedAt,
                Self.text(of: reading.findings))
        }
        if reading.signedAt != nil { try refreshCurrent(of: reading.screeningID, by: reading.readerID) }
    }

    func update(_ reading: Reading) throws {
        let found = try connection.execute(
            """
            UPDATE readings SET label = ?, comment = ?, network_label = ?, network_decision = ?, model_name = ?, \
            model_version = ?, is_blind = ?, signed_at = ?, updated_at = ?, findings = ? WHERE id = ? AND signed_at IS NULL
            """, reading.label.rawValue, reading.comment, reading.networkLabel.rawValue,
            reading.networkDecision.rawValue,
            reading.modelName,
            reading.modelVersion, reading.isBlind, reading.signedAt, reading.updatedAt, Self.text(of: reading.findings),
            reading.id.text)
        guard found == 1 else { throw ClinicError(.notFound, "errors.readings.noDraft") }
        if reading.signedAt != nil { try refreshCurrent(of: reading.screeningID, by: reading.readerID) }
    }

    /// Marks the highest signed revision as the one that counts.
    private func refreshCurrent(of screening: ScreeningID, by reader: UserID) throws {
        let pair = "WHERE screening_id = ? AND reader_id = ?"
        let highest = try connection.number(
            "SELECT COALESCE(MAX(revision), 0) FROM readings \(pair) AND signed_at IS NOT NULL", screening.text,
            reader.text)
        try connection.execute(
            "UPDATE readings SET is_current = CASE WHEN revision = ? THEN 1 ELSE 0 END \(pair)", highest,
            screening.text, reader.text)
        try closeShare(of: screening, with: reader)
        guard
            let smearCase: CaseID = try connection.value(
                "SELECT case_id FROM screenings WHERE id = ?", screening.text), let held = try holdCase(smearCase)
        else { return }
        try refreshMarks(of: smearCase, owner: held.owner, updatedAt: held.updatedAt)
    }

    func reading(_ id: ReadingID) throws -> Reading? {
        try connection.one(Self.readings, "WHERE id = ?", id.text)
    }

    func readings(of screening: ScreeningID) throws -> [Reading] {
        try connection.all(Self.readings, "WHERE screening_id = ? ORDER BY created_at, id", screening.text)
    }

    func readings(ofCase smearCase: CaseID) throws -> [Reading] {
        try connection.query(
            """
            SELECT \(Self.readings.list(of: "r")) FROM screenings s \(connection.dialect.orderedJoin) readings r \
            ON r.screening_id = s.id WHERE s.case_id = ? ORDER BY s.number, r.created_at, r.id
            """, smearCase.text
        ).map(Self.readings.value)
    }

    /// The signed readings that count, of several cases.
    func currentReadings(ofCases cases: [CaseID]) throws -> [Reading] {
        let list = InList(cases)
        return try connection.query(
            """
            SELECT \(Self.readings.list(of: "r")) FROM screenings s \(connection.dialect.orderedJoin) readings r \
            ON r.screening_id = s.id WHERE s.case_id IN \(list.sql) AND r.is_current = 1
            """, values: list.values
        ).map(Self.readings.value)
    }

    func readings(by reader: UserID, after: ReadingID?, limit: Int) throws -> [Reading] {
        try connection.all(
            Self.readings, "WHERE reader_id = ? AND id > ? ORDER BY id LIMIT ?", reader.text, after?.text ?? "", limit)
    }

    func signedReadings(after: ReadingID?, limit: Int) throws -> [Reading] {
        var condition = "is_current = 1"
        var values: [SQLValue] = []
        if let after {
            guard
                let at: SQLValue = try connection.value(
                    "SELECT signed_at FROM readings WHERE id = ? AND signed_at IS NOT NULL", after.text)
            else { throw ClinicError(.notFound, "errors.readings.noCursor") }
            condition += " AND signed_at >= ? AND (signed_at > ? OR id > ?)"
            values = [at, at, .text(after.text)]
        }
        return try connection.all(
            Self.readings, "WHERE \(condition) ORDER BY signed_at, id LIMIT ?",
            values: values + [.integer(Int64(limit))])
    }

    func readingCounts(of reader: UserID?) throws -> [ReadingCount] {
        let groups = "model_name, model_version, network_label, network_decision, label, is_blind"
        let index = reader == nil ? "readings_counts" : "readings_reader"
        return try connection.query(
            """
            SELECT \(groups), COUNT(*) AS number FROM readings\(connection.dialect.forcing(index: index)) \
            WHERE is_current = 1 \(reader == nil ? "" : "AND reader_id = ?") GROUP BY \(groups) ORDER BY \(groups)
            """, values: reader.map { [.text($0.text)] } ?? []
        ).map { row in
            try ReadingCount(
                modelName: row["model_name"], modelVersion: row["model_version"], networkLabel: row["network_label"],
                networkDecision: row["network_decision"], readerLabel: row["label"], isBlind: row["is_blind"],
                count: row["number"])
        }
    }
}
