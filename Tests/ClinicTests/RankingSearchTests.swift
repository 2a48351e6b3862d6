import Clinic
import Foundation
import Randomness
import Testing

/// Doctors and questions at random, and the plainest way to answer them.
enum RandomDoctors {
    static let now = Date(timeIntervalSince1970: 1_795_500_000)

    /// Doctors in a few towns and alone all over the Earth; some at the very same place, some alike in all but the name.
    static func candidates(_ count: Int, _ random: inout SplitMix64) -> [DoctorCandidate] {
        var towns = (0..<4).map { _ in RandomPlaces.position(&random) }
        towns.append(RandomPlaces.corners[random.next(below: 6)])
        return (0..<count).map { _ in
            let isAlone = random.next(below: 4) == 0
            let town = towns[random.next(below: towns.count)]
            let kilometres = [0, 3, 30, 300][random.next(below: 4)] * random.nextUnit()
            let position =
                isAlone
                ? RandomPlaces.position(&random)
                : RandomPlaces.point(from: town, kilometres: kilometres, bearing: random.nextUnit() * 2 * .pi)
            return candidate(at: position, &random)
        }
    }

    private static func candidate(at position: GeoPosition, _ random: inout SplitMix64) -> DoctorCandidate {
        var specialties = Specialty.allCases
        random.shuffle(&specialties)
        let reviews = random.next(below: 3) == 0 ? 0 : random.next(below: 40)
        let hours = random.next(below: 40)
        return DoctorCandidate(
            id: DoctorID(), position: position, specialties: Array(specialties.prefix(1 + random.next(below: 2))),
            languages: ["en", "hi", "fr"].filter { _ in random.next(below: 2) == 0 },
            practiceSince: 1980 + random.next(below: 46), seesChildren: random.next(below: 2) == 0,
            rating: RatingSum(stars: reviews * (1 + random.next(below: 5)), count: reviews),
            nextFreeAt: hours < 10 ? nil : now + Double(hours - 12) * 7200)
    }

    /// Anywhere, or where a doctor is.
    static func request(_ doctors: [DoctorCandidate], _ random: inout SplitMix64) -> RecommendationRequest {
        let isNear = random.next(below: 3) > 0 && !doctors.isEmpty
        let origin = isNear ? doctors[random.next(below: doctors.count)].position : RandomPlaces.position(&random)
        let needs = RecommendationRequest.Need.allCases
        return RecommendationRequest(
            origin: origin, need: needs[random.next(below: needs.count)], isChild: random.next(below: 3) == 0,
            languages: random.next(below: 2) == 0 ? [] : ["hi", "fr"],
            specialty: random.next(below: 4) == 0 ? Specialty.allCases[random.next(below: 8)] : nil,
            language: random.next(below: 5) == 0 ? "fr" : nil,
            freeBefore: random.next(below: 5) == 0 ? now + 86_400 : nil,
            radius: random.next(below: 4) == 0 ? pow(10, random.nextUnit() * 4.3) : nil, now: now)
    }

    /// All doctors, every condition, every distance, one sort: what the search must equal.
    static func bruteForce(
        _ doctors: [DoctorCandidate], _ request: RecommendationRequest
    ) -> (ranked: [RankedDoctor], radius: Double?) {
        let admitted = doctors.filter { doctor in
            (request.specialty.map(doctor.specialties.contains) ?? true)
                && (request.language.map(doctor.languages.contains) ?? true)
                && (request.freeBefore.map { end in doctor.nextFreeAt.map { $0 >= request.now && $0 < end } ?? false }
                    ?? true)
        }
        let ranked = DoctorRanking.rank(admitted, for: request)
        let isSuitable = { (doctor: RankedDoctor) in
            request.specialty != nil || doctor.parts.specialty >= DoctorRanking.suitableFit
        }
        let radius =
            request.radius
            ?? DoctorRanking.searchRadii.first { radius in
                ranked.count { isSuitable($0) && $0.kilometres <= radius } >= DoctorRanking.enough
            }
        return (ranked.filter { $0.kilometres <= radius ?? .infinity }, radius)
    }

