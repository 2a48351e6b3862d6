import Clinic
import Foundation
import Testing
import Web

extension RouteCast {
    /// The path of a route about an appointment between the owner and the clinician that screenings are shared with, or
    /// about the review of it; nil for other routes. Each gets an appointment of its own.
    func visitPath(of route: RouteEntry) async throws -> String? { try await visitPath(route.path) }

    /// The same for a path with `:id` in it.
    func visitPath(_ path: String) async throws -> String? {
        if path == "/doctors/:id/book" { return "/doctors/\(try await visitDoctor())/book" }
        let isReview = path.hasPrefix("/reviews/:id")
        guard isReview || path.hasPrefix("/appointments/:id") else { return nil }
        let (doctor, now) = (try await visitDoctor(), services.clock())
        let start = now.addingTimeInterval(Double(Int.random(in: 1...10_000_000)) * (isReview ? -1 : 1))
        let visit = Appointment(
            doctorID: doctor, patientID: try user(.owner).id, startsAt: start, endsAt: start + 600,
            state: isReview ? .completed : .requested, createdAt: now, updatedAt: now)
        let review = Review(
            appointmentID: visit.id, doctorID: doctor, patientID: visit.patientID, stars: 4, text: "Kind.",
            createdAt: now, updatedAt: now)
        try await services.database.write { transaction in
            try transaction.insert(visit)
            if isReview { try transaction.insert(review) }
        }
        return path.replacing(":id", with: isReview ? review.id.text : visit.id.text)
    }

    /// The entry of the clinician in the directory, made when it is asked for first.
    func visitDoctor() async throws -> DoctorID {
        let clinician = try user(.sharedClinician)
        let entry = DoctorPractice.entry(of: clinician.id, at: services.clock())
        return try await services.database.write { transaction in
            if let known = try transaction.doctor(of: clinician.id) { return known.id }
            try transaction.insert(entry)
            return entry.id
        }
    }
}
