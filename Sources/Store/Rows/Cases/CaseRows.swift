import Clinic
import Findings
import Foundation

extension SQLTransaction {
    static let cases = SQLTable<SmearCase>(
        "cases", "id owner_id title note created_at updated_at dependent_id"
    ) { row in
        try SmearCase(
            id: row["id"], ownerID: row["owner_id"], title: row["title"], note: row["note"],
            createdAt: row["created_at"], updatedAt: row["updated_at"], dependentID: row["dependent_id"])
    }

    /// What is searched of cases, in every schema.
    private static let searchedCases = SQLTable<SmearCase>(
        "cases", "id owner_id title note created_at updated_at"
    ) { row in
        try SmearCase(
            id: row["id"], ownerID: row["owner_id"], title: row["title"], note: row["note"],
            createdAt: row["created_at"], updatedAt: row["updated_at"])
    }

    func insert(_ smearCase: SmearCase) throws {
        try connection.execute(
            "INSERT INTO cases (\(Self.cases.list), used_at, last_number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)",
            smearCase.id.text, smearCase.ownerID.text, smearCase.title, smearCase.note, smearCase.createdAt,
            smearCase.updatedAt, smearCase.dependentID, smearCase.updatedAt)
        try refreshWords(of: smearCase)
    }

    func noteUse(of smearCase: CaseID, at: Date) throws {
        // Once a day is enough to tell years apart.
        let used = try connection.execute(
            "UPDATE cases SET used_at = ? WHERE id = ? AND (used_at IS NULL OR used_at < ?)", at, smearCase,
            at.addingTimeInterval(-86_400))
        guard used == 1 else { return }
        try connection.execute(
            "UPDATE notices SET \(Self.seen) WHERE case_id = ? AND kind = ? AND seen_at IS NULL", at, smearCase.text,
            Notice.Kind.caseEnding.rawValue)
    }

    func smearCase(_ id: CaseID) throws -> SmearCase? {
        try connection.one(Self.cases, "WHERE id = ?", id.text)
    }

    func update(_ id: CaseID, _ change: (inout SmearCase) -> Void) throws {
        guard let held = try holdCase(id), var smearCase = try smearCase(id) else {
            throw ClinicError(.notFound, "errors.cases.none")
        }
        change(&smearCase)
        let updatedAt = max(held.updatedAt, smearCase.updatedAt)
        try connection.execute(
            "UPDATE cases SET title = ?, note = ?, updated_at = ?, dependent_id = ? WHERE id = ?", smearCase.title,
            smearCase.note, updatedAt, smearCase.dependentID, id.text)
        try moveMarks(of: id, to: updatedAt)
        try refreshWords(of: smearCase)
    }

    func deleteCase(_ id: CaseID) throws {
        // Words, marks, images, screenings and shares go by their foreign keys.
        try connection.execute("DELETE FROM cases WHERE id = ?", id.text)
    }

    func countCases(of owner: UserID) throws -> Int {
        try connection.number("SELECT COUNT(*) FROM cases WHERE owner_id = ?", owner.text)
    }

    func cases(ofDependent id: DependentID, limit: Int) throws -> [SmearCase] {
        try connection.all(Self.cases, "WHERE dependent_id = ? ORDER BY created_at, id LIMIT ?", id, limit)
    }

    func countCases(ofDependent id: DependentID) throws -> Int {
        try connection.number("SELECT COUNT(*) FROM cases WHERE dependent_id = ?", id.text)
    }

    // MARK: What the list finds

    /// Stores the words of title and note that the search finds, where they changed.
    func refreshWords(of smearCase: SmearCase) throws {
        let wanted = Self.searchedWords(of: smearCase)
        let present = Set<String>(
            try connection.column("SELECT word FROM case_words WHERE case_id = ?", smearCase.id.text))
        for word in present.subtracting(wanted) {
            try connection.execute("DELETE FROM case_words WHERE case_id = ? AND word = ?", smearCase.id.text, word)
        }
        for word in wanted.subtracting(present).sorted() {
            try connection.execute(
                "INSERT INTO case_words (case_id, word, owner_id) VALUES (?, ?, ?)", smearCase.id.text, word,
                smearCase.ownerID.text)
        }
    }

    /// The words that the search finds a case by; of a long note only the first ones.
    static func searchedWords(of smearCase: SmearCase) -> Set<String> {
        var words: Set<String> = []
        for word in FoldedText.words(smearCase.title) + FoldedText.words(smearCase.note)
        where words.count < FoldedText.wordsLimit { words.insert(word) }
        return words
    }

    /// Stores which decisions and classes a case holds, after a screening came or went or a reading was signed. The caller
    /// holds the case.
    func refreshMarks(of smearCase: CaseID, owner: UserID, updatedAt: Date) throws {
        let wanted = try marks(of: [smearCase])[smearCase] ?? []
        let present = Set<String>(
            try connection.column("SELECT mark FROM case_marks WHERE case_id = ?", smearCase.text))
        for mark in present.subtracting(wanted) {
            try connection.execute("DELETE FROM case_marks WHERE case_id = ? AND mark = ?", smearCase.text, mark)
        }
        for mark in wanted.subtracting(present).sorted() {
            try connection.execute(
                "INSERT INTO case_marks (case_id, mark, owner_id, updated_at) VALUES (?, ?, ?, ?)", smearCase.text,
                mark,
                owner.text, updatedAt)
        }
        try moveMarks(of: smearCase, to: updatedAt)
    }

