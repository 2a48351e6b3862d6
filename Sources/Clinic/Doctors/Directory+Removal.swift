import Foundation

extension Directory {
    /// Takes the entry of an account that is about to be deleted out of the directory, with its papers, portrait, contact
    /// and words. Name, qualifications and address stay, for the patients whose past visits tell of them. Belongs before
    /// `deleteUser` in the same transaction.
    ///
    /// - Returns: The keys of the files that are nobody's now.
    static func removeEntry(of user: UserID, now: Date, in transaction: any DoctorRows & AppointmentRows & AuditRows)
        throws -> [String]
    {
        guard var doctor = try transaction.doctor(of: user) else { return [] }
        let documents = try transaction.documents(of: doctor.id)
        for document in documents { try transaction.deleteDocument(document.id) }
        let keys = documents.map(\.archiveKey) + (doctor.photoKey.map { [$0] } ?? [])
        doctor.photoKey = nil
        doctor.phone = ""
        doctor.email = ""
        doctor.website = ""
        doctor.about = ""
        doctor.statusReason = ""
        doctor.status = .retired
        doctor.userID = nil
        doctor.updatedAt = now
        try transaction.update(doctor)
        try Booking.refreshNextFree(of: doctor.id, now: now, in: transaction)
        try transaction.append(
            AuditEntry(.doctor(.retire), by: .user(user), object: doctor.id.text, detail: "account deleted", at: now))
        return keys
    }
}
