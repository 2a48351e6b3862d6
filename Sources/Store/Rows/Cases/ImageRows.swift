import Clinic
import Foundation

extension SQLTransaction {
    private static let columns =
        "id, case_id, number, upload_key, width, height, byte_count, sha256, archive_key, created_at"

    func insert(_ image: CaseImage, screening: ScreeningRecord) throws -> (CaseImage, ScreeningRecord) {
        guard let held = try holdCase(image.caseID) else { throw ClinicError(.notFound, "errors.cases.none") }
        // The case is held: of two uploads with one key, the second comes here after the first's commit.
        if let present = try self.image(uploadKey: image.uploadKey, in: image.caseID),
            let screening = try self.screening(of: present.id)
        {
            return (present, screening)
        }
        let number = held.lastNumber + 1
        let stored = CaseImage(
            id: image.id, caseID: image.caseID, number: number, uploadKey: image.uploadKey, width: image.width,
            height: image.height, byteCount: image.byteCount, sha256: image.sha256, archiveKey: image.archiveKey,
            createdAt: image.createdAt)
        let queued = ScreeningRecord(
            id: screening.id, imageID: image.id, caseID: image.caseID, createdAt: screening.createdAt)
        try write(stored, owner: held.owner)
        try write(queued, owner: held.owner, number: number)
        try touchCase(
            image.caseID, owner: held.owner, from: held.updatedAt, to: image.createdAt, lastNumber: number)
        return (stored, queued)
    }

    private func write(_ image: CaseImage, owner: UserID) throws {
        try refusingDuplicates(of: "image", "errors.images.stored") {
            try connection.execute(
                "INSERT INTO images (\(Self.columns), owner_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                image.id.text, image.caseID.text, image.number, image.uploadKey, image.width, image.height,
                image.byteCount, image.sha256, image.archiveKey, image.createdAt, owner.text)
        }
    }

    func image(_ id: ImageID) throws -> CaseImage? {
        try connection.first("SELECT \(Self.columns) FROM images WHERE id = ?", id.text).map(Self.image)
    }

    func image(uploadKey: String, in smearCase: CaseID) throws -> CaseImage? {
        try connection.first(
            "SELECT \(Self.columns) FROM images WHERE case_id = ? AND upload_key = ?", smearCase.text, uploadKey
        ).map(Self.image)
    }

    func images(of smearCase: CaseID) throws -> [CaseImage] {
        try connection.query(
            "SELECT \(Self.columns) FROM images WHERE case_id = ? ORDER BY number", smearCase.text
        ).map(Self.image)
    }

    func deleteImage(_ id: ImageID) throws {
        guard let image = try image(id), let held = try holdCase(image.caseID) else { return }
        // The screening goes by its foreign key.
        try connection.execute("DELETE FROM images WHERE id = ?", id.text)
        try refreshMarks(of: image.caseID, owner: held.owner, updatedAt: held.updatedAt)
    }

    func archiveKeys(of owner: UserID) throws -> [String] {
        try connection.query("SELECT archive_key FROM images WHERE owner_id = ?", owner.text).map { row in
            var row = row
            return try row.text()
        }
    }

    func hasImage(archiveKey: String) throws -> Bool {
        try connection.number("SELECT COUNT(*) FROM images WHERE archive_key = ?", archiveKey) > 0
    }

    func usage(of owner: UserID, since: Date) throws -> (images: Int, bytes: Int, imagesSince: Int) {
        guard
            var row = try connection.first(
                """
                SELECT COUNT(*), COALESCE(SUM(byte_count), 0), \
                COALESCE(SUM(CASE WHEN created_at >= ? THEN 1 ELSE 0 END), 0) FROM images WHERE owner_id = ?
                """, since, owner.text)
        else { return (0, 0, 0) }
        return (try row.int(), try row.int(), try row.int())
    }

    private static func image(_ row: SQLRow) throws -> CaseImage {
        var row = row
        return CaseImage(
            id: try row.identifier(), caseID: try row.identifier(), number: try row.int(), uploadKey: try row.text(),
            width: try row.int(), height: try row.int(), byteCount: try row.int(), sha256: try row.text(),
            archiveKey: try row.text(), createdAt: try row.date())
    }
}
