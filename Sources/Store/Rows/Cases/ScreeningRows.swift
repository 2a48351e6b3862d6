import Clinic
import Findings
import Foundation

extension SQLTransaction {
    private static let screenings = SQLTable<ScreeningRecord>(
        "screenings",
        """
        id image_id case_id state attempts worker_id lease_until decision label confidence result_json analytics_json \
        failure created_at finished_at site_id qualification_id doubted_at
        """
    ) { row in
        let failure: String? = try row["failure"]
        return try ScreeningRecord(
            id: row["id"], imageID: row["image_id"], caseID: row["case_id"], state: row["state"],
            attempts: row["attempts"], workerID: row["worker_id"], leaseUntil: row["lease_until"],
            finding: finding(in: row), outcome: outcome(in: row), analyticsJSON: row["analytics_json"],
            failure: failure.map(Message.init(stored:)), createdAt: row["created_at"], finishedAt: row["finished_at"],
            origin: ScreeningOrigin(
                siteID: row["site_id"], qualificationID: row["qualification_id"], doubtedAt: row["doubted_at"]))
    }

    /// Nil while there is none.
    private static func finding(in row: SQLRow) throws -> Finding? {
        guard try row["decision"] != SQLValue.null else { return nil }
        return try Finding(storedDecision: row["decision"], label: row["label"], confidence: row["confidence"])
    }

    private static func outcome(in row: SQLRow) throws -> ScreeningOutcome? {
        let json: String? = try row["result_json"]
        return json.flatMap(StoredOutcome.read)
    }

