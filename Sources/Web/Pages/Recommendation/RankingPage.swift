import Clinic
import Foundation
import Wording

/// How doctors are ordered, with the weights as the code has them.
struct RankingPage: Sendable {
    /// A part of the score.
    struct Part: Sendable {
        let name: String
        let points: String
        /// Hundredths of the whole bar.
        let width: String
        let how: String
        let examples: [Example]
    }

    /// What a part gives somebody.
    struct Example: Sendable {
        let what: String
        let points: String
    }

    /// How well a specialty fits each need.
    struct FitRow: Sendable {
        let name: String
        let adult: [String]
        let child: [String]
    }

    let frame: PageFrame
    let parts: [Part]
    let needs: [String]
    let fits: [FitRow]
    let fitNotes: [String]
    let widening: String
    let unrated: String

    init(site: Site, context: WebContext) {
        let text = site.text
        frame = PageFrame(site: site, title: text("ranking.explained.title"), place: .doctors, context: context)
        parts = RankingExamples(text: text).parts
        needs = RecommendationRequest.Need.allCases.map { text("ranking.explained.needs.\($0.rawValue)") }
        fits = Specialty.allCases.map { specialty in
            let cells = [false, true].map { isChild in
                RecommendationRequest.Need.allCases.map {
                    RankingExamples.percent(DoctorRanking.fit(of: specialty, for: $0, isChild: isChild))
                }
            }
            return FitRow(
                name: text("ranking.specialists.\(specialty.rawValue)"), adult: cells[0], child: cells[1])
        }
        fitNotes = [
            text("ranking.explained.further", ["share": RankingExamples.percent(DoctorRanking.furtherSpecialty)]),
            text("ranking.explained.children", ["share": RankingExamples.percent(DoctorRanking.notForChildren)]),
        ]
        widening = text(
            "ranking.explained.widening",
            [
                "enough": String(DoctorRanking.enough), "fit": RankingExamples.percent(DoctorRanking.suitableFit),
                "radii": DoctorRanking.searchRadii.map { String(format: "%.0f", $0) }.joined(separator: ", "),
            ])
        unrated = text("ranking.explained.unrated", ["count": String(Reviews.minimumForRating)])
    }
}

/// The parts of the score with what they give in examples, all computed by the ranking itself.
struct RankingExamples: Sendable {
    private let weights = DoctorRanking.weights
    let text: TextCatalogue

    init(text: TextCatalogue) { self.text = text }

    var parts: [RankingPage.Part] {
        [
            part("specialty", weights.specialty, [:], []),
            part(
                "distance", weights.distance, ["half": number(DoctorRanking.halfDistance)],
                [1, 5, 25, 100, 500].map { kilometres in
                    example(
                        "ranking.card.kilometres", Int(kilometres), weights.distance,
                        DoctorRanking.distancePart(kilometres))
                }),
            part(
                "rating", weights.rating,
                ["prior": number(DoctorRanking.priorStars), "reviews": number(DoctorRanking.priorReviews)], ratings),
            part(
                "nextFree", weights.nextFree,
                [
                    "urgent": number(DoctorRanking.halfWait(for: .malignant)),
                    "other": number(DoctorRanking.halfWait(for: .none)),
                ], waits),
            part(
                "experience", weights.experience, ["years": number(DoctorRanking.experienceYears)],
                [1, 5, 10, 20, 30].map { years in
                    RankingPage.Example(
                        what: text.counted("ranking.card.years", years),
                        points: points(weights.experience * DoctorRanking.experiencePart(years)))
                }),
            part("language", weights.language, [:], []),
        ]
    }

    private var ratings: [RankingPage.Example] {
        [(0, 0), (5, 25), (31, 149), (100, 480)].map { count, stars in
            let expected = DoctorRanking.bayesianRating(RatingSum(stars: stars, count: count))
            let what =
                count == 0
                ? text("ranking.explained.noReviews")
                : text(
                    "ranking.explained.reviews",
                    ["stars": String(format: "%.1f", Double(stars) / Double(count)), "count": String(count)])
            return RankingPage.Example(
                what: text("ranking.explained.counts", ["what": what, "expected": String(format: "%.2f", expected)]),
                points: points(weights.rating * (expected - 1) / 4))
        }
    }

    private var waits: [RankingPage.Example] {
        let now = Date(timeIntervalSince1970: 0)
        return [1, 2, 7, 30].map { days in
            let slot = now.addingTimeInterval(Double(days) * 86_400)
            let both = [RecommendationRequest.Need.malignant, .none].map {
                points(weights.nextFree * DoctorRanking.nextFreePart(slot, now: now, need: $0))
            }
            return RankingPage.Example(
                what: text.counted("ranking.explained.wait", days),
                points: text("ranking.explained.urgentOrNot", ["urgent": both[0], "other": both[1]]))
        }
    }

    private func part(
        _ key: String, _ weight: Double, _ values: [String: String], _ examples: [RankingPage.Example]
    ) -> RankingPage.Part {
        RankingPage.Part(
            name: text("ranking.explained.parts.\(key).name"),
            points: text("ranking.explained.pointsOf", ["points": number(weight)]),
            width: number(weight * 2),
            how: text("ranking.explained.parts.\(key).how", values), examples: examples)
    }

    private func example(_ key: String, _ count: Int, _ weight: Double, _ part: Double) -> RankingPage.Example {
        RankingPage.Example(what: text(key, ["count": String(count)]), points: points(weight * part))
    }

    private func points(_ value: Double) -> String { String(format: "%.1f", value) }

    /// Without a point where none is needed.
    private func number(_ value: Double) -> String {
        value == value.rounded() ? String(format: "%.0f", value) : String(format: "%g", value)
    }

    static func percent(_ value: Double) -> String { String(format: "%.0f\u{a0}%%", value * 100) }
}
