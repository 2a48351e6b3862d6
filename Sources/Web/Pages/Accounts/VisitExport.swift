import Clinic
import Foundation

/// A person's appointments and reviews, as they go into the export of the account.
struct VisitExport: Sendable {
    struct Visit: Encodable, Sendable {
        let appointment: Appointment
        let doctor: String
        let clinic: ClinicAddress?
    }

    private let appointments: [Visit]
    private let reviews: [Review]

    /// Rows of one kind at most; nobody has as many visits.
    private static let limit = 100_000

    init(of user: UserID, from database: any ClinicDatabase) async throws {
        (appointments, reviews) = try await database.read { transaction in
            let visits = try transaction.appointments(of: user, limit: Self.limit).map { appointment in
                let doctor = try transaction.doctor(appointment.doctorID)
                return Visit(appointment: appointment, doctor: doctor?.name ?? "", clinic: doctor?.clinic)
            }
            return (visits, try transaction.reviews(by: user, limit: Self.limit))
        }
    }

    /// The files, as far as there is something to tell.
    func files() throws -> [(name: String, bytes: [UInt8])] {
        var files: [(name: String, bytes: [UInt8])] = []
        if !appointments.isEmpty { files.append(("appointments.json", try AccountExport.json(appointments))) }
        if !reviews.isEmpty { files.append(("reviews.json", try AccountExport.json(reviews))) }
        return files
    }
}
