import Clinic
import Findings
import Foundation

/// The SQL of one page of a person's cases.
///
/// What is rare leads: the page is read from the index of the cases in their order, from that of a mark in the same
/// order, or, where few cases have the rarest word, from that word's index and then sorted.
struct CaseListStatement {
    /// What the rows are read from first.
    enum Lead: Equatable {
        case cases
        case mark(String)
        case word(String)
    }

    /// A word in so many cases or fewer leads; with more, a page fills up quickly in the cases' own order.
    static let rareWordLimit = 1000

    private(set) var sql: String
    private(set) var values: [SQLValue] = []

    /// - Parameters:
    ///   - words: Folded beginnings of words; the leading one left out.
    ///   - marks: Marks; the leading one left out.
    init(
        owner: UserID, lead: Lead, words: [String], marks: [String], after: CaseCursor?, limit: Int,
        dialect: SQLDialect
    ) {
        sql = "SELECT \(SQLTransaction.cases.list(of: "c")) FROM "
        // The index whose order the page follows.
        var (moment, id) = ("c.updated_at", "c.id")
        switch lead {
        case .cases:
            add("cases c\(dialect.forcing(index: "cases_owner")) WHERE c.owner_id = ?", [.text(owner.text)])
        case .mark(let mark):
            (moment, id) = ("m.updated_at", "m.case_id")
            add(
                """
                case_marks m\(dialect.forcing(index: "case_marks_list")) \(dialect.orderedJoin) cases c \
                ON c.id = m.case_id WHERE m.owner_id = ? AND m.mark = ?
                """, [.text(owner.text), .text(mark)])
        case .word(let word):
            add(
                """
                (SELECT DISTINCT case_id FROM case_words WHERE owner_id = ? AND word >= ? AND word < ?) w \
                \(dialect.orderedJoin) cases c ON c.id = w.case_id WHERE 1 = 1
                """, [.text(owner.text), .text(word), .text(FoldedText.end(ofPrefix: word))])
        }
        for word in words {
            add(
                " AND EXISTS (SELECT 1 FROM case_words o WHERE o.case_id = c.id AND o.word >= ? AND o.word < ?)",
                [.text(word), .text(FoldedText.end(ofPrefix: word))])
        }
        for mark in marks {
            add(" AND EXISTS (SELECT 1 FROM case_marks o WHERE o.case_id = c.id AND o.mark = ?)", [.text(mark)])
        }
        if let after {
            let at = SQLValue.integer(after.updatedAt.milliseconds)
            add(" AND \(moment) <= ? AND (\(moment) < ? OR \(id) < ?)", [at, at, .text(after.id.text)])
        }
        add(" ORDER BY \(moment) DESC, \(id) DESC LIMIT ?", [.integer(Int64(limit))])
    }

    private mutating func add(_ part: String, _ arguments: [SQLValue]) {
        sql += part
        values += arguments
    }
}

extension SQLTransaction {
    func cases(
        of owner: UserID, matching filter: CaseFilter, after: CaseCursor?, limit: Int
    ) throws -> [CaseSummary] {
        var words = Array(Set(FoldedText.words(filter.search))).sorted()
        // A search of signs alone finds nothing, rather than everything.
        if words.isEmpty && filter.search.contains(where: { !$0.isWhitespace }) { return [] }
        var marks = filter.label.map { [CaseMark.label($0.rawValue)] } ?? []
        if let decision = filter.decision { marks.append(CaseMark.decision(decision.rawValue)) }
        let lead = try lead(of: owner, words: words, marks: marks)
        switch lead {
        case .word(let word): words.removeAll { $0 == word }
        case .mark(let mark): marks.removeAll { $0 == mark }
        case .cases: break
        }
        let query = CaseListStatement(
            owner: owner, lead: lead, words: words, marks: marks, after: after, limit: limit,
            dialect: connection.dialect)
        return try summaries(of: connection.query(query.sql, values: query.values).map(Self.cases.value))
    }

