import Foundation

/// Scores doctors for one request; what is the same for all of them is worked out once.
struct RankingScore: Sendable {
    let request: RecommendationRequest
    private let year: Int
    private let fits: [Specialty: Double]

    init(_ request: RecommendationRequest) {
        self.request = request
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        year = calendar.component(.year, from: request.now)
        fits = Dictionary(
            uniqueKeysWithValues: Specialty.allCases.map { specialty in
                // Who asks for one specialty has said what fits.
                let chosen = request.specialty.map { $0 == specialty ? 1.0 : 0 }
                return (
                    specialty, chosen ?? DoctorRanking.fit(of: specialty, for: request.need, isChild: request.isChild)
                )
            })
    }

    /// The doctor with score and reasons.
    func rank(_ candidate: DoctorCandidate) -> RankedDoctor {
        let kilometres = request.origin.distance(to: candidate.position)
        let (specialty, fit) = bestFit(of: candidate)
        let language = request.languages.first { candidate.languages.contains($0) }
        let parts = RankingParts(
            specialty: fit, distance: DoctorRanking.distancePart(kilometres),
            rating: (DoctorRanking.bayesianRating(candidate.rating) - 1) / 4,
            nextFree: DoctorRanking.nextFreePart(candidate.nextFreeAt, now: request.now, need: request.need),
            experience: DoctorRanking.experiencePart(year - candidate.practiceSince),
            language: request.languages.isEmpty || language != nil ? 1 : 0)
        return RankedDoctor(
            candidate: candidate, kilometres: kilometres, score: parts.points, parts: parts, specialty: specialty,
            language: language)
    }

    /// The specialty that fits best, the earlier of two that fit alike.
    private func bestFit(of candidate: DoctorCandidate) -> (Specialty, Double) {
        var best = (Specialty.generalPractice, -1.0)
        for (place, specialty) in candidate.specialties.enumerated() {
            var fit = fits[specialty] ?? 0
            if place > 0 { fit *= DoctorRanking.furtherSpecialty }
            if !isSeen(specialty, by: candidate) { fit *= DoctorRanking.notForChildren }
            if fit > best.1 { best = (specialty, fit) }
        }
        return (best.0, max(0, best.1))
    }

    private func isSeen(_ specialty: Specialty, by candidate: DoctorCandidate) -> Bool {
        !request.isChild || candidate.seesChildren || DoctorRanking.isForAnyChild(specialty)
    }

    /// Whether the doctor counts for whether enough are found.
    func isSuitable(_ doctor: RankedDoctor) -> Bool {
        request.specialty != nil || doctor.parts.specialty >= DoctorRanking.suitableFit
    }

    /// Specialties that a suitable doctor has one of.
    var suitable: Set<Specialty> {
        if let specialty = request.specialty { return [specialty] }
        return Set(fits.filter { $0.value >= DoctorRanking.suitableFit }.keys)
    }

    /// Specialties that a doctor who is not suitable has one of, and how well such a doctor fits at most.
    var rest: (specialties: Set<Specialty>, fit: Double) {
        guard request.specialty == nil else { return ([], 0) }
        let below = fits.compactMapValues { possible($0).filter { $0 < DoctorRanking.suitableFit }.max() }
        return (Set(below.keys), below.values.max() ?? 0)
    }

    /// What a specialty's fit may become, by its place and by whether children are seen.
    private func possible(_ fit: Double) -> [Double] {
        let places = [fit, fit * DoctorRanking.furtherSpecialty]
        return request.isChild ? places + places.map { $0 * DoctorRanking.notForChildren } : places
    }

    /// More points than any doctor has who fits at most so well and is at least so far away.
    func bound(fit: Double, kilometres: Double) -> Double {
        RankingParts(
            specialty: fit, distance: DoctorRanking.distancePart(kilometres), rating: 1, nextFree: 1, experience: 1,
            language: 1
        ).points
    }
}
