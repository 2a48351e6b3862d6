import Clinic
import Foundation
import Store
import Testing

@Suite struct CandidateRowsTests {
    /// Doctors in a city, over the Pacific and at the poles, with differing traits.
    private static let doctors: [Doctor] = {
        var generator = SeededGenerator(state: 5)
        return (1...400).map { number in
            let centre = [(12.97, 77.59), (0.0, 180.0), (89.5, 10.0), (-89.5, -120.0), (51.5, 0.0)][number % 5]
            func near(_ value: Double, _ limit: Double, _ spread: Double) -> Double {
                min(limit, max(-limit, value + Double.random(in: -spread...spread, using: &generator)))
            }
            var longitude = centre.1 + Double.random(in: -0.8...0.8, using: &generator)
            if longitude > 180 { longitude -= 360 }
            var doctor = Doctor.sample(
                number,
                at: GeoPosition(latitude: near(centre.0, 90, 0.8), longitude: number == 6 ? -180 : longitude),
                status: number % 7 == 0 ? .pending : .verified,
                nextFreeAt: number % 3 == 0 ? nil : moment(Double(number)))
            doctor.specialties = [Specialty.allCases[number % 8], Specialty.allCases[(number / 8) % 8]]
            doctor.languages = number % 2 == 0 ? ["en", "kn"] : ["de"]
            return doctor
        }
    }()

    private static func matches(_ doctor: Doctor, _ query: CandidateQuery) -> Bool {
        guard doctor.status == .verified, query.circle.contains(doctor.clinic.position) else { return false }
        if let wanted = query.specialties, wanted.isDisjoint(with: doctor.specialties) { return false }
        if let language = query.language, !doctor.languages.contains(language) { return false }
        guard let from = query.freeFrom else { return true }
        guard let free = doctor.nextFreeAt, free >= from else { return false }
        return query.freeBefore.map { free < $0 } ?? true
    }

    private static let queries: [CandidateQuery] = {
        var queries = [(12.97, 77.59), (0, 179.9), (0, -179.9), (90, 0), (-89.9, 60), (51.5, -0.1), (40, 100)].flatMap {
            centre in
            [0.0, 1, 30, 90, 3000, 12_000, 19_990].map {
                CandidateQuery(
                    circle: GeoCircle(
                        centre: GeoPosition(latitude: centre.0, longitude: centre.1), kilometres: $0))
            }
        }
        queries += [
            CandidateQuery(circle: .earth),
            CandidateQuery(circle: .earth, specialties: [.haematology, .oncology]),
            CandidateQuery(circle: .earth, specialties: []), CandidateQuery(circle: .earth, language: "kn"),
            CandidateQuery(circle: .earth, language: "k"), CandidateQuery(circle: .earth, language: "%"),
            CandidateQuery(circle: .earth, freeFrom: moment(100)),
            CandidateQuery(circle: .earth, freeFrom: moment(100), freeBefore: moment(200)),
            CandidateQuery(circle: .earth, freeBefore: moment(200)),
            CandidateQuery(
                circle: GeoCircle(centre: .bengaluru, kilometres: 60), specialties: [.haematoOncology], language: "en",
                freeFrom: moment(1), freeBefore: moment(390)),
        ]
        return queries
    }()

    @Test(arguments: TestedDatabase.allCases)
    func `candidates are exactly the verified doctors that the query describes, anywhere on the Earth`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            try await database.write { transaction in for doctor in Self.doctors { try transaction.insert(doctor) } }
            try await database.read { transaction throws in
                for query in Self.queries {
                    let found = try transaction.candidates(query)
                    let expected = Self.doctors.filter { Self.matches($0, query) }
                    #expect(Set(found.map(\.id)) == Set(expected.map(\.id)), "\(query)")
                    #expect(found.count == expected.count, "\(query)")
                }
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a candidate follows every change of its doctor`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let query = CandidateQuery(circle: GeoCircle(centre: .bengaluru, kilometres: 10))
            var doctor = Doctor.sample(status: .pending)
            let first = doctor
            try await database.write { try $0.insert(first) }
            #expect(try await database.read { try $0.candidates(query).isEmpty })
            doctor.status = .verified
            let verified = doctor
            try await database.write { try $0.update(verified) }
            let candidate = try await database.read { try $0.candidates(query) }
            #expect(
                candidate == [
                    DoctorCandidate(
                        id: doctor.id, position: .bengaluru, specialties: [.haematoOncology, .haematology],
                        languages: ["en", "kn"], practiceSince: 2009, seesChildren: true, rating: RatingSum(),
                        nextFreeAt: moment(3600))
                ])
            doctor.clinic.position = GeoPosition(latitude: 48, longitude: 2)
            let moved = doctor
            try await database.write { try $0.update(moved) }
            #expect(try await database.read { try $0.candidates(query).isEmpty })
            doctor.clinic.position = .bengaluru
            doctor.status = .retired
            let retired = doctor
            try await database.write { try $0.update(retired) }
            #expect(try await database.read { try $0.candidates(query).isEmpty })
        }
    }
}

/// The same numbers each time (splitmix64: Steele, Lea and Flood, OOPSLA 2014).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
