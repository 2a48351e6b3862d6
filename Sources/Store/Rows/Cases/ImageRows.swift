import Clinic
import Foundation

extension SQLTransaction {
    private static let images = SQLTable<CaseImage>(
        "images", "id case_id number upload_key width height byte_count sha256 archive_key created_at"
    ) { row in
        try CaseImage(
            id: row["id"], caseID: row["case_id"], number: row["number"], uploadKey: row["upload_key"],
            width: row["width"], height: row["height"], byteCount: row["byte_count"], sha256: row["sha256"],
            archiveKey: row["archive_key"], createdAt: row["created_at"])
    }

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
            id: screening.id, imageID: image.id, caseID: image.caseID, createdAt: screening.createdAt,
            origin: ScreeningOrigin(siteID: screening.origin.siteID))
        try write(stored, owner: held.owner)
        try write(queued, owner: held.owner, number: number)
        try touchCase(
            image.caseID, owner: held.owner, from: held.updatedAt, to: image.createdAt, lastNumber: number)
        return (stored, queued)
    }

    private func write(_ image: CaseImage, owner: UserID) throws {
        try refusingDuplicates(of: "image", "errors.images.stored") {
            try connection.execute(
                "INSERT INTO images (\(Self.images.list), owner_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                image.id.text, image.caseID.text, image.number, image.uploadKey, image.width, image.height,
                image.byteCount, image.sha256, image.archiveKey, image.createdAt, owner.text)
        }
    }

    func image(_ id: ImageID) throws -> CaseImage? {
        try connection.one(Self.images, "WHERE id = ?", id.text)
    }

    func image(uploadKey: String, in smearCase: CaseID) throws -> CaseImage? {
        try connection.one(Self.images, "WHERE case_id = ? AND upload_key = ?", smearCase.text, uploadKey)
    }

    func images(of smearCase: CaseID) throws -> [CaseImage] {
        try connection.all(Self.images, "WHERE case_id = ? ORDER BY number", smearCase.text)
    }

    func deleteImage(_ id: ImageID) throws {
        guard let image = try image(id), let held = try holdCase(image.caseID) else { return }
        // The screening goes by its foreign key.
        try connection.execute("DELETE FROM images WHERE id = ?", id.text)
        try refreshMarks(of: image.caseID, owner: held.owner, updatedAt: held.updatedAt)
    }

    func archiveKeys(of owner: UserID) throws -> [String] {
        try connection.column("SELECT archive_key FROM images WHERE owner_id = ?", owner.text)
    }

    func hasImage(archiveKey: String) throws -> Bool {
        try connection.number("SELECT COUNT(*) FROM images WHERE archive_key = ?", archiveKey) > 0
    }

    func usage(of owner: UserID, since: Date) throws -> (images: Int, bytes: Int, imagesSince: Int) {
        guard
            let row = try connection.first(
                """
                SELECT COUNT(*) AS images, COALESCE(SUM(byte_count), 0) AS bytes, \
                COALESCE(SUM(CASE WHEN created_at >= ? THEN 1 ELSE 0 END), 0) AS recent FROM images WHERE owner_id = ?
                """, since, owner.text)
        else { return (0, 0, 0) }
        return try (row["images"], row["bytes"], row["recent"])
    }
}
