import Foundation

/// The rules of the directory of doctors, over any database: who may be in it, who decides, what is told to the log.
///
/// An entry is shown to others only while it is verified. What an administrator verified (name, qualifications, council,
/// number, specialties) cannot change without being looked at again: such a change sends the entry back to `pending`,
/// and out of the search. Address, fee, languages, contact and the rest change at once.
public struct Directory: Sendable {
    /// Papers that an entry may have.
    public static let maximumDocuments = 10
    /// Bytes of one paper.
    public static let maximumDocumentBytes = 10_000_000
    /// Characters of a reason.
    public static let maximumReason = 1000

    let database: any ClinicDatabase
    let clock: @Sendable () -> Date

    public init(database: any ClinicDatabase, clock: @escaping @Sendable () -> Date = { Date() }) {
        self.database = database
        self.clock = clock
    }

    /// Puts somebody's own entry into the directory; it waits for an administrator. One entry an account.
    ///
    /// - Throws: `DoctorEntryProblems`; `ClinicError.duplicate` with field `registrationNumber` when the register's number
    ///   is in the directory, or `userID` when the account has an entry.
    public func register(_ entry: DoctorEntry, by user: UserID) async throws -> Doctor {
        let now = clock()
        let checked = try entry.checked(now: now)
        return try await database.write { transaction in
            guard try transaction.doctor(of: user) == nil else {
                throw ClinicError(.duplicate, "errors.directory.hasEntry", field: "userID")
            }
            try Self.checkNumber(of: checked, except: nil, in: transaction)
            let doctor = checked.doctor(of: user, status: .pending, now: now)
            try transaction.insert(doctor)
            try transaction.append(AuditEntry(.doctor(.register), by: .user(user), object: doctor.id.text, at: now))
            return doctor
        }
    }

    /// Changes somebody's own entry.
    ///
    /// A verified one stays so unless a verified part changed; one that was refused or retired waits for an administrator
    /// again.
    ///
    /// - Throws: As `register`; `ClinicError.notFound` for who has no entry.
    public func update(_ entry: DoctorEntry, by user: UserID) async throws -> Doctor {
        let now = clock()
        let checked = try entry.checked(now: now)
        return try await database.write { transaction in
            guard let old = try transaction.doctor(of: user) else { throw Self.nothingHere }
            try Self.checkNumber(of: checked, except: old.id, in: transaction)
            var doctor = checked.applied(to: old)
            if old.status != .verified || Self.needsVerification(doctor, after: old) { doctor.status = .pending }
            if doctor.status == old.status {
                guard doctor != old else { return old }
            } else {
                doctor.statusReason = ""
            }
            doctor.updatedAt = now
            try transaction.update(doctor)
            try Booking.refreshNextFree(of: doctor.id, now: now, in: transaction)
            try transaction.append(
                AuditEntry(
                    .doctor(.update), by: .user(user), object: doctor.id.text,
                    detail: "status=\(doctor.status.rawValue)",
                    at: now))
            return try transaction.doctor(doctor.id) ?? doctor
        }
    }

    /// Whether a verified part differs.
    static func needsVerification(_ new: Doctor, after old: Doctor) -> Bool {
        new.name != old.name || new.qualifications != old.qualifications || new.council != old.council
            || new.registrationNumber != old.registrationNumber || new.specialties != old.specialties
    }

    /// The own entry of somebody with its papers, newest first; nil for who has none.
    public func own(_ user: UserID) async throws -> (doctor: Doctor, documents: [DoctorDocument])? {
        try await database.read { transaction in
            guard let doctor = try transaction.doctor(of: user) else { return nil }
            return (doctor, try transaction.documents(of: doctor.id))
        }
    }

    /// An entry as somebody may see it: a verified one everybody, another one its doctor and administrators.
    ///
    /// - Throws: `ClinicError.notFound` for everybody else.
    public func shown(_ id: DoctorID, to user: User?) async throws -> Doctor {
        try await database.read { transaction in
            guard let doctor = try transaction.doctor(id), Self.isShown(doctor, to: user) else {
                throw Self.nothingHere
            }
            return doctor
        }
    }

    static func isShown(_ doctor: Doctor, to user: User?) -> Bool {
        if doctor.status == .verified { return true }
        guard let user else { return false }
        return doctor.userID == user.id || user.role == .administrator
    }

    private static func checkNumber(
        of entry: CheckedDoctorEntry, except: DoctorID?, in transaction: any DoctorRows
    ) throws {
        let other = try transaction.doctor(council: entry.council, registrationNumber: entry.registrationNumber)
        guard let other, other.id != except else { return }
        throw ClinicError(
            .duplicate, other.userID == nil ? "errors.directory.numberImported" : "errors.directory.number",
            field: "registrationNumber")
    }

    static var nothingHere: ClinicError { ClinicError(.notFound, "errors.nothingHere") }

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
