import Clinic
import Findings
import FindingsFixtures
import Foundation

extension GeoPosition {
    static let bengaluru = GeoPosition(latitude: 12.97, longitude: 77.59)
}

extension Doctor {
    /// - Parameter number: Makes the registration unique.
    static func sample(
        _ number: Int = 1, name: String = "Dr. Meera Iyer", user: UserID? = nil, at position: GeoPosition = .bengaluru,
        status: Status = .verified, nextFreeAt: Date? = moment(3600)
    ) -> Doctor {
        Doctor(
            userID: user, name: name, qualifications: "MD, DM", registrationNumber: "KMC-\(number)",
            council: "Karnataka Medical Council", specialties: [.haematoOncology, .haematology],
            languages: ["en", "kn"], practiceSince: 2009,
            clinic: ClinicAddress(
                name: "Blood Clinic", street: "1 MG Road", city: "Bengaluru", countryCode: "IN", position: position,
                timeZone: "Asia/Kolkata"),
            fee: Fee(hundredths: 90_000, currency: "INR"), phone: "+91 80 1234", email: "m@x.org",
            website: "https://x.org", about: "Leukaemia. ರಕ್ತ", seesChildren: true, photoKey: "doctors/\(number).jpg",
            openingHours: OpeningHours(
                weekly: [.init(weekday: 1, start: 540, end: 720)],
                exceptions: [.init(date: "2026-01-26", note: "Republic Day")]),
            status: status, statusReason: "", isDemonstration: true, nextFreeAt: nextFreeAt,
            createdAt: moment(Double(number)),
            updatedAt: moment(Double(number)))
    }
}

extension Appointment {
    static func sample(
        with doctor: DoctorID, by patient: UserID, at seconds: Double, minutes: Double = 30, state: State = .requested
    ) -> Appointment {
        Appointment(
            doctorID: doctor, patientID: patient, startsAt: moment(seconds), endsAt: moment(seconds + minutes * 60),
            state: state, note: "First visit", createdAt: moment(0), updatedAt: moment(0))
    }
}

extension Review {
    static func sample(of appointment: Appointment, stars: Int, at seconds: Double = 5, state: State = .published)
        -> Review
    {
        Review(
            appointmentID: appointment.id, doctorID: appointment.doctorID, patientID: appointment.patientID,
            stars: stars, text: "Listens.", state: state, createdAt: moment(seconds), updatedAt: moment(seconds))
    }
}

extension Reading {
    /// The same as the database tells it once a later revision counts.
    var noLongerCounting: Reading {
        Reading(
            id: id, screeningID: screeningID, readerID: readerID, revision: revision, label: label,
            findings: findings, comment: comment,
            networkLabel: networkLabel, networkDecision: networkDecision, modelName: modelName,
            modelVersion: modelVersion, isBlind: isBlind, isSettled: true, signedAt: signedAt, createdAt: createdAt,
            updatedAt: updatedAt)
    }

    static func sample(
        of screening: ScreeningID, by reader: UserID, revision: Int = 1, label: ReaderLabel = .smearClass(.proB),
        signed: Double? = nil,
        isBlind: Bool = false
    ) -> Reading {
        Reading(
            screeningID: screening, readerID: reader, revision: revision, label: label, comment: "Blasts.",
            networkLabel: .benign, networkDecision: .report, modelName: "small", modelVersion: "1.0",
            isBlind: isBlind, signedAt: signed.map { moment($0) }, createdAt: moment(Double(revision)),
            updatedAt: moment(Double(revision)))
    }
}

/// A patient with an appointment, a clinician with an entry.
struct Practice {
    let patient: User
    let clinician: User
    let doctor: Doctor

    /// Stores them.
    init(in transaction: any ClinicTransaction, _ number: Int = 1) throws {
        patient = .sample("patient\(number)@x.org", name: "Patient \(number)")
        clinician = .sample("clinician\(number)@x.org", name: "Clinician \(number)", role: .clinician)
        doctor = .sample(number, user: clinician.id)
        try transaction.insert(patient)
        try transaction.insert(clinician)
        try transaction.insert(doctor)
    }
}

extension ClinicTransaction {
    /// Stores an appointment.
    func add(_ appointment: Appointment) throws -> Appointment {
        try insert(appointment)
        return appointment
    }

    /// Stores a case with one screening that is done.
    func addScreening(of owner: UserID, at seconds: Double, _ outcome: ScreeningOutcome = .sample()) throws
        -> ScreeningRecord?
    {
        let smearCase = SmearCase.sample(of: owner, at: moment(seconds))
        try addScreened(smearCase, outcome, at: moment(seconds))
        return try screenings(of: smearCase.id).first
    }
}
