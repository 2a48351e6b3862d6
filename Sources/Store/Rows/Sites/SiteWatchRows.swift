import Clinic
import Findings
import Formats
import Foundation

extension SQLTransaction {
    func waitForWatch(
        _ smearCase: CaseID, at site: SiteID, under qualification: QualificationID, since: Date
    ) throws {
        let taken = try connection.number(
            "SELECT COUNT(*) FROM site_watch WHERE case_id = ? AND qualification_id = ?", smearCase, qualification)
        guard taken == 0 else { return }
        try connection.execute(
            "REPLACE INTO site_waiting_cases (case_id, site_id, answered_at) VALUES (?, ?, ?)", smearCase, site, since)
    }

    func waitingCases(of site: SiteID) throws -> [(smearCase: CaseID, answeredAt: Date)] {
        try connection.query(
            "SELECT case_id, answered_at FROM site_waiting_cases WHERE site_id = ? ORDER BY answered_at, case_id", site
        ).map { try ($0["case_id"], $0["answered_at"]) }
    }

    func endWaiting(of smearCase: CaseID) throws {
        try connection.execute("DELETE FROM site_waiting_cases WHERE case_id = ?", smearCase)
    }

    func endWaiting(ofSite site: SiteID) throws {
        try connection.execute("DELETE FROM site_waiting_cases WHERE site_id = ?", site)
    }

    func sitesWithWaitingCases() throws -> [SiteID] {
        try connection.column("SELECT DISTINCT site_id FROM site_waiting_cases ORDER BY site_id")
    }

    private static let watch = SQLTable<WatchEntry>("site_watch", SiteTable.watchColumns) { row in
        let novelty: BettingMartingale = try SiteTable.decoded(row["novelty_json"])
        let evidence: BettingMartingale = try SiteTable.decoded(row["evidence_json"])
        return try WatchEntry(
            qualificationID: row["qualification_id"], sequence: row["sequence"], caseID: row["case_id"],
            fields: SiteTable.decoded(row["fields_json"]),
            step: .init(
                noveltyP: row["novelty_p"], evidenceP: row["evidence_p"], noveltyWealth: novelty.logWealth,
                evidenceWealth: evidence.logWealth, alarm: row["alarm"]),
            novelty: novelty, evidence: evidence, at: row["at"])
    }

    func append(_ entry: WatchEntry) throws {
        try connection.execute(
            "INSERT INTO site_watch (\(Self.watch.list)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", entry.qualificationID,
            entry.sequence, entry.caseID, JSONFormat.line.text(entry.fields), entry.step.noveltyP,
            entry.step.evidenceP, entry.step.alarm, JSONFormat.line.text(entry.novelty),
            JSONFormat.line.text(entry.evidence), entry.at)
    }

    func watchEntries(of qualification: QualificationID) throws -> [WatchEntry] {
        try connection.all(Self.watch, "WHERE qualification_id = ? ORDER BY sequence", qualification.text)
    }

    func lastWatchEntry(of qualification: QualificationID) throws -> WatchEntry? {
        try connection.one(
            Self.watch, "WHERE qualification_id = ? ORDER BY sequence DESC LIMIT 1", qualification.text)
    }

    // MARK: Answers that are marked anew

    func doubtAnswers(of site: SiteID, since: Date, at: Date) throws -> Int {
        try connection.execute(
            """
            UPDATE screenings SET doubted_at = ? \
            WHERE site_id = ? AND finished_at >= ? AND state = 'done' AND doubted_at IS NULL
            """, at, site, since)
    }

    func peopleOfAnswersDoubted(at: Date, of site: SiteID) throws -> [(smearCase: CaseID, user: UserID)] {
        let doubted = "screenings s WHERE s.site_id = ? AND s.doubted_at = ?"
        let owners = try connection.query("SELECT DISTINCT s.case_id, s.owner_id AS user_id FROM \(doubted)", site, at)
        let readers = try connection.query(
            """
            SELECT DISTINCT s.case_id, h.user_id FROM screenings s \
            JOIN screening_shares h ON h.screening_id = s.id WHERE s.site_id = ? AND s.doubted_at = ?
            """, site, at)
        return try (owners + readers).map { row -> (smearCase: CaseID, user: UserID) in
            try (row["case_id"], row["user_id"])
        }.sorted { ($0.smearCase.text, $0.user.text) < ($1.smearCase.text, $1.user.text) }
    }

    func countDoubtedAnswers(of site: SiteID) throws -> Int {
        try connection.number(
            "SELECT COUNT(*) FROM screenings WHERE site_id = ? AND doubted_at IS NOT NULL", site)
    }

    func doubtedAnswers(of site: SiteID, limit: Int) throws -> [DoubtedAnswer] {
        try connection.query(
            """
            SELECT id, case_id, finished_at, doubted_at FROM screenings \
            WHERE site_id = ? AND doubted_at IS NOT NULL ORDER BY finished_at DESC, id DESC LIMIT ?
            """, site, limit
        ).map {
            try DoubtedAnswer(
                screeningID: $0["id"], caseID: $0["case_id"], answeredAt: $0["finished_at"],
                doubtedAt: $0["doubted_at"])
        }
    }
}
