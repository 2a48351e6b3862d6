import Foundation

extension DoctorRanking {
    /// Kilometres of the circles that a search goes through until it finds enough; after the last it is the whole Earth.
    ///
    /// Steps of about a third keep small what a far city adds at once.
    public static let searchRadii: [Double] = [
        10, 25, 50, 75, 100, 150, 200, 250, 300, 400, 500, 600, 750, 1000, 1250, 1500, 2000, 2500, 3000, 4000, 5000,
        7500, 10_000,
    ]

    /// Suitable doctors at which the search stops widening.
    public static let enough = 5
}

/// Finds the best doctors without reading all of them, and yet the same ones as if all had been read.
///
/// The search widens until enough suitable doctors are near; those within are all read. The others (whose specialty fits
/// less) are read circle by circle, and only as long as one of them could still come before the last one asked for: the
/// points of a doctor who fits at most so well and is at least so far away have a bound.
public struct RankingSearch {
    private let score: RankingScore
    private let read: (CandidateQuery) throws -> [DoctorCandidate]

    /// The best doctors, best first.
    public struct Found {
        /// As many as were asked for; fewer only where there are no more.
        public let ranked: [RankedDoctor]
        /// Kilometres within which they were sought; nil for the whole Earth.
        public let radius: Double?
        /// Doctors within whose specialty suits the need.
        public let suitableCount: Int
    }

    /// - Parameters:
    ///   - request: What is needed, and where.
    ///   - read: Gives every verified doctor of a query, as `DoctorRows.candidates` does.
    public init(_ request: RecommendationRequest, reading read: @escaping (CandidateQuery) throws -> [DoctorCandidate])
    {
        score = RankingScore(request)
        self.read = read
    }

    /// - Parameter count: How many to find, 1 or more.
    /// - Throws: What reading throws.
    public func best(_ count: Int) throws -> Found {
        var (near, reach): ([RankedDoctor], Double?) = ([], nil)
        for radius in circles {
            near = try doctors(of: score.suitable, within: radius).filter(score.isSuitable)
            reach = radius
            if near.count >= DoctorRanking.enough { break }
        }
        let ranked = try addingRest(to: DoctorRanking.first(count, of: near), count, within: reach)
        return Found(ranked: ranked, radius: reach, suitableCount: near.count)
    }

    /// The circle asked for, or all of them and the Earth.
    private var circles: [Double?] {
        if let radius = score.request.radius { return [radius] }
        return DoctorRanking.searchRadii.map(Optional.some) + [nil]
    }

    /// Adds those that suit less, as far as they can matter.
    private func addingRest(
        to suitable: [RankedDoctor], _ count: Int, within widest: Double?
    ) throws -> [RankedDoctor] {
        var ranked = suitable
        let rest = score.rest
        guard !rest.specialties.isEmpty else { return ranked }
        let limit = widest ?? .infinity
        // Those nearer than this are in.
        var inner = -1.0
        for outer in DoctorRanking.searchRadii.filter({ $0 < limit }) + [limit] {
            let bound = score.bound(fit: rest.fit, kilometres: max(0, inner))
            if ranked.count >= count, ranked[count - 1].score > bound { break }
            let ring = try doctors(of: rest.specialties, within: outer.isFinite ? outer : nil)
                .filter { $0.kilometres > inner && !score.isSuitable($0) }
            ranked = DoctorRanking.first(count, of: ranked + ring)
            inner = outer
        }
        return ranked
    }

    /// Doctors within a circle who have any of the specialties, and all else that was asked for.
    private func doctors(of specialties: Set<Specialty>, within radius: Double?) throws -> [RankedDoctor] {
        let request = score.request
        let query = CandidateQuery(
            circle: GeoCircle(centre: request.origin, kilometres: radius ?? GeoPosition.greatestDistance),
            specialties: specialties, language: request.language,
            freeFrom: request.freeBefore == nil ? nil : request.now, freeBefore: request.freeBefore)
        return try read(query).map(score.rank)
    }
}
