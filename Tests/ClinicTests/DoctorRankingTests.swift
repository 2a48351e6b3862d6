import Clinic
import Findings
import Foundation
import Randomness
import Testing

extension DoctorCandidate {
    /// A haematologist at the origin of the map, without anything that gives points.
    static func sample(
        _ specialties: [Specialty] = [.haematology], at position: GeoPosition = .init(latitude: 0, longitude: 0),
        languages: [String] = ["en"], since: Int = 2026, seesChildren: Bool = false, rating: RatingSum = RatingSum(),
        free: Date? = nil
    ) -> DoctorCandidate {
        DoctorCandidate(
            id: DoctorID(), position: position, specialties: specialties, languages: languages, practiceSince: since,
            seesChildren: seesChildren, rating: rating, nextFreeAt: free)
    }
}

@Suite struct DoctorRankingTests {
    /// 24 November 2026.
    static let now = Date(timeIntervalSince1970: 1_795_500_000)
    static let here = GeoPosition(latitude: 0, longitude: 0)

    static func request(
        _ need: RecommendationRequest.Need = .malignant, isChild: Bool = false, languages: [String] = []
    ) -> RecommendationRequest {
        RecommendationRequest(origin: here, need: need, isChild: isChild, languages: languages, now: now)
    }

    static func score(_ doctor: DoctorCandidate, _ request: RecommendationRequest = request()) throws -> RankedDoctor {
        try #require(DoctorRanking.rank([doctor], for: request).first)
    }

    static func east(_ kilometres: Double) -> GeoPosition {
        GeoPosition(latitude: 0, longitude: kilometres / GeoPosition.earthRadius * 180 / .pi)
    }

    @Test func `scores as worked out by hand`() throws {
        // 25 km away: 1/2. Rating (10 · 4 + 24) / (10 + 5) = 4.2667 stars: 0.81667. Free in two days, urgent: 1/2.
        // Ten years: 1 − 1/e = 0.63212. The language asked for: 1. Haematology for a malignant class: 0.95.
        let doctor = DoctorCandidate.sample(
            at: Self.east(25), languages: ["hi", "en"], since: 2016, rating: RatingSum(stars: 24, count: 5),
            free: Self.now + 2 * 86_400)
        let ranked = try Self.score(doctor, Self.request(languages: ["ta", "hi"]))
        #expect(abs(ranked.parts.specialty - 0.95) < 1e-12)
        #expect(abs(ranked.parts.distance - 0.5) < 1e-9)
        #expect(abs(ranked.parts.rating - 0.816_666_666_667) < 1e-9)
        #expect(abs(ranked.parts.nextFree - 0.5) < 1e-12)
        #expect(abs(ranked.parts.experience - 0.632_120_558_829) < 1e-9)
        #expect(ranked.language == "hi")
        let expected = 45 * 0.95 + 20 * 0.5 + 12 * 0.816_666_666_667 + 10 * 0.5 + 8 * 0.632_120_558_829 + 5
        #expect(abs(ranked.score - expected) < 1e-6)
    }

