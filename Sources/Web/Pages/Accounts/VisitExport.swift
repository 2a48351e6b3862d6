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

    init(_ records: AccountRecords) async throws {
        appointments = try await records.appointments().map { appointment, doctor in
            Visit(appointment: appointment, doctor: doctor?.name ?? "", clinic: doctor?.clinic)
        }
        reviews = try await records.reviews()
    }

    /// The files, as far as there is something to tell.
    func files() throws -> [(name: String, bytes: [UInt8])] {
        var files: [(name: String, bytes: [UInt8])] = []
        if !appointments.isEmpty { files.append(("appointments.json", try AccountExport.json(appointments))) }
        if !reviews.isEmpty { files.append(("reviews.json", try AccountExport.json(reviews))) }
        return files
    }
}
