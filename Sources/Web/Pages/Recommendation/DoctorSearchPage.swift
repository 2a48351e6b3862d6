import Clinic
import Foundation
import Wording

/// Doctors near a place, best first, with a map; or the question where one is.
struct DoctorSearchPage: Sendable {
    let frame: PageFrame
    let form: DoctorSearchForm
    /// How soon somebody with this result should be seen; nil without a result.
    let urgency: Urgency?
    /// Whether a place has to be told first.
    let asksPlace: Bool
    /// What was found, in a sentence.
    let summary: String?
    let cards: [DoctorCard]
    /// The place is known, and nobody was found.
    let isEmpty: Bool
    let isFiltered: Bool
    let map: DoctorMap?
    /// The next page, the page before, and the same search without filters.
    let more: String?
    let back: String?
    let unfiltered: String

    /// - Parameters:
    ///   - search: What was asked for.
    ///   - place: The field with the place as it was understood.
    ///   - chosen: The place; nil where it has to be told first.
    ///   - found: The doctors; nil without a place.
    ///   - now: The time.
    init(
        _ search: DoctorSearch, place: PlaceField, chosen: ChosenPlace?, found: RecommendedDoctors?, now: Date,
        site: Site, context: WebContext
    ) {
        let text = site.text
        frame = PageFrame(site: site, title: text("ranking.title"), place: .doctors, context: context)
        form = DoctorSearchForm(search, place: place, text: text)
        urgency = Urgency(search.need, text: text)
        let entries = found?.entries ?? []
        asksPlace = found == nil
        cards = entries.enumerated().map { index, entry in
            DoctorCard(
                entry.doctor, ranked: entry.ranked, number: search.offset + index + 1, isForChild: search.isChild,
                now: now, text: text)
        }
        isEmpty = found != nil && cards.isEmpty
        isFiltered = search.isFiltered
        summary = found.flatMap { Self.summary($0, at: chosen, search, text) }
        map = chosen.flatMap { chosen in
            entries.isEmpty ? nil : DoctorMap(around: chosen.position, entries, first: search.offset + 1, text: text)
        }
        more = found?.hasMore == true ? search.next.address(at: chosen) : nil
        back = search.offset > 0 ? search.previous.address(at: chosen) : nil
        unfiltered = search.unfiltered.address(at: chosen)
    }

    /// Within what distance they were found, and that it had to be a long one.
    private static func summary(
        _ found: RecommendedDoctors, at place: ChosenPlace?, _ search: DoctorSearch, _ text: TextCatalogue
    ) -> String? {
        guard !found.entries.isEmpty else { return nil }
        let values = [
            "distance": found.radius.map { DoctorWords.distance($0, text: text) } ?? "", "place": place?.name ?? "",
        ]
        guard let radius = found.radius else { return text("ranking.found.earth", values) }
        let isWide = search.radius == nil && radius > (DoctorRanking.searchRadii.first ?? 0)
        return text(isWide ? "ranking.found.widened" : "ranking.found.near", values)
    }
}

/// How soon somebody with a result should be seen, and by whom.
struct Urgency: Sendable {
    let title: String
    let words: String
    let isUrgent: Bool

    /// Nil without a result.
    init?(_ need: RecommendationRequest.Need, text: TextCatalogue) {
        guard need != .none else { return nil }
        title = text("ranking.urgency.\(need.rawValue).title")
        words = text("ranking.urgency.\(need.rawValue).text")
        isUrgent = need == .malignant
    }
}
