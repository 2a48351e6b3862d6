import Clinic
import Foundation
import Testing
import Web

extension RouteCast {
    /// The paths of the directory with real identifiers: the entry of the owner, with a paper, and a verified one that is
    /// nobody's, with a portrait. Nil for other routes.
    func directoryPath(of route: RouteEntry) async throws -> String? {
        try await keepEntries()
        switch route.path {
        case "/doctors/:id": return "/doctors/\(try await shownDoctor())"
        case "/doctors/:id/photo": return "/doctors/\(try await shownDoctor())/photo"
        case "/practice/documents/:id": return "/practice/documents/\(try await paper())"
        case "/practice/documents/:id/delete": return "/practice/documents/\(try await paper())/delete"
        default: return nil
        }
    }

    /// The owner has an entry that waits; the clinician's is verified, also after somebody retired it.
    private func keepEntries() async throws {
        _ = try await visitDoctor()
        let (owner, clinician, now) = (try user(.owner), try user(.sharedClinician), services.clock())
        try await services.database.write { transaction in
            if try transaction.doctor(of: owner.id) == nil {
                try transaction.insert(Self.doctor("owner", of: owner.id, status: .pending, at: now))
            }
            if var entry = try transaction.doctor(of: clinician.id), entry.status != .verified {
                entry.status = .verified
                try transaction.update(entry)
                try Booking.refreshNextFree(of: entry.id, now: now, in: transaction)
            }
        }
    }

    func shownDoctor() async throws -> DoctorID {
        let key = "doctors/shown/portrait.jpg"
        try await services.archive.store([0xFF, 0xD8], at: key)
        let now = services.clock()
        return try await services.database.write { transaction in
            if let known = try transaction.doctor(council: "Council", registrationNumber: "shown") { return known.id }
            var doctor = Self.doctor("shown", of: nil, status: .verified, at: now)
            doctor.photoKey = key
            try transaction.insert(doctor)
            try transaction.record([StoredObject([0xFF, 0xD8], at: key)])
            return doctor.id
        }
    }

    func paper() async throws -> DocumentID {
        let key = "doctors/owner/\(DocumentID()).pdf"
        try await services.archive.store(Array("%PDF-".utf8), at: key)
        let (owner, now) = (try user(.owner), services.clock())
        return try await services.database.write { transaction in
            let entry = try #require(try transaction.doctor(of: owner.id))
            let paper = DoctorDocument(
                doctorID: entry.id, name: "a.pdf", contentType: "application/pdf", byteCount: 5, archiveKey: key,
                createdAt: now)
            try transaction.insert(paper)
            try transaction.record([StoredObject(Array("%PDF-".utf8), at: key)])
            return paper.id
        }
    }

    static func doctor(_ number: String, of user: UserID?, status: Doctor.Status, at now: Date) -> Doctor {
        Doctor(
            userID: user, name: "Dr. Anna Rao", qualifications: "MD", registrationNumber: number, council: "Council",
            specialties: [.haematology], languages: ["en"], practiceSince: 2009,
            clinic: ClinicAddress(
                name: "Clinic", street: "1 Road", city: "Bengaluru", countryCode: "IN",
                position: GeoPosition(latitude: 12.97, longitude: 77.59), timeZone: "Asia/Kolkata"),
            status: status, createdAt: now, updatedAt: now)
    }
}