    /// What a database answers to a query.
    static func answer(_ query: CandidateQuery, from doctors: [DoctorCandidate]) -> [DoctorCandidate] {
        doctors.filter { doctor in
            query.circle.contains(doctor.position)
                && (query.specialties.map { !$0.isDisjoint(with: doctor.specialties) } ?? true)
                && (query.language.map(doctor.languages.contains) ?? true)
                && (query.freeFrom.map { from in doctor.nextFreeAt.map { $0 >= from } ?? false } ?? true)
                && (query.freeBefore.map { end in doctor.nextFreeAt.map { $0 < end } ?? false } ?? true)
        }
    }
}

@Suite struct RankingSearchTests {
    @Test func `finds what reading everybody finds`() throws {
        var random = SplitMix64(seed: 11)
        var (compared, widened, earth) = (0, 0, 0)
        for round in 0..<60 {
            let doctors = RandomDoctors.candidates([0, 1, 4, 30, 200, 700][round % 6], &random)
            for _ in 0..<25 {
                let request = RandomDoctors.request(doctors, &random)
                let count = 1 + random.next(below: 30)
                let expected = RandomDoctors.bruteForce(doctors, request)
                let found = try RankingSearch(request) { RandomDoctors.answer($0, from: doctors) }.best(count)
                #expect(found.radius == expected.radius)
                #expect(Array(found.ranked.prefix(count)) == Array(expected.ranked.prefix(count)), "\(request)")
                compared += min(count, expected.ranked.count)
                if request.radius == nil, found.radius != DoctorRanking.searchRadii.first { widened += 1 }
                if request.radius == nil, found.radius == nil { earth += 1 }
            }
        }
        #expect(compared > 5000)
        #expect(widened > 100)
        #expect(earth > 20)
    }

    @Test func `reads only the suitable ones of a dense city`() throws {
        var random = SplitMix64(seed: 12)
        let city = GeoPosition(latitude: 19.08, longitude: 72.88)
        let doctors = (0..<4000).map { index in
            DoctorCandidate(
                id: DoctorID(),
                position: RandomPlaces.point(
                    from: city, kilometres: 5 * random.nextUnit(), bearing: random.nextUnit() * 2 * .pi),
                specialties: [Specialty.allCases[index % 8]], languages: ["en"], practiceSince: 2000,
                seesChildren: false, rating: RatingSum(), nextFreeAt: RandomDoctors.now + 3600)
        }
        var read = 0
        let request = RecommendationRequest(origin: city, need: .malignant, now: RandomDoctors.now)
        let found = try RankingSearch(request) { query in
            let answer = RandomDoctors.answer(query, from: doctors)
            read += answer.count
            return answer
        }.best(21)
        #expect(read == 1000)
        #expect(found.suitableCount == 1000)
        #expect(found.ranked.prefix(21).elementsEqual(RandomDoctors.bruteForce(doctors, request).ranked.prefix(21)))
    }

    @Test func `stops widening as soon as enough suitable doctors are near`() throws {
        let request = RecommendationRequest(
            origin: GeoPosition(latitude: 0, longitude: 0), need: .malignant, now: RandomDoctors.now)
        for enough in [DoctorRanking.enough - 1, DoctorRanking.enough] {
            // General practitioners next door do not count.
            let doctors =
                (0..<20).map { _ in DoctorCandidate.sample([.generalPractice]) }
                + (0..<enough).map { _ in DoctorCandidate.sample(at: DoctorRankingTests.east(40)) }
                + (0..<5).map { _ in DoctorCandidate.sample(at: DoctorRankingTests.east(90)) }
            let found = try RankingSearch(request) { RandomDoctors.answer($0, from: doctors) }.best(3)
            #expect(found.radius == (enough < DoctorRanking.enough ? 100 : 50))
        }
    }
}
