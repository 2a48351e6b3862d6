import Foundation

/// The directory of doctors.
public protocol DoctorRows {
    /// - Throws: `ClinicError.duplicate` with field `registrationNumber` (the same number of the same council) or
    ///   `userID` (the account has an entry).
    func insert(_ doctor: Doctor) throws
    func doctor(_ id: DoctorID) throws -> Doctor?
    func doctor(of user: UserID) throws -> Doctor?
    func doctor(council: String, registrationNumber: String) throws -> Doctor?
    /// Stores everything but `rating` and `nextFreeAt`, which have functions of their own.
    ///
    /// - Throws: `ClinicError.duplicate` as `insert`; `.notFound`.
    func update(_ doctor: Doctor) throws
    /// Newest first.
    func doctors(matching: DoctorFilter, limit: Int, offset: Int) throws -> [Doctor]
    func countDoctors(matching: DoctorFilter) throws -> Int
    /// In the order asked for; those that are not there are left out.
    func doctors(_ ids: [DoctorID]) throws -> [Doctor]

    /// Every verified doctor that the query asks for, each once, in no order; by an index, however many there are
    /// elsewhere.
    func candidates(_ query: CandidateQuery) throws -> [DoctorCandidate]

    func setNextFree(_ at: Date?, of doctor: DoctorID) throws
    /// Verified doctors whose `nextFreeAt` has passed, oldest first.
    func doctorsWithPassedSlot(before: Date, limit: Int) throws -> [DoctorID]

    func insert(_ document: DoctorDocument) throws
    func documents(of doctor: DoctorID) throws -> [DoctorDocument]
    func document(_ id: DocumentID) throws -> DoctorDocument?
    func deleteDocument(_ id: DocumentID) throws
    /// Whether a document or a portrait has this key, for the sweep after a crash.
    func hasDoctorFile(archiveKey: String) throws -> Bool
}
