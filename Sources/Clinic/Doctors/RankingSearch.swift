import Foundation

/// Finds the best doctors without reading all of them, and yet the same ones as if all had been read.
///
/// The search widens until enough suitable doctors are near; those within are all read. The others (whose specialty fits
/// less) are read circle by circle, and only as long as one of them could still come before the last one asked for: the
/// points of a doctor who fits at most so well and is at least so far away have a bound.
struct RankingSearch {
    let score: RankingScore
    let transaction: any ClinicTransaction

    /// Kilometres of the circles that the search goes through; after the last it is the whole Earth.
    static let radii: [Double] = [10, 25, 50, 100, 150, 250, 350, 500, 750, 1000, 1500, 2500, 5000, 10_000]

    /// Suitable doctors at which the search stops widening.
    static let enough = 5

    /// The best doctors, best first.
    struct Found {
        let ranked: [RankedDoctor]
        /// Kilometres within which they were sought; nil for the whole Earth.
        let radius: Double?
        let suitableCount: Int
    }

    /// - Parameter count: How many to find at least, if there are so many; more may come.
    func best(_ count: Int) throws -> Found {
        var found = Found(ranked: [], radius: nil, suitableCount: 0)
        for radius in circles {
            let near = try doctors(of: score.suitable, within: radius).filter(score.isSuitable)
            found = Found(ranked: near, radius: radius, suitableCount: near.count)
            if near.count >= Self.enough { break }
        }
        let ranked = found.ranked.sorted(by: DoctorRanking.isBefore)
        return Found(
            ranked: try addingRest(to: ranked, count, within: found.radius), radius: found.radius,
            suitableCount: found.suitableCount)
    }

    /// The circle asked for, or all of them and the Earth.
    private var circles: [Double?] {
        if let radius = score.request.radius { return [radius] }
        return Self.radii.map(Optional.some) + [nil]
    }

    /// Adds those that suit less, as far as they can matter.
    private func addingRest(to suitable: [RankedDoctor], _ count: Int, within widest: Double?) throws -> [RankedDoctor]
    {
        var ranked = suitable
        let rest = score.rest
        guard !rest.specialties.isEmpty else { return ranked }
        var inner = -1.0
        let limit = widest ?? .infinity
        for outer in Self.radii.filter({ $0 < limit }) + [limit] {
            if ranked.count >= count, ranked[count - 1].score > score.bound(fit: rest.fit, kilometres: max(0, inner)) {
                break
            }
            let ring = try doctors(of: rest.specialties, within: outer.isFinite ? outer : nil)
                .filter { $0.kilometres > inner && !score.isSuitable($0) }
            ranked = (ranked + ring).sorted(by: DoctorRanking.isBefore)
            inner = outer
        }
        return ranked
    }

    /// Doctors within a circle who have any of the specialties, and all else that was asked for.
    private func doctors(of specialties: Set<Specialty>, within radius: Double?) throws -> [RankedDoctor] {
        let request = score.request
        let reach = radius ?? GeoPosition.greatestDistance
        let query = CandidateQuery(
            boxes: GeoBox.around(request.origin, kilometres: reach), specialties: specialties,
            language: request.language, freeFrom: request.freeBefore == nil ? nil : request.now,
            freeBefore: request.freeBefore)
        let ranked = try transaction.candidates(query).map(score.rank)
        guard let radius else { return ranked }
        return ranked.filter { $0.kilometres <= radius }
    }
}
