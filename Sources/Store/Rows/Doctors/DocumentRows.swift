import Clinic

extension SQLTransaction {
    private static let documents = SQLTable<DoctorDocument>(
        "doctor_documents", "id doctor_id name content_type byte_count archive_key created_at"
    ) { row in
        try DoctorDocument(
            id: row["id"], doctorID: row["doctor_id"], name: row["name"], contentType: row["content_type"],
            byteCount: row["byte_count"], archiveKey: row["archive_key"], createdAt: row["created_at"])
    }

    func insert(_ document: DoctorDocument) throws {
        try refusingDuplicates(of: "archiveKey", "errors.directory.documentStored") {
            try connection.execute(
                "INSERT INTO doctor_documents (\(Self.documents.list)) VALUES (?, ?, ?, ?, ?, ?, ?)", document.id.text,
                document.doctorID.text, document.name, document.contentType, document.byteCount, document.archiveKey,
                document.createdAt)
        }
    }

    func documents(of doctor: DoctorID) throws -> [DoctorDocument] {
        try connection.all(Self.documents, "WHERE doctor_id = ? ORDER BY created_at, id", doctor.text)
    }

    func document(_ id: DocumentID) throws -> DoctorDocument? {
        try connection.one(Self.documents, "WHERE id = ?", id.text)
    }

    func deleteDocument(_ id: DocumentID) throws {
        try connection.execute("DELETE FROM doctor_documents WHERE id = ?", id.text)
    }

    func hasDoctorFile(archiveKey: String) throws -> Bool {
        try connection.number("SELECT COUNT(*) FROM doctor_documents WHERE archive_key = ?", archiveKey) > 0
            || connection.number("SELECT COUNT(*) FROM doctors WHERE photo_key = ?", archiveKey) > 0
    }
}
