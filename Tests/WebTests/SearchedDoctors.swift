import Clinic
import Foundation
import HummingbirdTesting
import Web

/// Doctors for the tests of the search.
enum SearchedDoctors {
    static let pune = GeoPosition(latitude: 18.52, longitude: 73.857)
    static let place = "place=Pune&lat=18.52&lon=73.857"

    /// A verified doctor so many kilometres north of Pune.
    static func doctor(
        _ name: String, _ specialty: Specialty = .haematology, north kilometres: Double = 2,
        rating: RatingSum = RatingSum(), free: Date? = nil, isDemonstration: Bool = false, userID: UserID? = nil,
        status: Doctor.Status = .verified
    ) -> Doctor {
        let latitude = pune.latitude + kilometres / GeoPosition.earthRadius * 180 / .pi
        return Doctor(
            userID: userID, name: name, qualifications: "MD", registrationNumber: name, council: "Council",
            specialties: [specialty], languages: ["mr"], practiceSince: 2010,
            clinic: ClinicAddress(
                name: "Clinic", street: "Road 1", city: "Pune", countryCode: "IN",
                position: GeoPosition(latitude: latitude, longitude: pune.longitude), timeZone: "Asia/Kolkata"),
            status: status, isDemonstration: isDemonstration, rating: rating, nextFreeAt: free,
            createdAt: Date(timeIntervalSince1970: 1_790_000_000), updatedAt: Date(timeIntervalSince1970: 1_790_000_000)
        )
    }

    static func add(_ doctors: [Doctor], to services: SiteServices) async throws {
        try await services.database.write { transaction in
            for doctor in doctors { try transaction.insert(doctor) }
        }
    }

    /// The names on the cards of a page, from above.
    static func names(_ response: TestResponse) -> [String] {
        response.text.matches(of: /id="doctor-name-[^"]+"><a href="[^"]+">([^<]+)</).map { String($0.output.1) }
    }
}
