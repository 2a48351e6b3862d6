import Clinic
import Foundation

extension SQLTransaction {
    private static let columnNames = [
        "id", "screening_id", "reader_id", "revision", "label", "comment", "network_label", "network_decision",
        "model_name", "model_version", "is_blind", "signed_at", "created_at", "updated_at",
    ]
    private static let columns = columnNames.joined(separator: ", ")
    private static let joinedColumns = columnNames.map { "r.\($0)" }.joined(separator: ", ")

    func insert(_ reading: Reading) throws {
        try refusingDuplicates(of: "revision", "errors.readings.revision") {
            try connection.execute(
                """
                INSERT INTO readings (\(Self.columns), is_current) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
                """, reading.id.text, reading.screeningID.text, reading.readerID.text, reading.revision,
                reading.label.rawValue, reading.comment, reading.networkLabel.rawValue,
                reading.networkDecision.rawValue,
                reading.modelName,
                reading.modelVersion, reading.isBlind, reading.signedAt, reading.createdAt, reading.updatedAt)
        }
        if reading.signedAt != nil { try refreshCurrent(of: reading.screeningID, by: reading.readerID) }
    }

    func update(_ reading: Reading) throws {
        let found = try connection.execute(
            """
            UPDATE readings SET label = ?, comment = ?, network_label = ?, network_decision = ?, model_name = ?, \
            model_version = ?, is_blind = ?, signed_at = ?, updated_at = ? WHERE id = ? AND signed_at IS NULL
            """, reading.label.rawValue, reading.comment, reading.networkLabel.rawValue,
            reading.networkDecision.rawValue,
            reading.modelName,
            reading.modelVersion, reading.isBlind, reading.signedAt, reading.updatedAt, reading.id.text)
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
    }

    func reading(_ id: ReadingID) throws -> Reading? {
        try connection.first("SELECT \(Self.columns) FROM readings WHERE id = ?", id.text).map(Self.reading)
    }

    func readings(of screening: ScreeningID) throws -> [Reading] {
        try connection.query(
            "SELECT \(Self.columns) FROM readings WHERE screening_id = ? ORDER BY created_at, id", screening.text
        ).map(Self.reading)
    }

    func readings(ofCase smearCase: CaseID) throws -> [Reading] {
        try connection.query(
            """
            SELECT \(Self.joinedColumns) FROM screenings s \(connection.dialect.orderedJoin) readings r \
            ON r.screening_id = s.id WHERE s.case_id = ? ORDER BY s.number, r.created_at, r.id
            """, smearCase.text
        ).map(Self.reading)
    }

    /// The signed readings that count, of several cases.
    func currentReadings(ofCases cases: [CaseID]) throws -> [Reading] {
        let list = InList(cases)
        return try connection.query(
            """
            SELECT \(Self.joinedColumns) FROM screenings s \(connection.dialect.orderedJoin) readings r \
            ON r.screening_id = s.id WHERE s.case_id IN \(list.sql) AND r.is_current = 1
            """, values: list.values
        ).map(Self.reading)
    }

    func readings(by reader: UserID, after: ReadingID?, limit: Int) throws -> [Reading] {
        try connection.query(
            "SELECT \(Self.columns) FROM readings WHERE reader_id = ? AND id > ? ORDER BY id LIMIT ?", reader.text,
            after?.text ?? "", limit
        ).map(Self.reading)
    }

    func signedReadings(after: ReadingID?, limit: Int) throws -> [Reading] {
        var condition = "is_current = 1"
        var values: [SQLValue] = []
        if let after {
            guard
                var row = try connection.first(
                    "SELECT signed_at FROM readings WHERE id = ? AND signed_at IS NOT NULL", after.text)
            else { throw ClinicError(.notFound, "errors.readings.noCursor") }
            let at = SQLValue.integer(try row.int64())
            condition += " AND signed_at >= ? AND (signed_at > ? OR id > ?)"
            values = [at, at, .text(after.text)]
        }
        return try connection.query(
            "SELECT \(Self.columns) FROM readings WHERE \(condition) ORDER BY signed_at, id LIMIT ?",
            values: values + [.integer(Int64(limit))]
        ).map(Self.reading)
    }

    func readingCounts(of reader: UserID?) throws -> [ReadingCount] {
        let groups = "model_name, model_version, network_label, network_decision, label, is_blind"
        let index = reader == nil ? "readings_counts" : "readings_reader"
        return try connection.query(
            """
            SELECT \(groups), COUNT(*) FROM readings\(connection.dialect.forcing(index: index)) \
            WHERE is_current = 1 \(reader == nil ? "" : "AND reader_id = ?") GROUP BY \(groups) ORDER BY \(groups)
            """, values: reader.map { [.text($0.text)] } ?? []
        ).map { row in
            var row = row
            return ReadingCount(
                modelName: try row.text(), modelVersion: try row.text(), networkLabel: try row.raw(),
                networkDecision: try row.raw(), readerLabel: try row.raw(), isBlind: try row.bool(),
                count: try row.int())
        }
    }

    private static func reading(_ row: SQLRow) throws -> Reading {
        var row = row
        return Reading(
            id: try row.identifier(), screeningID: try row.identifier(), readerID: try row.identifier(),
            revision: try row.int(), label: try row.raw(), comment: try row.text(), networkLabel: try row.raw(),
            networkDecision: try row.raw(), modelName: try row.text(), modelVersion: try row.text(),
            isBlind: try row.bool(), signedAt: try row.optionalDate(), createdAt: try row.date(),
            updatedAt: try row.date())
    }
}
