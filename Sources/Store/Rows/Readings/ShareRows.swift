import Clinic
import Findings
import Foundation

extension SQLTransaction {
    private static let shareColumns = "h.screening_id, h.user_id, h.shared_at, h.allows_training"

    func share(_ screening: ScreeningID, with user: UserID, allowsTraining: Bool, at: Date) throws {
        guard var row = try connection.first("SELECT owner_id FROM screenings WHERE id = ?", screening.text) else {
            throw ClinicError(.notFound, "errors.screenings.none")
        }
        let patient: UserID = try row.identifier()
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
        let shared: [ScreeningID] = try connection.query(
            "SELECT screening_id FROM screening_shares \(pair) ORDER BY screening_id" + connection.dialect.forUpdate,
            patient.text, user.text
        ).map { row in
            var row = row
            return try row.identifier()
        }
        try connection.execute("DELETE FROM screening_shares \(pair)", patient.text, user.text)
        return shared
    }

    func isShared(_ screening: ScreeningID, with user: UserID) throws -> Bool {
        try connection.number(
            "SELECT COUNT(*) FROM screening_shares WHERE screening_id = ? AND user_id = ?", screening.text, user.text)
            > 0
    }

    func shares(of screening: ScreeningID) throws -> [ScreeningShare] {
        try connection.query(
            """
            SELECT \(Self.shareColumns) FROM screening_shares h WHERE h.screening_id = ? ORDER BY h.shared_at, h.user_id
            """, screening.text
        ).map(Self.share)
    }

    func shares(ofCase smearCase: CaseID) throws -> [ScreeningShare] {
        try connection.query(
            """
            SELECT \(Self.shareColumns) FROM screenings s \(connection.dialect.orderedJoin) screening_shares h \
            ON h.screening_id = s.id WHERE s.case_id = ? ORDER BY s.number, h.shared_at, h.user_id
            """, smearCase.text
        ).map(Self.share)
    }

    func shares(by patient: UserID, limit: Int) throws -> [ScreeningShare] {
        try connection.query(
            """
            SELECT \(Self.shareColumns) FROM screening_shares h WHERE h.patient_id = ? \
            ORDER BY h.shared_at DESC, h.screening_id DESC, h.user_id LIMIT ?
            """, patient.text, limit
        ).map(Self.share)
    }

    // MARK: The work list

    func sharedScreenings(with user: UserID, limit: Int, offset: Int) throws -> [SharedScreening] {
        let dialect = connection.dialect
        return try connection.query(
            """
            SELECT s.id, s.case_id, h.patient_id, u.name, h.shared_at, s.decision, s.label, s.confidence, h.is_open \
            FROM screening_shares h\(dialect.forcing(index: "screening_shares_user")) \
            \(dialect.orderedJoin) screenings s ON s.id = h.screening_id \
            \(dialect.orderedJoin) users u ON u.id = h.patient_id \
            WHERE h.user_id = ? AND s.state = 'done' \
            ORDER BY h.is_open DESC, h.shared_at DESC, h.screening_id DESC LIMIT ? OFFSET ?
            """, user.text, limit, offset
        ).map { row in
            var row = row
            return SharedScreening(
                screeningID: try row.identifier(), caseID: try row.identifier(), patientID: try row.identifier(),
                patientName: try row.text(), sharedAt: try row.date(),
                finding: Finding(
                    storedDecision: try row.text(), label: try row.text(), confidence: try row.double()),
                isSigned: try !row.bool())
        }
    }

    func countUnsignedShared(with user: UserID) throws -> Int {
        try connection.number(
            """
            SELECT COUNT(*) FROM screening_shares h \(connection.dialect.orderedJoin) screenings s \
            ON s.id = h.screening_id WHERE h.user_id = ? AND h.is_open = 1 AND s.state = 'done'
            """, user.text)
    }

    /// After a reading was signed: no longer open on the reader's work list.
    func closeShare(of screening: ScreeningID, with user: UserID) throws {
        try connection.execute(
            "UPDATE screening_shares SET is_open = 0 WHERE screening_id = ? AND user_id = ?", screening.text, user.text)
    }

    private static func share(_ row: SQLRow) throws -> ScreeningShare {
        var row = row
        return ScreeningShare(
            screeningID: try row.identifier(), userID: try row.identifier(), sharedAt: try row.date(),
            allowsTraining: try row.bool())
    }
}