    @Test func `shares out a hundred points`() {
        #expect(
            RankingParts(specialty: 1, distance: 1, rating: 1, nextFree: 1, experience: 1, language: 1).points == 100)
        let weights = DoctorRanking.weights
        #expect(weights.specialty > weights.distance + weights.rating + weights.experience)
    }

    @Test func `expects the prior until a rating is shown`() {
        #expect(DoctorRanking.bayesianRating(RatingSum()) == DoctorRanking.priorStars)
        #expect(DoctorRanking.bayesianRating(RatingSum(stars: 10, count: 2)) == DoctorRanking.priorStars)
        #expect(DoctorRanking.bayesianRating(RatingSum(stars: 2, count: 2)) == DoctorRanking.priorStars)
        #expect(abs(DoctorRanking.bayesianRating(RatingSum(stars: 15, count: 3)) - 55.0 / 13) < 1e-12)
        // Fifty content visitors outweigh three delighted ones.
        #expect(
            DoctorRanking.bayesianRating(RatingSum(stars: 240, count: 50))
                > DoctorRanking.bayesianRating(RatingSum(stars: 15, count: 3)))
    }

    @Test func `prefers the nearer, the sooner and the more experienced of two alike`() throws {
        let plain = try Self.score(.sample(at: Self.east(10), since: 2020, free: Self.now + 86_400 * 5)).score
        #expect(try Self.score(.sample(at: Self.east(9), since: 2020, free: Self.now + 86_400 * 5)).score > plain)
        #expect(try Self.score(.sample(at: Self.east(10), since: 2020, free: Self.now + 86_400 * 4)).score > plain)
        #expect(try Self.score(.sample(at: Self.east(10), since: 2010, free: Self.now + 86_400 * 5)).score > plain)
        #expect(try Self.score(.sample(at: Self.east(10), since: 2020, free: nil)).score < plain)
    }

    @Test func `takes a slot that has passed for none`() throws {
        #expect(try Self.score(.sample(free: Self.now - 1)).parts.nextFree == 0)
        #expect(try Self.score(.sample(free: Self.now)).parts.nextFree == 1)
    }

    @Test func `counts a wait more where it is urgent`() throws {
        let doctor = DoctorCandidate.sample(free: Self.now + 3 * 86_400)
        let urgent = try Self.score(doctor, Self.request(.malignant)).parts.nextFree
        for need in RecommendationRequest.Need.allCases where need != .malignant {
            #expect(try Self.score(doctor, Self.request(need)).parts.nextFree > urgent)
        }
    }

    @Test func `takes years in the future for none`() throws {
        #expect(try Self.score(.sample(since: 2030)).parts.experience == 0)
    }

    @Test func `puts the right specialty first and general practice last`() {
        let rank = { (need: RecommendationRequest.Need, isChild: Bool) in
            DoctorRanking.rank(Specialty.allCases.map { .sample([$0]) }, for: Self.request(need, isChild: isChild))
                .map(\.specialty)
        }
        #expect(Array(rank(.malignant, false).prefix(2)) == [.haematoOncology, .haematology])
        #expect(rank(.malignant, true).first == .paediatricHaematoOncology)
        for need in [RecommendationRequest.Need.uncertain, .rejected] {
            #expect(rank(need, false).first == .haematopathology)
            #expect(rank(need, true).first == .haematopathology)
        }
        #expect(rank(.benign, true).first == .paediatricHaematoOncology)
        let forAdults = Specialty.allCases.filter { $0 != .paediatrics && $0 != .generalPractice }
        for need in RecommendationRequest.Need.allCases {
            for specialty in forAdults where specialty != .paediatricHaematoOncology && specialty != .oncology {
                #expect(
                    DoctorRanking.fit(of: specialty, for: need, isChild: false)
                        > DoctorRanking.fit(of: .generalPractice, for: need, isChild: false), "\(need) \(specialty)")
            }
        }
    }

    @Test func `names the specialty that fits best and counts a further one less`() throws {
        let both = try Self.score(.sample([.generalPractice, .haematoOncology]))
        #expect(both.specialty == .haematoOncology)
        #expect(both.parts.specialty == DoctorRanking.furtherSpecialty)
        #expect(try Self.score(.sample([.haematoOncology, .generalPractice])).parts.specialty == 1)
    }

    @Test func `counts half for a child whoever does not say that children are seen`() throws {
        let request = Self.request(isChild: true)
        let not = try Self.score(.sample([.haematology]), request).parts.specialty
        let sees = try Self.score(.sample([.haematology], seesChildren: true), request).parts.specialty
        #expect(not == sees * DoctorRanking.notForChildren)
        #expect(try Self.score(.sample([.paediatricHaematoOncology]), request).parts.specialty == 1)
    }

    @Test func `gives everybody the points of language where none is asked for`() throws {
        #expect(try Self.score(.sample(languages: ["fi"])).parts.language == 1)
        let asked = try Self.score(.sample(languages: ["fi"]), Self.request(languages: ["en"]))
        #expect(asked.parts.language == 0)
        #expect(asked.language == nil)
    }

    @Test func `orders the same whatever order the doctors come in`() {
        var random = SplitMix64(seed: 9)
        // Many share a score: three places, two ratings.
        var doctors = (0..<300).map { index in
            DoctorCandidate.sample(
                at: Self.east(Double(index % 3)), rating: index % 2 == 0 ? RatingSum() : RatingSum(stars: 50, count: 10)
            )
        }
        let first = DoctorRanking.rank(doctors, for: Self.request())
        for _ in 0..<20 {
            random.shuffle(&doctors)
            #expect(DoctorRanking.rank(doctors, for: Self.request()) == first)
        }
        for (one, next) in zip(first, first.dropFirst()) {
            #expect(
                one.score > next.score
                    || (one.score == next.score && one.candidate.id.text < next.candidate.id.text))
        }
    }

    @Test(arguments: [
        (Decision.report, SmearClass.preB, RecommendationRequest.Need.malignant), (.report, .benign, .benign),
        (.uncertain, .benign, .uncertain), (.rejected, .proB, .rejected),
    ])
    func `asks for what the answer needs`(decision: Decision, label: SmearClass, need: RecommendationRequest.Need) {
        #expect(RecommendationRequest.Need(Finding(decision: decision, label: label, confidence: 0.9)) == need)
    }
}
