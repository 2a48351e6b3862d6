import Findings
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

/// Appointments.
public protocol AppointmentRows {
    /// Keeps other bookings of this doctor out until the end of the transaction.
    func lockBookings(of doctor: DoctorID) throws
    /// - Throws: `ClinicError.duplicate` with field `slot` when the doctor has another appointment at this time that
    ///   holds its slot. Two that only overlap are for the rules to refuse, under `lockBookings`.
    func insert(_ appointment: Appointment) throws
    func appointment(_ id: AppointmentID) throws -> Appointment?
    /// Stores state, note, reason, sequence, remindedAt and updatedAt.
    ///
    /// - Throws: `ClinicError.notFound`.
    func update(_ appointment: Appointment) throws
    /// Those that hold their slot and overlap the time, in the order of their beginning.
    func appointments(of doctor: DoctorID, from: Date, until: Date) throws -> [Appointment]
    /// Whether a patient has an appointment with a doctor that is not cancelled.
    func hasAppointment(of patient: UserID, with doctor: DoctorID) throws -> Bool
    /// All of a patient, latest beginning first.
    func appointments(of patient: UserID, limit: Int) throws -> [Appointment]
    /// Of a doctor in these states, by their beginning, earliest first.
    func appointments(
        of doctor: DoctorID, states: Set<Appointment.State>, from: Date, limit: Int
    ) throws -> [Appointment]
    /// Appointments of a patient that are requested or confirmed and not over, for the limit a person may hold.
    func countOpenAppointments(of patient: UserID, now: Date) throws -> Int
    /// Confirmed ones that begin in the span and whose reminder has not gone out.
    func appointmentsToRemind(from: Date, until: Date, limit: Int) throws -> [Appointment]
    /// Marks the reminder as sent. Of two callers at once, one gets true.
    func claimReminder(_ id: AppointmentID, at: Date) throws -> Bool
}

/// Reviews and their moderation.
public protocol ReviewRows {
    /// - Throws: `ClinicError.duplicate` with field `appointment` when the visit has a review.
    func insert(_ review: Review) throws
    func review(_ id: ReviewID) throws -> Review?
    func review(of appointment: AppointmentID) throws -> Review?
    /// - Throws: `ClinicError.notFound`.
    func update(_ review: Review) throws
    func deleteReview(_ id: ReviewID) throws
    /// Published ones, newest first.
    func reviews(of doctor: DoctorID, limit: Int, offset: Int) throws -> [Review]
    func reviews(by patient: UserID, limit: Int) throws -> [Review]
    /// Reviews that this person wrote since a date, for the flood rule.
    func countReviews(by patient: UserID, since: Date) throws -> Int
    /// Adds up the stars of the published reviews again and stores them with the doctor.
    func refreshRating(of doctor: DoctorID) throws

    /// - Throws: `ClinicError.duplicate` when this person has reported it already.
    func insert(_ report: ReviewReport) throws
    func reports(of review: ReviewID) throws -> [ReviewReport]
    func deleteReports(of review: ReviewID) throws
    /// Held ones and reported ones, oldest first.
    func reviewsToModerate(limit: Int) throws -> [Review]
    func countReviewsToModerate() throws -> Int
}

/// Screenings that clinicians may see, and what they read in them.
public protocol ReadingRows {
    /// Lets a clinician see a screening; again is the same, but for `allowsTraining`, which becomes what the last call says.
    func share(_ screening: ScreeningID, with user: UserID, allowsTraining: Bool, at: Date) throws
    /// - Returns: Whether it was shared.
    func unshare(_ screening: ScreeningID, with user: UserID) throws -> Bool
    /// Takes everything back that a patient shares with a clinician.
    ///
    /// - Returns: What was shared.
    func unshareAll(of patient: UserID, with user: UserID) throws -> [ScreeningID]
    func isShared(_ screening: ScreeningID, with user: UserID) throws -> Bool
    func shares(of screening: ScreeningID) throws -> [ScreeningShare]
    func shares(ofCase smearCase: CaseID) throws -> [ScreeningShare]
    /// What a patient shares with anyone, newest first.
    func shares(by patient: UserID, limit: Int) throws -> [ScreeningShare]
    /// What is shared with a clinician and done; not signed ones first, then newest first.
    func sharedScreenings(with user: UserID, limit: Int, offset: Int) throws -> [SharedScreening]
    func countUnsignedShared(with user: UserID) throws -> Int

    /// - Throws: `ClinicError.duplicate` with field `revision`.
    func insert(_ reading: Reading) throws
    func reading(_ id: ReadingID) throws -> Reading?
    /// Stores label, comment, the network's words, isBlind, signedAt and updatedAt of a draft.
    ///
    /// - Throws: `ClinicError.notFound`, also for a reading that is signed.
    func update(_ reading: Reading) throws
    /// Every revision of every reader, oldest first.
    func readings(of screening: ScreeningID) throws -> [Reading]
    func readings(ofCase smearCase: CaseID) throws -> [Reading]
    /// Every revision of a reader, drafts too, in the order of their identifiers, after one of them.
    func readings(by reader: UserID, after: ReadingID?, limit: Int) throws -> [Reading]
    /// Signed readings that count (the highest revision of reader and screening), oldest first, after a point.
    func signedReadings(after: ReadingID?, limit: Int) throws -> [Reading]
    /// Of readings that count: how often the network said one class and the reader another, per model version.
    ///
    /// - Parameter reader: Of this reader alone; nil for those of everybody.
    func readingCounts(of reader: UserID?) throws -> [ReadingCount]
}

/// How often the network and a reader said this of the same image.
public struct ReadingCount: Sendable, Equatable {
    public let modelName: String
    public let modelVersion: String
    public let networkLabel: SmearClass
    public let networkDecision: Decision
    public let readerLabel: ReaderLabel
    public let isBlind: Bool
    public let count: Int

    public init(
        modelName: String, modelVersion: String, networkLabel: SmearClass, networkDecision: Decision,
        readerLabel: ReaderLabel,
        isBlind: Bool, count: Int
    ) {
        self.modelName = modelName
        self.modelVersion = modelVersion
        self.networkLabel = networkLabel
        self.networkDecision = networkDecision
        self.readerLabel = readerLabel
        self.isBlind = isBlind
        self.count = count
    }
}

/// What the dashboards read.
public protocol MonitoringRows {
    /// Screenings finished in the span, by day, decision, class and model version.
    func dailyCounts(from: Date, until: Date) throws -> [DailyCount]
    /// The newest finished screenings of the span, newest first.
    func screeningFacts(from: Date, until: Date, limit: Int) throws -> [ScreeningFact]
    /// Images and bytes of everybody.
    func storedAmount() throws -> (images: Int, bytes: Int)
    /// When the oldest screening of the queue came; nil when none waits.
    func oldestQueuedAt() throws -> Date?
}

/// Model packages of this site.
public protocol ModelRows {
    /// - Throws: `ClinicError.duplicate` with field `checksum` when the same network is installed.
    func insert(_ model: InstalledModel) throws
    func installedModel(_ id: InstalledModelID) throws -> InstalledModel?
    /// Newest first.
    func installedModels() throws -> [InstalledModel]
    func deleteInstalledModel(_ id: InstalledModelID) throws
    /// Makes a model the active one.
    func activate(_ model: InstalledModelID?, by: UserID?, reason: String, at: Date) throws -> ModelActivation
    /// The newest activation; nil as long as the shipped model never was replaced.
    func activeModel() throws -> ModelActivation?
    /// Newest first.
    func modelActivations(limit: Int) throws -> [ModelActivation]
}
