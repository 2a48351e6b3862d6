import Clinic
import Findings
import Foundation

extension SQLTransaction {
    private static let shares = SQLTable<ScreeningShare>(
        "screening_shares", "screening_id user_id shared_at allows_training"
    ) { row in
        try ScreeningShare(
            screeningID: row["screening_id"], userID: row["user_id"], sharedAt: row["shared_at"],
            allowsTraining: row["allows_training"])
    }

    func share(_ screening: ScreeningID, with user: UserID, allowsTraining: Bool, at: Date) throws {
        guard
            let patient: UserID = try connection.value("SELECT owner_id FROM screenings WHERE id = ?", screening.text)
        else { throw ClinicError(.notFound, "errors.screenings.none") }
        do {
            try connection.execute(
                """
                INSERT INTO screening_shares (screening_id, user_id, patient_id, shared_at, allows_training, is_open) \
                VALUES (?, ?, ?, ?, ?, ?)
                """, screening.text, user.text, patient.text, at, allowsTraining,
                try !hasSigned(screening, by: user))
        } catch let error as ClinicError where error.code == .duplicate {
            try connection.execute(
                "UPDATE screening_shares SET allows_training = ? WHERE screening_id = ? AND user_id = ?",
                allowsTraining,
                screening.text, user.text)
        }
    }

    private func hasSigned(_ screening: ScreeningID, by user: UserID) throws -> Bool {
        try connection.number(
            "SELECT COUNT(*) FROM readings WHERE screening_id = ? AND reader_id = ? AND signed_at IS NOT NULL",
            screening.text, user.text) > 0
    }

    func unshare(_ screening: ScreeningID, with user: UserID) throws -> Bool {
        try connection.execute(
            "DELETE FROM screening_shares WHERE screening_id = ? AND user_id = ?", screening.text, user.text) == 1
    }

    func unshareAll(of patient: UserID, with user: UserID) throws -> [ScreeningID] {
        let pair = "WHERE patient_id = ? AND user_id = ?"
        let shared: [ScreeningID] = try connection.column(
            "SELECT screening_id FROM screening_shares \(pair) ORDER BY screening_id" + connection.dialect.forUpdate,
            patient.text, user.text)
        try connection.execute("DELETE FROM screening_shares \(pair)", patient.text, user.text)
        return shared
    }

    func isShared(_ screening: ScreeningID, with user: UserID) throws -> Bool {
        try connection.number(
            "SELECT COUNT(*) FROM screening_shares WHERE screening_id = ? AND user_id = ?", screening.text, user.text)
            > 0
    }

    func shares(of screening: ScreeningID) throws -> [ScreeningShare] {
        try connection.all(Self.shares, "WHERE screening_id = ? ORDER BY shared_at, user_id", screening.text)
    }

    func shares(ofCase smearCase: CaseID) throws -> [ScreeningShare] {
        try connection.query(
            """
            SELECT \(Self.shares.list(of: "h")) FROM screenings s \(connection.dialect.orderedJoin) screening_shares h \
            ON h.screening_id = s.id WHERE s.case_id = ? ORDER BY s.number, h.shared_at, h.user_id
            """, smearCase.text
        ).map(Self.shares.value)
    }

    func shares(by patient: UserID, limit: Int) throws -> [ScreeningShare] {
        try connection.all(
            Self.shares, "WHERE patient_id = ? ORDER BY shared_at DESC, screening_id DESC, user_id LIMIT ?",
            patient.text, limit)
    }

    // MARK: The work list

    func sharedScreenings(with user: UserID, limit: Int, offset: Int) throws -> [SharedScreening] {
        let dialect = connection.dialect
        return try connection.query(
            """
            SELECT s.id, s.case_id, h.patient_id, u.name, h.shared_at, s.decision, s.label, s.confidence, h.is_open, \
            c.dependent_id \
            FROM screening_shares h\(dialect.forcing(index: "screening_shares_user")) \
            \(dialect.orderedJoin) screenings s ON s.id = h.screening_id \
            \(dialect.orderedJoin) cases c ON c.id = s.case_id \
            \(dialect.orderedJoin) users u ON u.id = h.patient_id \
            WHERE h.user_id = ? AND s.state = 'done' \
            ORDER BY h.is_open DESC, h.shared_at DESC, h.screening_id DESC LIMIT ? OFFSET ?
            """, user.text, limit, offset
        ).map { row in
            try SharedScreening(
                screeningID: row["id"], caseID: row["case_id"], patientID: row["patient_id"],
                patientName: row["name"], isOfDependent: row["dependent_id"] != SQLValue.null,
                sharedAt: row["shared_at"],
                finding: Finding(
                    storedDecision: row["decision"], label: row["label"], confidence: row["confidence"]),
                isSigned: !row["is_open"])
        }
    }

    /// After a reading was signed: no longer open on the reader's work list.
    func closeShare(of screening: ScreeningID, with user: UserID) throws {
        try connection.execute(
            "UPDATE screening_shares SET is_open = 0 WHERE screening_id = ? AND user_id = ?", screening.text, user.text)
    }
}
