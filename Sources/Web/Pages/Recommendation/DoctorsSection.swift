import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Wording

/// “Meet our certified and experienced doctors” under a result: the best few near the person with their reasons, or the
/// question where the person is.
struct DoctorsSection: Sendable {
    let urgency: Urgency?
    let need: String
    let isChild: Bool
    /// The same page for an adult and for a child.
    let adult: String
    let child: String
    /// Asked for where the profile has no place; else nil.
    let place: PlaceField?
    let lead: String?
    let cards: [DoctorCard]
    let isEmpty: Bool
    /// The search with everything.
    let all: String

    /// Doctors shown.
    static let size = 3

    /// - Parameters:
    ///   - need: What the result asks for.
    ///   - isChild: Whether it is for a child, as the person said or as the age in the case tells.
    ///   - address: The page that it stands on.
    ///   - chosen: The place in the profile; nil without one.
    ///   - found: The doctors; nil without a place.
    ///   - now: The time.
    init(
        _ need: RecommendationRequest.Need, isChild: Bool, on address: String, chosen: ChosenPlace?,
        found: RecommendedDoctors?, now: Date, text: TextCatalogue
    ) {
        self.need = need.rawValue
        self.isChild = isChild
        urgency = Urgency(need, text: text)
        // Said either way: the age in the case may tell otherwise.
        adult = "\(address)?child=0#doctors"
        child = "\(address)?child=1#doctors"
        place = chosen == nil ? PlaceField(text, isRequired: true, hasShortNames: true) : nil
        cards = (found?.entries ?? []).map {
            DoctorCard($0.doctor, ranked: $0.ranked, isForChild: isChild, now: now, text: text)
        }
        isEmpty = found != nil && cards.isEmpty
        all = DoctorSearch(need: need, isChild: isChild).address(at: chosen)
        lead = found.map { found in
            let values = [
                "place": chosen?.name ?? "",
                "distance": found.radius.map { DoctorWords.distance($0, text: text) } ?? "",
            ]
            guard let radius = found.radius else { return text("ranking.section.leadEarth", values) }
            let isWide = radius > (DoctorRanking.searchRadii.first ?? 0)
            return text(isWide ? "ranking.section.leadWide" : "ranking.section.lead", values)
        }
    }
}

extension SiteServices {
    /// The doctors for a result of the person who asks.
    ///
    /// - Parameters:
    ///   - need: What the result asks for; nil where it asks for nothing yet.
    ///   - subject: Whose sample it is; a child's age asks for doctors of children, unless the reader says otherwise.
    ///   - address: The page that they stand on.
    /// - Returns: Nil without a need.
    func doctorsSection(
        for need: RecommendationRequest.Need?, of subject: CaseSubject?, on address: String, _ request: Request,
        _ context: WebContext, text: TextCatalogue
    ) async throws -> DoctorsSection? {
        guard let need else { return nil }
        var search = DoctorSearch(need: need)
        let now = clock()
        let told = request.uri.queryParameters.get("child").map { $0 == "1" }
        search.isChild = told ?? subject?.isChild(at: now) ?? false
        let chosen = context.principal?.user.place.map(ChosenPlace.init)
        var found: RecommendedDoctors?
        if let chosen {
            found = try await recommendation.doctors(
                for: search.request(
                    from: chosen.position, languages: PreferredLanguages.parse(request.headers[.acceptLanguage]),
                    now: now), limit: DoctorsSection.size)
        }
        return DoctorsSection(
            need, isChild: search.isChild, on: address, chosen: chosen, found: found, now: now, text: text)
    }
}
