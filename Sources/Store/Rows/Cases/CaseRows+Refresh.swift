import Clinic

extension SQLTransaction {
    /// Works out what is not in a backup, after the rows came from one and these tables were emptied. What a later schema
    /// has is made by its step.
    func makeEverythingFound(schema: Int) throws {
        try makeCasesFound()
        guard schema >= 2 else { return }
        try refreshAllCandidates()
        try PlaceKeys.fillIn(on: connection)
    }

    /// Words and marks of all cases.
    private func makeCasesFound() throws {
        let page = 500
        var last = ""
        while true {
            let cases = try connection.all(Self.cases, "WHERE id > ? ORDER BY id LIMIT ?", last, page)
            guard let end = cases.last else { return }
            try insert(wordsOf: cases)
            try insert(marksOf: cases, after: last, upTo: end.id.text)
            guard cases.count == page else { return }
            last = end.id.text
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

    private func insert(marksOf cases: [SmearCase], after: String, upTo: String) throws {
        var marks: [CaseID: Set<String>] = [:]
        for row in try connection.query(
            """
            SELECT DISTINCT case_id, decision, label FROM screenings \
            WHERE case_id > ? AND case_id <= ? AND decision IS NOT NULL
            """, after, upTo)
        {
            try marks[row["case_id"], default: []].formUnion(
                CaseMark.marks(decision: row["decision"], label: row["label"]))
        }
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