    func write(_ screening: ScreeningRecord, owner: UserID, number: Int) throws {
        try connection.execute(
            """
            INSERT INTO screenings \
            (id, image_id, case_id, owner_id, number, state, attempts, created_at, turn, site_id) \
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            screening.id.text, screening.imageID.text, screening.caseID.text, owner.text, number,
            screening.state.rawValue, screening.attempts, screening.createdAt, nextTurn(of: owner.text),
            screening.origin.siteID)
    }

    func screening(_ id: ScreeningID) throws -> ScreeningRecord? {
        try connection.one(Self.screenings, "WHERE id = ?", id.text)
    }

    func screening(of image: ImageID) throws -> ScreeningRecord? {
        try connection.one(Self.screenings, "WHERE image_id = ?", image.text)
    }

    func screenings(of smearCase: CaseID) throws -> [ScreeningRecord] {
        try connection.all(Self.screenings, "WHERE case_id = ? ORDER BY number", smearCase.text)
    }

    // MARK: The queue

    func claimScreening(worker: String, now: Date, leaseUntil: Date) throws -> ScreeningRecord? {
        // Of what is at work: what a worker left has had its turn; what was put off waits for another.
        let left = try candidate(
            "WHERE state = 'running' AND lease_until <= ? ORDER BY worker_id IS NULL, turn, created_at, id",
            [.integer(now.milliseconds)])
        let waiting = try candidate(
            "\(connection.dialect.byIndex("screenings_turn")) WHERE state = 'queued' ORDER BY turn, created_at, id", [])
        guard let next = [left, waiting].compactMap({ $0 }).min(by: { $0.place < $1.place }) else { return nil }
        let taken = try connection.execute(
            """
            UPDATE screenings SET state = 'running', attempts = attempts + 1, worker_id = ?, lease_until = ? \
            WHERE id = ? AND (state = 'queued' OR state = 'running' AND lease_until <= ?)
            """, worker, leaseUntil, next.id.text, now)
        return taken == 1 ? try screening(next.id) : nil
    }

    /// One that may be taken up, and its place among others.
    private struct Candidate {
        let id: ScreeningID
        let place: (turn: Int, createdAt: Date)
    }

    /// The first one that nobody is taking at this moment; held until the commit, so that nobody else gets it.
    private func candidate(_ rest: String, _ values: [SQLValue]) throws -> Candidate? {
        try connection.query(
            "SELECT id, turn, created_at, worker_id FROM screenings \(rest) LIMIT 1"
                + connection.dialect.forUpdateSkippingLocked, values: values
        ).first.map { row in
            let wasLeft = try row["worker_id"] != SQLValue.null
            return try Candidate(id: row["id"], place: (wasLeft ? 0 : row["turn"], row["created_at"]))
        }
    }

    /// The turn of one more screening of a person: behind those of theirs that wait, and behind the turn that has begun. So
    /// a turn has one screening of a person at most, and none is added once it has begun: whoever had nothing waiting
    /// comes after at most two of everybody else, and nobody is put off for ever.
    private func nextTurn(of owner: String) throws -> Int {
        let own: Int? = try connection.value(
            """
            SELECT turn FROM screenings\(connection.dialect.byIndex("screenings_owner_turn")) \
            WHERE owner_id = ? AND state = 'queued' ORDER BY turn DESC LIMIT 1
            """, owner)
        return max(own ?? 0, try turnAtWork()) + 1
    }

    /// The turn that has begun: that of the first one in the queue; 0 where none waits.
    private func turnAtWork() throws -> Int {
        try connection.number(
            """
            SELECT turn FROM screenings\(connection.dialect.byIndex("screenings_turn")) \
            WHERE state = 'queued' ORDER BY turn LIMIT 1
            """)
    }

    func renewLease(_ id: ScreeningID, worker: String, until: Date) throws -> Bool {
        try connection.execute(
            "UPDATE screenings SET lease_until = ? WHERE id = ? AND worker_id = ? AND state = 'running'", until,
            id.text, worker) == 1
    }

    func complete(
        _ id: ScreeningID, worker: String, outcome: ScreeningOutcome, analyticsJSON: String, at: Date
    ) throws -> Bool {
        let stored = try finish(
            id, worker: worker, at: at,
            """
            state = 'done', decision = ?, label = ?, confidence = ?, result_json = ?, analytics_json = ?, \
            failure = NULL
            """,
            [
                .text(outcome.decision.rawValue), .text(outcome.label.rawValue), .real(outcome.confidence),
                .text(try StoredOutcome.text(outcome)), .text(analyticsJSON),
            ])
        if stored { try insertFact(of: id, outcome, at: at) }
        return stored
    }

    private func insertFact(of id: ScreeningID, _ outcome: ScreeningOutcome, at: Date) throws {
        guard
            let createdAt: Int64 = try connection.value("SELECT created_at FROM screenings WHERE id = ?", id.text)
        else { return }
        let fact = ScreeningFacts.row(
            id.text, decision: outcome.decision.rawValue, label: outcome.label.rawValue,
            confidence: outcome.confidence, outcome: outcome, createdAt: createdAt, finishedAt: at.milliseconds)
        try BackupTable("screening_facts", ScreeningFacts.columns).insert([fact], on: connection)
    }

    func fail(_ id: ScreeningID, worker: String, failure: Message, at: Date) throws -> Bool {
        try finish(id, worker: worker, at: at, "state = 'failed', failure = ?", [.text(try failure.stored())])
    }

    func requeueFailed(_ id: ScreeningID, at: Date) throws -> Bool {
        guard let held = try holdCase(of: id) else { return false }
        let changed = try connection.execute(
            """
            UPDATE screenings SET state = 'queued', attempts = 0, worker_id = NULL, lease_until = NULL, failure = NULL, \
            finished_at = NULL, turn = ? WHERE id = ? AND state = 'failed'
            """, nextTurn(of: held.owner.text), id.text)
        guard changed == 1 else { return false }
        try touchCase(held.id, owner: held.owner, from: held.updatedAt, to: at, lastNumber: held.lastNumber)
        return true
    }

    func failedScreenings(of smearCase: CaseID?, limit: Int) throws -> [ScreeningID] {
        try connection.column(
            """
            SELECT id FROM screenings WHERE state = 'failed' AND (? IS NULL OR case_id = ?) \
            ORDER BY created_at, id LIMIT ?
            """, smearCase?.text, smearCase?.text, limit)
    }

    /// As `holdCase(_:)`, of the case that a screening is of.
    private func holdCase(
        of id: ScreeningID
    ) throws -> (id: CaseID, owner: UserID, updatedAt: Date, lastNumber: Int)? {
        guard
            let caseID: CaseID = try connection.value("SELECT case_id FROM screenings WHERE id = ?", id.text),
            let held = try holdCase(caseID)
        else { return nil }
        return (caseID, held.owner, held.updatedAt, held.lastNumber)
    }

    private func finish(
        _ id: ScreeningID, worker: String, at: Date, _ assignments: String, _ values: [SQLValue]
    ) throws -> Bool {
        guard let held = try holdCase(of: id) else { return false }
        let stored = try connection.checkedRun(
            """
            UPDATE screenings SET \(assignments), worker_id = NULL, lease_until = NULL, finished_at = ? \
            WHERE id = ? AND worker_id = ? AND state = 'running'
            """, values + [.integer(at.milliseconds), .text(id.text), .text(worker)])
        guard stored == 1 else { return false }
        try touchCase(held.id, owner: held.owner, from: held.updatedAt, to: at, lastNumber: held.lastNumber)
        return true
    }

    func postponeScreening(_ id: ScreeningID, worker: String, until: Date, countsAttempt: Bool) throws {
        // Still running, by no worker. What keeps failing must not stand before those who have not been tried.
        try connection.execute(
            """
            UPDATE screenings SET worker_id = NULL, lease_until = ?, attempts = attempts - ?, turn = ? \
            WHERE id = ? AND worker_id = ? AND state = 'running'
            """, until, countsAttempt ? 0 : 1, turnAtWork() + 1, id.text, worker)
    }

    func releaseScreenings(worker: String) throws {
        try connection.execute(
            """
            UPDATE screenings SET state = 'queued', worker_id = NULL, lease_until = NULL \
            WHERE worker_id = ? AND state = 'running'
            """, worker)
    }

    func countPendingScreenings() throws -> Int {
        try connection.number("SELECT COUNT(*) FROM screenings WHERE state IN ('queued', 'running')")
    }

    func countPendingScreenings(of owner: UserID) throws -> Int {
        try connection.number(
            "SELECT COUNT(*) FROM screenings WHERE owner_id = ? AND state IN ('queued', 'running')", owner.text)
    }

    func queuePosition(_ id: ScreeningID) throws -> Int {
        guard
            let own = try connection.first(
                "SELECT turn, created_at FROM screenings WHERE id = ? AND state = 'queued'", id.text)
        else { return 0 }
        let (turn, createdAt): (Int, Date) = try (own["turn"], own["created_at"])
        return try connection.number(
            """
            SELECT COUNT(*) FROM screenings\(connection.dialect.byIndex("screenings_turn")) \
            WHERE state = 'queued' AND turn <= ? AND (turn < ? OR created_at < ? OR (created_at = ? AND id < ?))
            """, turn, turn, createdAt, createdAt, id.text)
    }
}
