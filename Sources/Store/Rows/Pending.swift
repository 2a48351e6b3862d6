import Clinic
import Foundation

// To be replaced by rows of their own files.

extension SQLTransaction {
    func insert(_ doctor: Doctor) throws { throw Self.unwritten }
    func doctor(_ id: DoctorID) throws -> Doctor? { throw Self.unwritten }
    func doctor(of user: UserID) throws -> Doctor? { throw Self.unwritten }
    func doctor(council: String, registrationNumber: String) throws -> Doctor? { throw Self.unwritten }
    func update(_ doctor: Doctor) throws { throw Self.unwritten }
    func doctors(matching: DoctorFilter, limit: Int, offset: Int) throws -> [Doctor] { throw Self.unwritten }
    func countDoctors(matching: DoctorFilter) throws -> Int { throw Self.unwritten }
    func doctors(_ ids: [DoctorID]) throws -> [Doctor] { throw Self.unwritten }
    func candidates(_ query: CandidateQuery) throws -> [DoctorCandidate] { throw Self.unwritten }
    func setNextFree(_ at: Date?, of doctor: DoctorID) throws { throw Self.unwritten }
    func doctorsWithPassedSlot(before: Date, limit: Int) throws -> [DoctorID] { throw Self.unwritten }
    func insert(_ document: DoctorDocument) throws { throw Self.unwritten }
    func documents(of doctor: DoctorID) throws -> [DoctorDocument] { throw Self.unwritten }
    func document(_ id: DocumentID) throws -> DoctorDocument? { throw Self.unwritten }
    func deleteDocument(_ id: DocumentID) throws { throw Self.unwritten }
    func hasDoctorFile(archiveKey: String) throws -> Bool { throw Self.unwritten }
}

extension SQLTransaction {
    func lockBookings(of doctor: DoctorID) throws { throw Self.unwritten }
    func insert(_ appointment: Appointment) throws { throw Self.unwritten }
    func appointment(_ id: AppointmentID) throws -> Appointment? { throw Self.unwritten }
    func update(_ appointment: Appointment) throws { throw Self.unwritten }
    func appointments(of doctor: DoctorID, from: Date, until: Date) throws -> [Appointment] { throw Self.unwritten }
    func hasAppointment(of patient: UserID, with doctor: DoctorID) throws -> Bool { throw Self.unwritten }
    func appointments(of patient: UserID, limit: Int) throws -> [Appointment] { throw Self.unwritten }
    func appointments(of doctor: DoctorID, states: Set<Appointment.State>, from: Date, limit: Int) throws
        -> [Appointment]
    { throw Self.unwritten }
    func countOpenAppointments(of patient: UserID, now: Date) throws -> Int { throw Self.unwritten }
    func appointmentsToRemind(from: Date, until: Date, limit: Int) throws -> [Appointment] { throw Self.unwritten }
    func claimReminder(_ id: AppointmentID, at: Date) throws -> Bool { throw Self.unwritten }
}

extension SQLTransaction {
    func insert(_ review: Review) throws { throw Self.unwritten }
    func review(_ id: ReviewID) throws -> Review? { throw Self.unwritten }
    func review(of appointment: AppointmentID) throws -> Review? { throw Self.unwritten }
    func update(_ review: Review) throws { throw Self.unwritten }
    func deleteReview(_ id: ReviewID) throws { throw Self.unwritten }
    func reviews(of doctor: DoctorID, limit: Int, offset: Int) throws -> [Review] { throw Self.unwritten }
    func reviews(by patient: UserID, limit: Int) throws -> [Review] { throw Self.unwritten }
    func countReviews(by patient: UserID, since: Date) throws -> Int { throw Self.unwritten }
    func refreshRating(of doctor: DoctorID) throws { throw Self.unwritten }
    func insert(_ report: ReviewReport) throws { throw Self.unwritten }
    func reports(of review: ReviewID) throws -> [ReviewReport] { throw Self.unwritten }
    func deleteReports(of review: ReviewID) throws { throw Self.unwritten }
    func reviewsToModerate(limit: Int) throws -> [Review] { throw Self.unwritten }
    func countReviewsToModerate() throws -> Int { throw Self.unwritten }
}

extension SQLTransaction {
    func share(_ screening: ScreeningID, with user: UserID, allowsTraining: Bool, at: Date) throws {
        throw Self.unwritten
    }
    func unshareAll(of patient: UserID, with user: UserID) throws -> [ScreeningID] { throw Self.unwritten }
    func unshare(_ screening: ScreeningID, with user: UserID) throws -> Bool { throw Self.unwritten }
    func isShared(_ screening: ScreeningID, with user: UserID) throws -> Bool { throw Self.unwritten }
    func shares(of screening: ScreeningID) throws -> [ScreeningShare] { throw Self.unwritten }
    func shares(ofCase smearCase: CaseID) throws -> [ScreeningShare] { throw Self.unwritten }
    func shares(by patient: UserID, limit: Int) throws -> [ScreeningShare] { throw Self.unwritten }
    func sharedScreenings(with user: UserID, limit: Int, offset: Int) throws -> [SharedScreening] {
        throw Self.unwritten
    }
    func countUnsignedShared(with user: UserID) throws -> Int { throw Self.unwritten }
    func insert(_ reading: Reading) throws { throw Self.unwritten }
    func reading(_ id: ReadingID) throws -> Reading? { throw Self.unwritten }
    func update(_ reading: Reading) throws { throw Self.unwritten }
    func readings(of screening: ScreeningID) throws -> [Reading] { throw Self.unwritten }
    func readings(ofCase smearCase: CaseID) throws -> [Reading] { throw Self.unwritten }
    func signedReadings(after: ReadingID?, limit: Int) throws -> [Reading] { throw Self.unwritten }
    func readings(by reader: UserID, after: ReadingID?, limit: Int) throws -> [Reading] { throw Self.unwritten }
    func readingCounts(of reader: UserID?) throws -> [ReadingCount] { throw Self.unwritten }
}

extension SQLTransaction {
    func dailyCounts(from: Date, until: Date) throws -> [DailyCount] { throw Self.unwritten }
    func screeningFacts(from: Date, until: Date, limit: Int) throws -> [ScreeningFact] { throw Self.unwritten }
    func storedAmount() throws -> (images: Int, bytes: Int) { throw Self.unwritten }
    func oldestQueuedAt() throws -> Date? { throw Self.unwritten }
}

extension SQLTransaction {
    func insert(_ model: InstalledModel) throws { throw Self.unwritten }
    func installedModel(_ id: InstalledModelID) throws -> InstalledModel? { throw Self.unwritten }
    func installedModels() throws -> [InstalledModel] { throw Self.unwritten }
    func deleteInstalledModel(_ id: InstalledModelID) throws { throw Self.unwritten }
    func activate(_ model: InstalledModelID?, by: UserID?, reason: String, at: Date) throws -> ModelActivation {
        throw Self.unwritten
    }
    func activeModel() throws -> ModelActivation? { throw Self.unwritten }
    func modelActivations(limit: Int) throws -> [ModelActivation] { throw Self.unwritten }
}

extension SQLTransaction {
    func insert(placeNames: [PlaceName]) throws { throw Self.unwritten }
    func places(near: GeoPosition, limit: Int) throws -> [Place] { throw Self.unwritten }
    static var unwritten: ClinicError { ClinicError(.databaseUnavailable, "not written yet") }
}
