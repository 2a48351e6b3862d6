import Foundation

/// The rows of an entry's papers and portrait. The bytes are in the archive, where `DoctorFiles` puts and removes them.
extension Directory {
    /// Before any work is done on a file: the entry that it is for.
    ///
    /// - Throws: `ClinicError.notFound` for who has no entry; `.quotaExceeded` when it has as many papers as fit.
    public func admitDocument(by user: UserID) async throws -> DoctorID {
        try await database.read { try Self.admit(by: user, in: $0).id }
    }

    /// Stores the row of a paper whose bytes are in the archive.
    ///
    /// - Parameter stored: What the file is.
    /// - Throws: As `admitDocument`, and `ClinicError.notFound` when it is for another entry.
    public func addDocument(
        _ document: DoctorDocument, stored: StoredObject, by user: UserID
    ) async throws {
        let now = clock()
        try await database.write { transaction in
            guard try Self.admit(by: user, in: transaction).id == document.doctorID else { throw Self.nothingHere }
            try transaction.insert(document)
            try transaction.record([stored])
            try transaction.append(
                AuditEntry(
                    .document(.add), by: .user(user), object: document.id.text, detail: "doctor=\(document.doctorID)",
                    at: now))
        }
    }

    /// The row of a paper, for its doctor or an administrator, who is about to read it; noted in the log.
    ///
    /// - Throws: `ClinicError.notFound` for everybody else.
    public func document(_ id: DocumentID, by user: UserID) async throws -> DoctorDocument {
        let now = clock()
        return try await database.write { transaction in
            guard let document = try transaction.document(id), let doctor = try transaction.doctor(document.doctorID),
                let reader = try transaction.user(user), doctor.userID == user || reader.role == .administrator
            else { throw Self.nothingHere }
            try transaction.append(
                AuditEntry(
                    .document(.read), by: .user(user), object: id.text, detail: "doctor=\(doctor.id)", at: now))
            return document
        }
    }

    /// Takes a paper away; for its doctor alone.
    ///
    /// - Returns: The key of the file, which is nobody's now.
    /// - Throws: `ClinicError.notFound` for everybody else.
    public func deleteDocument(_ id: DocumentID, by user: UserID) async throws -> String {
        let now = clock()
        return try await database.write { transaction in
            guard let document = try transaction.document(id), let doctor = try transaction.doctor(of: user),
                doctor.id == document.doctorID
            else { throw Self.nothingHere }
            _ = try Erasure(.document, id.text, at: now).carryOut(
                by: .user(user), detail: "doctor=\(doctor.id)", in: transaction)
            return document.archiveKey
        }
    }

    /// Puts another portrait in place, or none.
    ///
    /// - Parameter photo: What the file is and where; nil takes it away.
    /// - Returns: The key of the portrait that was there.
    /// - Throws: `ClinicError.notFound` for who has no entry.
    public func setPhoto(_ photo: StoredObject?, of user: UserID) async throws -> String? {
        let now = clock()
        return try await database.write { transaction in
            guard var doctor = try transaction.doctor(of: user) else { throw Self.nothingHere }
            let old = doctor.photoKey
            doctor.photoKey = photo?.key
            doctor.updatedAt = now
            try transaction.update(doctor)
            if let old { try transaction.forgetObjects([old]) }
            if let photo { try transaction.record([photo]) }
            try transaction.append(
                AuditEntry(.doctor(.update), by: .user(user), object: doctor.id.text, detail: "photo", at: now))
            return old
        }
    }

    private static func admit(by user: UserID, in transaction: any DoctorRows) throws -> Doctor {
        guard let doctor = try transaction.doctor(of: user) else { throw nothingHere }
        guard try transaction.documents(of: doctor.id).count < maximumDocuments else {
            throw ClinicError(
                .quotaExceeded, "errors.directory.documents", ["maximum": maximumDocuments], field: "document")
        }
        return doctor
    }
}
