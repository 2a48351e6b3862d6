import Clinic
import Foundation

extension CaseSlide.Source: SQLConvertible {}
extension CaseSlide.State: SQLConvertible {}
extension CaseSlide.End: SQLConvertible {}
extension CaseSlide.Failure: SQLConvertible {}

extension SQLTransaction {
    static let slides = SQLTable<CaseSlide>(
        "slides",
        """
        id case_id owner_id name source path byte_count received fingerprint state wanted attempts worker_id lease_until \
        micrometres_per_pixel width height format ended failure created_at updated_at
        """
    ) { row in
        try CaseSlide(
            id: row["id"], caseID: row["case_id"], ownerID: row["owner_id"], name: row["name"], source: row["source"],
            path: row["path"], byteCount: row["byte_count"], received: row["received"],
            fingerprint: row["fingerprint"], state: row["state"], wanted: row["wanted"], attempts: row["attempts"],
            workerID: row["worker_id"], leaseUntil: row["lease_until"],
            micrometresPerPixel: row["micrometres_per_pixel"], width: row["width"], height: row["height"],
            format: row["format"], end: row["ended"], failure: row["failure"], createdAt: row["created_at"],
            updatedAt: row["updated_at"])
    }

    func insert(_ slide: CaseSlide) throws {
        let marks = Array(repeating: "?", count: Self.slides.columns.count).joined(separator: ", ")
        try connection.execute(
            "INSERT INTO slides (\(Self.slides.list)) VALUES (\(marks))", slide.id.text, slide.caseID.text,
            slide.ownerID.text, slide.name, slide.source, slide.path, slide.byteCount, slide.received,
            slide.fingerprint, slide.state, slide.wanted, slide.attempts, slide.workerID, slide.leaseUntil,
            slide.micrometresPerPixel, slide.width, slide.height, slide.format, slide.end, slide.failure,
            slide.createdAt, slide.updatedAt)
    }

    func slide(_ id: SlideID) throws -> CaseSlide? { try connection.one(Self.slides, "WHERE id = ?", id.text) }

    func slides(of smearCase: CaseID) throws -> [CaseSlide] {
        try connection.all(Self.slides, "WHERE case_id = ? ORDER BY created_at, id", smearCase.text)
    }

    func slides(ofOwner owner: UserID) throws -> [CaseSlide] {
        try connection.all(Self.slides, "WHERE owner_id = ? ORDER BY created_at, id", owner.text)
    }

    func slideUsage(of owner: UserID) throws -> (own: Int, all: Int, unfinished: Int) {
        guard
            let row = try connection.first(
                """
                SELECT COALESCE(SUM(byte_count), 0) AS total, \
                COALESCE(SUM(CASE WHEN owner_id = ? THEN byte_count ELSE 0 END), 0) AS own, \
                COALESCE(SUM(CASE WHEN owner_id = ? AND state = 'receiving' THEN 1 ELSE 0 END), 0) AS unfinished \
                FROM slides WHERE source = 'upload'
                """, owner.text, owner.text)
        else { return (0, 0, 0) }
        return try (row["own"], row["total"], row["unfinished"])
    }

    func add(_ part: SlidePart, to slide: SlideID, at: Date) throws -> Bool {
        let isNext = try connection.execute(
            """
            UPDATE slides SET received = received + ?, updated_at = ? \
            WHERE id = ? AND state = 'receiving' AND received = ? AND received + ? <= byte_count
            """, part.byteCount, at, slide.text, part.start, part.byteCount)
        guard isNext == 1 else { return false }
        try connection.execute(
            "INSERT INTO slide_parts (slide_id, start, byte_count, sha256) VALUES (?, ?, ?, ?)", slide.text,
            part.start, part.byteCount, part.sha256)
        return true
    }

    func parts(of slide: SlideID) throws -> [SlidePart] {
        try connection.query(
            "SELECT start, byte_count, sha256 FROM slide_parts WHERE slide_id = ? ORDER BY start",
            values: [.text(slide.text)]
        ).map { try SlidePart(start: $0["start"], byteCount: $0["byte_count"], sha256: $0["sha256"]) }
    }

    func update(_ slide: CaseSlide) throws {
        try connection.execute(
            """
            UPDATE slides SET state = ?, wanted = ?, attempts = ?, worker_id = ?, lease_until = ?, \
            micrometres_per_pixel = ?, width = ?, height = ?, format = ?, ended = ?, failure = ?, updated_at = ? \
            WHERE id = ?
            """, slide.state, slide.wanted, slide.attempts, slide.workerID, slide.leaseUntil,
            slide.micrometresPerPixel, slide.width, slide.height, slide.format, slide.end, slide.failure,
            slide.updatedAt, slide.id.text)
    }

    func rewind(_ slide: SlideID, to kept: Int, at: Date) throws {
        let isRewound = try connection.execute(
            "UPDATE slides SET received = ?, updated_at = ? WHERE id = ? AND state = 'receiving' AND received > ?",
            kept, at, slide.text, kept)
        guard isRewound == 1 else { return }
        try connection.execute("DELETE FROM slide_parts WHERE slide_id = ? AND start >= ?", slide.text, kept)
    }

