import Foundation

/// The order in which doctors are recommended: a score of 0 to 100 points, and nothing else. Nobody pays for a place.
///
/// score = Σ weight · part, each part from 0 to 1. The parts are kept, so that every card can say why it is there.
public enum DoctorRanking {
    /// Points that each part is worth when it is 1; 100 together.
    ///
    /// The specialty alone is worth more than distance, rating and experience together: the right doctor an hour away comes
    /// before the wrong one around the corner.
    public static let weights = RankingParts(
        specialty: 45, distance: 20, rating: 12, nextFree: 10, experience: 8, language: 5)

    /// Kilometres at which the part for distance is one half.
    public static let halfDistance = 25.0

    /// 1 here, falling smoothly and never 0: 1 / (1 + d / 25 km). A hyperbola still tells 100 km from 300 km, where an
    /// exponential would call both far.
    ///
    /// - Parameter kilometres: 0 or more.
    public static func distancePart(_ kilometres: Double) -> Double { 1 / (1 + kilometres / halfDistance) }

    /// The stars that a doctor without reviews is taken to have: the median of physicians in medical specialties among
    /// 212,933 rated practitioners is 4.0 (Daskivich et al., Journal of Medical Internet Research 20(5), 2018, e176).
    public static let priorStars = 4.0

    /// How many reviews the prior weighs as much as. Our choice: with fewer, chance decides more than the doctor does.
    public static let priorReviews = 10.0

    /// The expected stars: the mean over the reviews and the prior (Bühlmann's credibility, ASTIN Bulletin 4, 1967), so that
    /// one delighted visitor does not outrank fifty content ones. As long as a rating is not shown it is not used either,
    /// or the order would betray it.
    ///
    /// - Returns: 1 to 5 stars.
    public static func bayesianRating(_ sum: RatingSum) -> Double {
        guard Reviews.shownRating(sum) != nil else { return priorStars }
        return (priorReviews * priorStars + Double(sum.stars)) / (priorReviews + Double(sum.count))
    }

    /// Years in which the part for experience comes 63 % of the way.
    public static let experienceYears = 10.0

    /// 0 at the beginning, 0.63 after ten years, 0.95 after thirty. It saturates and weighs little because care does not
    /// get better with every further year (Choudhry et al., Annals of Internal Medicine 142, 2005, 260–273).
    ///
    /// - Parameter years: In practice.
    public static func experiencePart(_ years: Int) -> Double { 1 - exp(-Double(max(0, years)) / experienceYears) }

    /// Days of waiting at which the part for the next free slot is one half: two where a malignant class was reported, for
    /// such a smear should be seen within days, else seven.
    public static func halfWait(for need: RecommendationRequest.Need) -> Double { need == .malignant ? 2 : 7 }

    /// 1 now, falling smoothly; 0 without a slot, and for one that has passed.
    public static func nextFreePart(_ nextFreeAt: Date?, now: Date, need: RecommendationRequest.Need) -> Double {
        guard let nextFreeAt, nextFreeAt >= now else { return 0 }
        return 1 / (1 + nextFreeAt.timeIntervalSince(now) / 86_400 / halfWait(for: need))
    }

    /// Doctors in the order of their score, the same score by their identifiers.
    public static func rank(
        _ candidates: [DoctorCandidate], for request: RecommendationRequest
    ) -> [RankedDoctor] {
        let score = RankingScore(request)
        return first(candidates.count, of: candidates.map(score.rank))
    }

    /// The first ones in the total order: no two share an identifier. What is moved about while sorting is small, for there
    /// may be thousands.
    static func first(_ count: Int, of doctors: [RankedDoctor]) -> [RankedDoctor] {
        let order = doctors.indices.map { (score: doctors[$0].score, index: $0) }.sorted { one, other in
            one.score == other.score
                ? doctors[one.index].candidate.id.text < doctors[other.index].candidate.id.text
                : one.score > other.score
        }
        return order.prefix(count).map { doctors[$0.index] }
    }
}

/// What a score is made of, each part from 0 to 1; or the points that each part is worth.
public struct RankingParts: Sendable, Equatable {
    /// How well the doctor's training fits the need.
    public let specialty: Double
    /// How near.
    public let distance: Double
    /// How well rated by verified visitors.
    public let rating: Double
    /// How soon free.
    public let nextFree: Double
    /// How long in practice.
    public let experience: Double
    /// Whether a language that the person would like is spoken.
    public let language: Double

    public init(
        specialty: Double, distance: Double, rating: Double, nextFree: Double, experience: Double, language: Double
    ) {
        (self.specialty, self.distance, self.rating) = (specialty, distance, rating)
        (self.nextFree, self.experience, self.language) = (nextFree, experience, language)
    }

    /// 0 to 100. Larger parts never give fewer points, rounding included.
    public var points: Double {
        let weights = DoctorRanking.weights
        return weights.specialty * specialty + weights.distance * distance + weights.rating * rating
            + weights.nextFree * nextFree + weights.experience * experience + weights.language * language
    }
}

/// A doctor in a recommendation, with the reasons for the place.
public struct RankedDoctor: Sendable, Equatable {
    public let candidate: DoctorCandidate
    /// From the person, along the great circle.
    public let kilometres: Double
    /// 0 to 100.
    public let score: Double
    public let parts: RankingParts
    /// The one of the doctor's specialties that fits best.
    public let specialty: Specialty
    /// The first of the languages asked for that the doctor speaks; nil where none was asked for, or none is spoken.
    public let language: String?
}