    /// The rarest word if it is rare, otherwise a mark, otherwise the cases.
    private func lead(of owner: UserID, words: [String], marks: [String]) throws -> CaseListStatement.Lead {
        var rarest: (word: String, count: Int)?
        for word in words {
            let count = try connection.number(
                """
                SELECT COUNT(*) FROM (SELECT 1 AS one FROM case_words WHERE owner_id = ? AND word >= ? AND word < ? \
                LIMIT ?) AS found
                """, owner.text, word, FoldedText.end(ofPrefix: word), CaseListStatement.rareWordLimit + 1)
            if count < rarest?.count ?? .max { rarest = (word, count) }
        }
        if let rarest, rarest.count <= CaseListStatement.rareWordLimit { return .word(rarest.word) }
        // A label's mark comes first: it is at most as frequent as its decision's.
        return marks.first.map(CaseListStatement.Lead.mark) ?? .cases
    }

    func summary(of id: CaseID) throws -> CaseSummary? {
        guard let found = try smearCase(id) else { return nil }
        return try summaries(of: [found]).first
    }

    /// Adds to cases what their screenings and the signed readings say, with five queries for all.
    private func summaries(of cases: [SmearCase]) throws -> [CaseSummary] {
        guard !cases.isEmpty else { return [] }
        let list = InList(cases.map(\.id))
        let readings = Dictionary(grouping: try currentReadings(ofCases: cases.map(\.id)), by: \.screeningID)
        let whole = Dictionary(grouping: try currentCaseReadings(ofCases: cases.map(\.id)), by: \.caseID)
        let rows = try connection.query(
            """
            SELECT case_id, id, image_id, created_at, state, decision, label, confidence, \
            site_id, qualification_id, doubted_at FROM screenings WHERE case_id IN \(list.sql) ORDER BY case_id, number
            """, values: list.values)
        let facts = Dictionary(
            try facts(ofCases: cases.map(\.id)).map { ($0.imageID, $0) }, uniquingKeysWith: { $1 })
        let overlaps = try overlaps(ofCases: cases.map(\.id))
        var parts: [CaseID: CaseSummaryParts] = [:]
        for row in rows { try parts[row["case_id"], default: CaseSummaryParts()].add(row, readings, facts) }
        return cases.map {
            (parts[$0.id] ?? CaseSummaryParts()).summary(of: $0, overlaps[$0.id] ?? [], whole[$0.id] ?? [])
        }
    }
}

/// What is gathered about a case from the rows of its screenings.
private struct CaseSummaryParts {
    private var arrivals: [Date] = []
    private var images: [CaseConclusion.Image] = []
    private var found: [(finding: Finding, readings: [Reading])] = []
    private var fields: [CaseField] = []
    private var pending = 0
    private var failed = 0
    private var cover: ScreeningID?

    mutating func add(
        _ row: SQLRow, _ readings: [ScreeningID: [Reading]], _ facts: [ImageID: ImageFacts]
    ) throws {
        let (id, image): (ScreeningID, ImageID) = try (row["id"], row["image_id"])
        arrivals.append(try row["created_at"])
        let state: ScreeningRecord.State = try row["state"]
        var isMalignant = false
        switch state {
        case .queued, .running: pending += 1
        case .failed: failed += 1
        case .done:
            if cover == nil { cover = id }
            let finding = try Finding(
                storedDecision: row["decision"], label: row["label"], confidence: row["confidence"])
            let own = readings[id] ?? []
            found.append((finding, own))
            let origin = try ScreeningOrigin(
                siteID: row["site_id"], qualificationID: row["qualification_id"], doubtedAt: row["doubted_at"])
            fields.append(
                CaseField(
                    imageID: image, network: finding, readings: own, facts: facts[image],
                    isQualified: origin.isQualified))
            isMalignant = finding.isMalignant(read: own)
        }
        images.append(.init(screening: id, isMalignant: isMalignant))
    }

    func summary(
        of smearCase: SmearCase, _ overlaps: [ImageOverlap], _ wholeReadings: [CaseReading]
    ) -> CaseSummary {
        CaseSummary(
            smearCase: smearCase, images: images, fields: fields, overlaps: overlaps,
            readings: CaseReadings(found, arrivals: arrivals), wholeReadings: wholeReadings, pendingCount: pending,
            failedCount: failed, coverScreeningID: cover)
    }
}
