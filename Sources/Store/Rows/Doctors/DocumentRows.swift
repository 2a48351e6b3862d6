import Clinic

extension SQLTransaction {
    private static let columns = "id, doctor_id, name, content_type, byte_count, archive_key, created_at"

    func insert(_ document: DoctorDocument) throws {
        try refusingDuplicates(of: "archiveKey", "errors.directory.documentStored") {
            try connection.execute(
                "INSERT INTO doctor_documents (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?)", document.id.text,
                document.doctorID.text, document.name, document.contentType, document.byteCount, document.archiveKey,
                document.createdAt)
        }
    }

    func documents(of doctor: DoctorID) throws -> [DoctorDocument] {
        try connection.query(
            "SELECT \(Self.columns) FROM doctor_documents WHERE doctor_id = ? ORDER BY created_at, id", doctor.text
        ).map(Self.document)
    }

    func document(_ id: DocumentID) throws -> DoctorDocument? {
        try connection.first("SELECT \(Self.columns) FROM doctor_documents WHERE id = ?", id.text).map(Self.document)
    }

    func deleteDocument(_ id: DocumentID) throws {
        try connection.execute("DELETE FROM doctor_documents WHERE id = ?", id.text)
    }

    func hasDoctorFile(archiveKey: String) throws -> Bool {
        try connection.number("SELECT COUNT(*) FROM doctor_documents WHERE archive_key = ?", archiveKey) > 0
            || connection.number("SELECT COUNT(*) FROM doctors WHERE photo_key = ?", archiveKey) > 0
    }

    private static func document(_ row: SQLRow) throws -> DoctorDocument {
        var row = row
        return DoctorDocument(
            id: try row.identifier(), doctorID: try row.identifier(), name: try row.text(),
            contentType: try row.text(), byteCount: try row.int(), archiveKey: try row.text(),
            createdAt: try row.date())
    }
}
