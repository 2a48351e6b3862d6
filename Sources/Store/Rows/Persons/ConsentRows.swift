import Clinic

extension SQLTransaction {
    private static let select =
        """
        SELECT c.id, c.user_id, c.dependent_id, c.answer, c.notice, c.at, t.language, t.words FROM consents c \
        JOIN consent_texts t ON t.digest = c.text_digest
        """

    private static let numberings = 20

    private static func consent(_ row: SQLRow) throws -> Consent {
        try Consent(
            id: row["id"], of: row["user_id"], for: row["dependent_id"], row["answer"], notice: row["notice"],
            text: ConsentText(language: row["language"], words: row["words"]), at: row["at"])
    }

    func append(_ consent: Consent) throws {
        let digest = consent.text.digest
        try connection.execute(
            "INSERT INTO consent_texts (digest, language, words) VALUES (?, ?, ?)"
                + connection.dialect.passingOverPresent("digest"), digest, consent.text.language, consent.text.words)
        for _ in 0..<Self.numberings {
            let last = try connection.number(
                "SELECT COALESCE(MAX(sequence), 0) FROM consents WHERE user_id = ?", consent.userID.text)
            do {
                try connection.execute(
                    """
                    INSERT INTO consents (id, user_id, sequence, dependent_id, answer, notice, text_digest, at) \
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """, consent.id, consent.userID, last + 1, consent.dependentID, consent.answer, consent.notice,
                    digest, consent.at)
                return
            } catch let error as ClinicError where error.code == .duplicate {
                continue  // another page of the account took this number and has committed
            }
        }
        throw ClinicError(.busy, "errors.stored.busy")
    }

    func consent(of user: UserID, for dependent: DependentID?) throws -> Consent? {
        let newest = "ORDER BY c.sequence DESC LIMIT 1"
        let row =
            if let dependent {
                try connection.first(
                    "\(Self.select) WHERE c.user_id = ? AND c.dependent_id = ? \(newest)", user.text, dependent.text)
            } else {
                try connection.first(
                    "\(Self.select) WHERE c.user_id = ? AND c.dependent_id IS NULL \(newest)", user.text)
            }
        return try row.map(Self.consent)
    }

    func givenConsents() throws -> [Consent] {
        try connection.query(
            """
            \(Self.select) WHERE c.answer = 'given' AND NOT EXISTS (SELECT 1 FROM consents n \
            WHERE n.user_id = c.user_id AND n.sequence > c.sequence AND (n.dependent_id = c.dependent_id \
            OR (n.dependent_id IS NULL AND c.dependent_id IS NULL))) ORDER BY c.user_id, c.sequence
            """
        ).map(Self.consent)
    }

    func consents(of user: UserID) throws -> [Consent] {
        try connection.query("\(Self.select) WHERE c.user_id = ? ORDER BY c.sequence", user.text).map(Self.consent)
    }
}

extension Consent.Answer: SQLConvertible {}