    /// The marks of cases, signed readings and all (`Finding.led`).
    ///
    /// - Parameter hasReadings: False before the schema that has them.
    func marks(of cases: [CaseID], hasReadings: Bool = true) throws -> [CaseID: Set<String>] {
        let list = InList(cases)
        let readings = hasReadings ? Dictionary(grouping: try currentReadings(ofCases: cases), by: \.screeningID) : [:]
        let isRead = "EXISTS (SELECT 1 FROM readings r WHERE r.screening_id = s.id AND r.is_current = 1)"
        // Asked by the decision and not by the state, whose index SQLite may take for the better one: it holds them all.
        let screened = "FROM screenings s WHERE s.case_id IN \(list.sql) AND s.decision IS NOT NULL"
        var found = try connection.query(
            "SELECT DISTINCT s.case_id, s.decision, s.label \(screened)"
                + (readings.isEmpty ? "" : " AND NOT \(isRead)"),
            values: list.values
        ).map { try ($0["case_id"] as CaseID, CaseMark.marks(decision: $0["decision"], label: $0["label"])) }
        if !readings.isEmpty {
            found += try connection.query(
                "SELECT s.id, s.case_id, s.decision, s.label, s.confidence \(screened) AND \(isRead)",
                values: list.values
            ).map { row in
                let finding = try Finding(
                    storedDecision: row["decision"], label: row["label"], confidence: row["confidence"]
                )
                .led(by: readings[row["id"]] ?? [])
                return try (
                    row["case_id"],
                    CaseMark.marks(decision: finding.decision.rawValue, label: finding.label.rawValue)
                )
            }
        }
        return Dictionary(found.map { ($0.0, Set($0.1)) }) { $0.union($1) }
    }

    func moveMarks(of smearCase: CaseID, to updatedAt: Date) throws {
        try connection.execute(
            "UPDATE case_marks SET updated_at = ? WHERE case_id = ?", updatedAt, smearCase.text)
    }

    /// Holds a case until the commit, before anything under it is changed: everybody takes the locks in this order.
    ///
    /// - Returns: Its owner, when it last changed and its newest image's number; nil when it is gone.
    func holdCase(_ id: CaseID) throws -> (owner: UserID, updatedAt: Date, lastNumber: Int)? {
        try connection.holdAgainstPeers("case \(id.text)")
        guard
            let row = try connection.first(
                "SELECT owner_id, updated_at, last_number FROM cases WHERE id = ?" + connection.dialect.forUpdate,
                id.text)
        else { return nil }
        return try (row["owner_id"], row["updated_at"], row["last_number"])
    }

    /// Moves `updatedAt` forward, never back. The caller holds the case.
    func touchCase(_ id: CaseID, owner: UserID, from: Date, to: Date, lastNumber: Int) throws {
        let updatedAt = max(from, to)
        try connection.execute(
            "UPDATE cases SET updated_at = ?, last_number = ? WHERE id = ?", updatedAt, lastNumber, id.text)
        try refreshMarks(of: id, owner: owner, updatedAt: updatedAt)
    }
}

/// What a case can be found by beside its words.
enum CaseMark {
    /// - Returns: The decision; for a report its class too.
    static func marks(decision: String, label: String) -> [String] {
        decision == "report" ? [self.decision(decision), self.label(label)] : [self.decision(decision)]
    }

    static func decision(_ decision: String) -> String { "decision=\(decision)" }
    static func label(_ label: String) -> String { "label=\(label)" }
}

extension SQLTransaction {
    /// Works out what is not in a backup, after the rows came from one and these tables were emptied. What a later schema
    /// has is made by its step.
    func makeEverythingFound(schema: Int) throws {
        try makeCasesFound(hasReadings: schema >= 2)
        guard schema >= 2 else { return }
        try refreshAllCandidates()
        try PlaceKeys.fillIn(on: connection)
    }

    /// Words and marks of all cases.
    private func makeCasesFound(hasReadings: Bool) throws {
        let page = 500
        var last = ""
        while true {
            let cases = try connection.all(Self.searchedCases, "WHERE id > ? ORDER BY id LIMIT ?", last, page)
            guard let end = cases.last else { return }
            try insert(wordsOf: cases)
            try insert(marksOf: cases, hasReadings: hasReadings)
            guard cases.count == page else { return }
            last = end.id.text
        }
    }

    /// Sets the marks of cases with signed readings anew.
    func refreshMarksOfReadCases() throws {
        let cases: [CaseID] = try connection.column(
            "SELECT DISTINCT s.case_id FROM readings r JOIN screenings s ON s.id = r.screening_id WHERE r.is_current = 1"
        )
        for id in cases {
            guard let held = try holdCase(id) else { continue }
            try refreshMarks(of: id, owner: held.owner, updatedAt: held.updatedAt)
        }
    }

    private func insert(wordsOf cases: [SmearCase]) throws {
        let rows = cases.flatMap { smearCase in
            Self.searchedWords(of: smearCase).sorted().map { word -> [SQLValue] in
                [.text(smearCase.id.text), .text(word), .text(smearCase.ownerID.text)]
            }
        }
        try BackupTable("case_words", "case_id word owner_id").insert(rows, on: connection)
    }

    private func insert(marksOf cases: [SmearCase], hasReadings: Bool) throws {
        let marks = try marks(of: cases.map(\.id), hasReadings: hasReadings)
        let rows = cases.flatMap { smearCase in
            (marks[smearCase.id] ?? []).sorted().map { mark -> [SQLValue] in
                [
                    .text(smearCase.id.text), .text(mark), .text(smearCase.ownerID.text),
                    smearCase.updatedAt.sqlValue,
                ]
            }
        }
        try BackupTable("case_marks", "case_id mark owner_id updated_at").insert(rows, on: connection)
    }
}
