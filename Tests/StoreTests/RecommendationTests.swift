import Clinic
import Foundation
import Randomness
import Store
import Testing

/// The recommendation over real rows, held against reading everybody.
@Suite(.serialized) struct RecommendationTests {
    private static let now = Date(timeIntervalSince1970: 1_795_500_000)

    private static func position(_ random: inout SplitMix64) -> GeoPosition {
        let near = [(0.0, 179.99), (0, -179.99), (89.97, 20), (-89.99, -90), (19.08, 72.88), (52.5, 13.4)]
        let (latitude, longitude) = near[random.next(below: near.count)]
        let spread = [0.0, 0.05, 0.5, 5][random.next(below: 4)]
        var shifted = longitude + (random.nextUnit() - 0.5) * spread
        if shifted > 180 { shifted -= 360 }
        if shifted < -180 { shifted += 360 }
        return GeoPosition(
            latitude: max(-90, min(90, latitude + (random.nextUnit() - 0.5) * spread)), longitude: shifted)
    }

    private static func doctor(_ number: Int, _ random: inout SplitMix64) -> Doctor {
        var specialties = Specialty.allCases
        random.shuffle(&specialties)
        return Doctor(
            name: "Doctor \(number)", qualifications: "MD", registrationNumber: "R\(number)", council: "Council",
            specialties: Array(specialties.prefix(1 + random.next(below: 2))),
            languages: ["en", "hi", "fr"].filter { _ in random.next(below: 2) == 0 } + ["de"],
            practiceSince: 1980 + random.next(below: 46),
            clinic: ClinicAddress(
                name: "Clinic", street: "Street 1", city: "City", countryCode: "IN", position: position(&random),
                timeZone: "Asia/Kolkata"),
            seesChildren: random.next(below: 2) == 0,
            status: random.next(below: 10) == 0 ? .pending : .verified, createdAt: now, updatedAt: now)
    }

    private static func request(_ random: inout SplitMix64) -> RecommendationRequest {
        let needs = RecommendationRequest.Need.allCases
        return RecommendationRequest(
            origin: position(&random), need: needs[random.next(below: needs.count)],
            isChild: random.next(below: 3) == 0, languages: random.next(below: 2) == 0 ? [] : ["fr"],
            specialty: random.next(below: 4) == 0 ? Specialty.allCases[random.next(below: 8)] : nil,
            language: random.next(below: 4) == 0 ? "hi" : nil,
            freeBefore: random.next(below: 4) == 0 ? now + 86_400 : nil,
            radius: random.next(below: 3) == 0 ? pow(10, random.nextUnit() * 4.3) : nil, now: now)
    }

    /// Every condition, every distance, one sort.
    private static func bruteForce(_ doctors: [DoctorCandidate], _ request: RecommendationRequest) -> [RankedDoctor] {
        let admitted = doctors.filter { doctor in
            let slot = doctor.nextFreeAt
            let isFree = request.freeBefore.map { end in slot.map { $0 >= request.now && $0 < end } ?? false } ?? true
            return isFree && (request.specialty.map(doctor.specialties.contains) ?? true)
                && (request.language.map(doctor.languages.contains) ?? true)
        }
        let ranked = DoctorRanking.rank(admitted, for: request)
        let suitable = ranked.filter {
            request.specialty != nil || $0.parts.specialty >= DoctorRanking.suitableFit
        }
        let radius =
            request.radius
            ?? DoctorRanking.searchRadii.first { radius in
                suitable.count { $0.kilometres <= radius } >= DoctorRanking.enough
            } ?? .infinity
        return ranked.filter { $0.kilometres <= radius }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `recommends whom reading everybody recommends`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            var random = SplitMix64(seed: 21)
            let doctors = (0..<400).map { Self.doctor($0, &random) }
            let slots = doctors.map { _ in random.next(below: 3) == 0 ? nil : random.next(below: 200) }
            try await database.write { transaction in
                for (doctor, slot) in zip(doctors, slots) {
                    try transaction.insert(doctor)
                    try transaction.setNextFree(slot.map { Self.now + Double($0 - 20) * 1800 }, of: doctor.id)
                }
            }
            let everybody = try await database.read { try $0.doctors(doctors.map(\.id)) }
                .filter { $0.status == .verified }.map(DoctorCandidate.init)
            #expect(everybody.count < 400 && everybody.count > 300)
            var shown = 0
            for _ in 0..<150 {
                let request = Self.request(&random)
                let (limit, offset) = (1 + random.next(below: 12), random.next(below: 3) * 5)
                let expected = Self.bruteForce(everybody, request)
                let found = try await Recommendation(database: database).doctors(
                    for: request, limit: limit, offset: offset)
                let page = Array(expected.dropFirst(offset).prefix(limit))
                #expect(found.entries.map(\.ranked) == page, "\(request)")
                #expect(found.entries.map(\.doctor.id) == page.map(\.candidate.id))
                #expect(found.hasMore == (expected.count > offset + limit))
                shown += page.count
            }
            #expect(shown > 300)
        }
    }
}

extension DoctorCandidate {
    /// What the ranking looks at of a whole entry.
    fileprivate init(_ doctor: Doctor) {
        self.init(
            id: doctor.id, position: doctor.clinic.position, specialties: doctor.specialties,
            languages: doctor.languages, practiceSince: doctor.practiceSince, seesChildren: doctor.seesChildren,
            rating: doctor.rating, nextFreeAt: doctor.nextFreeAt)
    }
}
