import Clinic
import Findings
import Foundation

extension Demonstration {
    /// Visits of the patient to the clinician: one reviewed, one to be reviewed, one agreed; and
    /// screenings shared for them.
    func addVisits(of patient: User, with clinician: User, sharing: [ScreeningID], now: Date) async throws {
        guard let doctor = try await database.read({ try $0.doctor(of: clinician.id) }),
            let zone = TimeZone(identifier: doctor.clinic.timeZone)
        else { throw ClinicError(.notFound, fault: "The demonstration's clinician has no entry in the directory.") }
        try await database.write { transaction in
            let past = try Self.firstFree(of: doctor, from: now.addingTimeInterval(-30 * 86_400), zone, transaction)
            let recent = try Self.firstFree(of: doctor, from: now.addingTimeInterval(-9 * 86_400), zone, transaction)
            let coming = try Self.firstFree(of: doctor, from: now.addingTimeInterval(2 * 86_400), zone, transaction)
            let held = Self.visit(past, doctor.id, patient.id, .completed)
            for visit in [
                held, Self.visit(recent, doctor.id, patient.id, .completed),
                Self.visit(coming, doctor.id, patient.id, .confirmed, note: "I bring the slides of the last sample."),
            ] { try transaction.insert(visit) }
            try transaction.insert(
                Review(
                    appointmentID: held.id, doctorID: doctor.id, patientID: patient.id, stars: 5,
                    text: "Showed me the cells on the screen and what the colours mean.",
                    answer: "Thank you. Please bring the next slides unstained if you can.",
                    answeredAt: past.end.addingTimeInterval(2 * 86_400), createdAt: past.end.addingTimeInterval(86_400),
                    updatedAt: past.end.addingTimeInterval(86_400)))
            try transaction.refreshRating(of: doctor.id)
            for screening in sharing {
                try transaction.share(
                    screening, with: clinician.id, allowsTraining: true, at: now.addingTimeInterval(-86_400))
            }
            for screening in sharing.prefix(2) {
                try Self.sign(
                    screening, comment: "Blasts of middle size, one nucleolus in most. Marrow and flow cytometry next.",
                    by: clinician.id, at: now.addingTimeInterval(-3600), transaction)
            }
            if let screening = sharing.dropFirst(2).first {
                try Self.sign(
                    screening, as: .preB,
                    comment: "The chromatin is coarser than the network weighed: Pre-B. Flow cytometry decides.",
                    by: clinician.id, at: now.addingTimeInterval(-1800), transaction)
            }
            try Booking.refreshNextFree(of: doctor.id, now: now, in: transaction)
        }
    }

    private static func firstFree(
        of doctor: Doctor, from: Date, _ zone: TimeZone, _ transaction: any AppointmentRows
    ) throws -> DateInterval {
        let until = from.addingTimeInterval(14 * 86_400)
        let taken = try transaction.appointments(of: doctor.id, from: from, until: until)
        let slots = doctor.openingHours.slots(from: from, until: until, timeZone: zone)
        guard
            let slot = slots.first(where: { slot in
                !taken.contains { $0.startsAt < slot.end && $0.endsAt > slot.start }
            })
        else { throw ClinicError(.notFound, fault: "The demonstration's clinician has no hour free.") }
        return slot
    }

    private static func visit(
        _ slot: DateInterval, _ doctor: DoctorID, _ patient: UserID, _ state: Appointment.State, note: String = ""
    ) -> Appointment {
        let asked = slot.start.addingTimeInterval(-5 * 86_400)
        return Appointment(
            doctorID: doctor, patientID: patient, startsAt: slot.start, endsAt: slot.end, state: state, note: note,
            sequence: state == .completed ? 2 : 1,
            remindedAt: state == .completed ? slot.start.addingTimeInterval(-86_400) : nil, createdAt: asked,
            updatedAt: asked)
    }

    /// A signed reading.
    ///
    /// - Parameter label: The class that the reader names; nil agrees with the network.
    private static func sign(
        _ id: ScreeningID, as label: SmearClass? = nil, comment: String, by clinician: UserID, at moment: Date,
        _ transaction: any ScreeningRows & ReadingRows
    ) throws {
        guard let outcome = try transaction.screening(id)?.answer else {
            throw ClinicError(.notFound, fault: "The screening \(id) of the demonstration has no answer.")
        }
        try transaction.insert(
            Reading(
                screeningID: id, readerID: clinician, revision: 1, label: .smearClass(label ?? outcome.label),
                comment: comment,
                networkLabel: outcome.label, networkDecision: outcome.decision, modelName: outcome.model.name,
                modelVersion: outcome.model.version, signedAt: moment, createdAt: moment, updatedAt: moment))
    }
}
