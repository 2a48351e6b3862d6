import Clinic
import Foundation
import HTTPTypes
import Hummingbird

/// The directory for programs: the same doctors in the same order as on the pages.
struct APIDoctors: Sendable {
    let services: SiteServices

    @Sendable func list(_ request: Request, _ context: WebContext) async throws -> Response {
        let query = try DoctorQuery(FormFields(query: request), now: services.clock())
        let found = try await services.recommendation.doctors(
            for: query.request, limit: query.limit)
        return try APIAnswer.json(
            APIDoctorList(
                radiusKm: found.radius,
                doctors: found.entries.map { APIDoctor($0.doctor, ranked: $0.ranked, now: query.request.now) }))
    }
}

/// `GET /api/v1/doctors`.
struct APIDoctorList: Encodable {
    /// Nil where it was the whole Earth.
    let radiusKm: Double?
    let doctors: [APIDoctor]

    private enum CodingKeys: String, CodingKey { case radiusKm, doctors }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(radiusKm, forKey: .radiusKm)
        try container.encode(doctors, forKey: .doctors)
    }
}

/// A doctor in a recommendation, as programs get it; what is not told is left out.
struct APIDoctor: Encodable {
    struct Clinic: Encodable {
        let name, street, city, countryCode, timeZone: String
        let latitude, longitude: Double
    }

    struct Rating: Encodable {
        let stars: Double
        let visits: Int
    }

    struct Parts: Encodable {
        let specialty, distance, rating, nextFree, experience, language: Double
    }

    let id, name, qualifications: String
    let specialties, languages: [String]
    let practiceSince: Int
    let seesChildren, isDemonstration: Bool
    let clinic: Clinic
    let rating: Rating?
    let nextFreeAt: Date?
    let distanceKm, score: Double
    let parts: Parts
    /// The page of the doctor.
    let page: String

    init(_ doctor: Doctor, ranked: RankedDoctor, now: Date) {
        id = doctor.id.text
        name = doctor.name
        qualifications = doctor.qualifications
        specialties = doctor.specialties.map(\.rawValue)
        languages = doctor.languages
        practiceSince = doctor.practiceSince
        seesChildren = doctor.seesChildren
        isDemonstration = doctor.isDemonstration
        clinic = Clinic(
            name: doctor.clinic.name, street: doctor.clinic.street, city: doctor.clinic.city,
            countryCode: doctor.clinic.countryCode, timeZone: doctor.clinic.timeZone,
            latitude: doctor.clinic.position.latitude, longitude: doctor.clinic.position.longitude)
        rating = Reviews.shownRating(doctor.rating).map { Rating(stars: Self.rounded($0.stars, 2), visits: $0.count) }
        nextFreeAt = doctor.nextFreeAt.flatMap { $0 >= now ? $0 : nil }
        distanceKm = Self.rounded(ranked.kilometres, 3)
        score = Self.rounded(ranked.score, 4)
        let parts = ranked.parts
        self.parts = Parts(
            specialty: Self.rounded(parts.specialty, 4), distance: Self.rounded(parts.distance, 4),
            rating: Self.rounded(parts.rating, 4), nextFree: Self.rounded(parts.nextFree, 4),
            experience: Self.rounded(parts.experience, 4), language: Self.rounded(parts.language, 4))
        page = "/doctors/\(doctor.id)"
    }

    private static func rounded(_ value: Double, _ digits: Int) -> Double {
        let power = pow(10, Double(digits))
        return (value * power).rounded() / power
    }
}