    /// What may be taken up at a moment, which is given twice: what waits and was not put off beyond it, and what a worker left.
    private static let freeSlides = """
        ((state = 'waiting' AND (lease_until IS NULL OR lease_until <= ?)) OR (state = 'reading' AND lease_until <= ?))
        """

    func claimSlide(worker: String, now: Date, leaseUntil: Date) throws -> CaseSlide? {
        for id in try slidesInTurn(at: now) {
            // Another worker may be taking it up at this moment; then the next one's turn has come.
            let held = try connection.query(
                "SELECT id FROM slides WHERE id = ? AND \(Self.freeSlides)"
                    + connection.dialect.forUpdateSkippingLocked,
                values: [id.sqlValue, now.sqlValue, now.sqlValue])
            guard !held.isEmpty else { continue }
            try connection.execute(
                """
                UPDATE slides SET state = 'reading', attempts = attempts + 1, worker_id = ?, lease_until = ?, \
                updated_at = ? WHERE id = ?
                """, worker, leaseUntil, now, id.text)
            return try slide(id)
        }
        return nil
    }

    /// What may be taken up, in the order of turns: by when a slide came to wait or its owner was last served, whichever is later.
    /// So a person's second slide comes after the first one of everybody who waits, and nobody is passed by for ever.
    private func slidesInTurn(at now: Date) throws -> [SlideID] {
        let rows = try connection.query(
            "SELECT id, owner_id, created_at, updated_at FROM slides WHERE \(Self.freeSlides)",
            values: [now.sqlValue, now.sqlValue])
        var served: [UserID: Date] = [:]
        var waiting: [(id: SlideID, since: Date, createdAt: Date)] = []
        for row in rows {
            let owner: UserID = try row["owner_id"]
            if served[owner] == nil { served[owner] = try lastServed(owner) }
            let since: Date = try row["updated_at"]
            try waiting.append((row["id"], max(since, served[owner] ?? since), row["created_at"]))
        }
        return waiting.sorted { ($0.since, $0.createdAt, $0.id.text) < ($1.since, $1.createdAt, $1.id.text) }.map(\.id)
    }

    /// When a slide of somebody was last read, or taken up to be read.
    private func lastServed(_ owner: UserID) throws -> Date? {
        try connection.value(
            """
            SELECT updated_at FROM slides WHERE owner_id = ? AND state IN ('reading', 'done', 'failed') \
            ORDER BY updated_at DESC LIMIT 1
            """, owner.text)
    }

    func renewSlide(_ id: SlideID, worker: String, until: Date) throws -> Bool {
        try connection.execute(
            "UPDATE slides SET lease_until = ? WHERE id = ? AND worker_id = ? AND state = 'reading'", until, id.text,
            worker) == 1
    }

    func releaseSlides(worker: String) throws {
        try connection.execute(
            """
            UPDATE slides SET state = 'waiting', attempts = attempts - 1, worker_id = NULL, lease_until = NULL \
            WHERE worker_id = ? AND state = 'reading'
            """, worker)
    }

    func deleteSlide(_ id: SlideID) throws {
        // Parts and fields go by their foreign keys.
        try connection.execute("DELETE FROM slides WHERE id = ?", id.text)
    }

    func unfinishedSlides(before: Date, limit: Int) throws -> [CaseSlide] {
        try connection.all(
            Self.slides, "WHERE state = 'receiving' AND updated_at < ? ORDER BY created_at, id LIMIT ?", before, limit)
    }
}

/// The fields that were chosen of slides.
extension SQLTransaction {
    private static let slideFields = SQLTable<SlideField>(
        "slide_fields", "slide_id number x y side micrometres_per_pixel image_id taken_at"
    ) { row in
        try SlideField(
            slideID: row["slide_id"], number: row["number"], x: row["x"], y: row["y"], side: row["side"],
            micrometresPerPixel: row["micrometres_per_pixel"], imageID: row["image_id"], takenAt: row["taken_at"])
    }

    func insert(_ fields: [SlideField]) throws {
        let rows = fields.map { field -> [SQLValue] in
            [
                field.slideID.sqlValue, field.number.sqlValue, field.x.sqlValue, field.y.sqlValue,
                field.side.sqlValue, field.micrometresPerPixel.sqlValue, field.imageID.sqlValue,
                field.takenAt.sqlValue,
            ]
        }
        try connection.insert(rows, into: Self.slideFields.name, Self.slideFields.list)
    }

    func fields(of slide: SlideID) throws -> [SlideField] {
        try connection.all(Self.slideFields, "WHERE slide_id = ? ORDER BY number", slide.text)
    }

    func slideField(ofImage image: ImageID) throws -> SlideField? {
        try connection.one(Self.slideFields, "WHERE image_id = ?", image.text)
    }

    func update(_ field: SlideField) throws {
        try connection.execute(
            "UPDATE slide_fields SET image_id = ?, taken_at = ? WHERE slide_id = ? AND number = ?", field.imageID,
            field.takenAt, field.slideID.text, field.number)
    }
}
