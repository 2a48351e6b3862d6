import Clinic
import Findings
import Formats
import Foundation

extension SQLTransaction {
    static let caseReadings = SQLTable<CaseReading>(
        "case_readings",
        """
        id case_id reader_id revision label finding comment images_json settles is_blind is_current signed_at created_at \
        updated_at findings
        """
    ) { row in
        let images: String = try row["images_json"]
        let signedAt: Date? = try row["signed_at"]
        let isCurrent: Bool = try row["is_current"]
        return try CaseReading(
            id: row["id"], caseID: row["case_id"], readerID: row["reader_id"], revision: row["revision"],
            label: row["label"], finding: row["finding"], findings: SQLTransaction.findings(row["findings"]),
            comment: row["comment"], images: SQLTransaction.images(images),
            settles: row["settles"], isSettled: signedAt != nil && !isCurrent, isBlind: row["is_blind"],
            signedAt: signedAt, createdAt: row["created_at"], updatedAt: row["updated_at"])
    }

    private static func images(_ json: String) throws -> [ScreeningID: ReaderLabel] {
        do {
            return try JSONDecoder().decode([ScreeningID: ReaderLabel].self, from: Data(json.utf8))
        } catch {
            throw ClinicError(.corrupt, fault: "The images of a reading of a case cannot be read.")
        }
    }

    /// Codes between spaces, as rows hold them; NULL for none.
    static func text(of findings: [SmearFinding]) -> String? {
        findings.isEmpty ? nil : findings.map(\.rawValue).joined(separator: " ")
    }

    /// - Throws: `ClinicError.corrupt` for a code that the list does not have.
    static func findings(_ codes: String?) throws -> [SmearFinding] {
        try (codes ?? "").split(separator: " ").map { code in
            guard let finding = SmearFinding(rawValue: String(code)) else {
                throw ClinicError(.corrupt, fault: "A reading has a finding that is not in the list.")
            }
            return finding
        }
    }

    func insert(_ reading: CaseReading) throws {
        try refusingDuplicates(of: "revision", "errors.readings.revision") {
            try connection.execute(
                """
                INSERT INTO case_readings (\(Self.caseReadings.list)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)
                """,
                reading.id.text, reading.caseID.text, reading.readerID.text, reading.revision, reading.label.rawValue,
                reading.finding, reading.comment, JSONFormat.line.text(reading.images), reading.settles,
                reading.isBlind, reading.signedAt, reading.createdAt, reading.updatedAt,
                Self.text(of: reading.findings))
        }
        try noteSignature(of: reading)
    }

    func update(_ reading: CaseReading) throws {
        let found = try connection.execute(
            """
            UPDATE case_readings SET label = ?, finding = ?, comment = ?, images_json = ?, settles = ?, is_blind = ?, \
            signed_at = ?, updated_at = ?, findings = ? WHERE id = ? AND signed_at IS NULL
            """, reading.label.rawValue, reading.finding, reading.comment, JSONFormat.line.text(reading.images),
            reading.settles, reading.isBlind, reading.signedAt, reading.updatedAt, Self.text(of: reading.findings),
            reading.id.text)
        guard found == 1 else { throw ClinicError(.notFound, "errors.readings.noDraft") }
        try noteSignature(of: reading)
    }

    /// Marks the highest signed revision as the one that counts.
    private func noteSignature(of reading: CaseReading) throws {
        guard reading.signedAt != nil else { return }
        let pair = "WHERE case_id = ? AND reader_id = ?"
        let highest = try connection.number(
            "SELECT COALESCE(MAX(revision), 0) FROM case_readings \(pair) AND signed_at IS NOT NULL",
            reading.caseID.text, reading.readerID.text)
        try connection.execute(
            "UPDATE case_readings SET is_current = CASE WHEN revision = ? THEN 1 ELSE 0 END \(pair)", highest,
            reading.caseID.text, reading.readerID.text)
    }

    func settle(_ readings: [CaseReadingID], and images: [ScreeningID], by reader: UserID) throws {
        for reading in readings {
            try connection.execute("UPDATE case_readings SET is_current = 0 WHERE id = ?", reading.text)
        }
        for image in images {
            try connection.execute(
                "UPDATE readings SET is_current = 0 WHERE screening_id = ? AND reader_id <> ?", image.text, reader.text)
        }
        guard
            let smearCase: CaseID = try images.first.flatMap({
                try connection.value("SELECT case_id FROM screenings WHERE id = ?", $0.text)
            }), let held = try holdCase(smearCase)
        else { return }
        try refreshMarks(of: smearCase, owner: held.owner, updatedAt: held.updatedAt)
    }

    func caseReadings(of smearCase: CaseID) throws -> [CaseReading] {
        try connection.all(Self.caseReadings, "WHERE case_id = ? ORDER BY created_at, id", smearCase.text)
    }

    func caseReadings(by reader: UserID, limit: Int) throws -> [CaseReading] {
        try connection.all(
            Self.caseReadings, "WHERE reader_id = ? ORDER BY created_at, id LIMIT ?", reader.text, limit)
    }

    /// The signed readings of whole cases that count, of several cases.
    func currentCaseReadings(ofCases cases: [CaseID]) throws -> [CaseReading] {
        let list = InList(cases)
        return try connection.all(
            Self.caseReadings, "WHERE case_id IN \(list.sql) AND is_current = 1 ORDER BY created_at, id",
            values: list.values)
    }
}
