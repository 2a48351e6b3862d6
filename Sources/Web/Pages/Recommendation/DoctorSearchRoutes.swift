import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import Wording

/// The search for doctors, and the page that explains its order.
struct DoctorSearchRoutes: Sendable {
    let services: SiteServices
    let pages: PageRenderer

    var routes: [Route] {
        [
            Route(.get, "/doctors", .anyone) { request, context in try await search(request, context) },
            Route(.get, "/doctors/ranking", .anyone) { _, context in
                try pages.response(RankingPage(site: pages.site, context: context), template: "ranking")
            },
        ]
    }

    private func search(_ request: Request, _ context: WebContext) async throws -> Response {
        let form = FormFields(query: request)
        let search = DoctorSearch(form)
        let text = pages.site.text
        let (field, chosen) = try await place(
            form, regions: PreferredLanguages.regions(request.headers[.acceptLanguage]), context)
        let now = services.clock()
        var found: RecommendedDoctors?
        if let chosen {
            found = try await services.recommendation.doctors(
                for: search.request(
                    from: chosen.position, languages: PreferredLanguages.parse(request.headers[.acceptLanguage]),
                    now: now),
                limit: DoctorSearch.size, offset: search.offset)
        }
        let page = DoctorSearchPage(
            search, place: field(text), chosen: chosen, found: found, now: now, site: pages.site, context: context)
        return try pages.response(page, template: "doctors")
    }

    /// The place that was asked for, else the one in the profile; never a guess.
    private func place(
        _ form: FormFields, regions: [String], _ context: WebContext
    ) async throws -> ((TextCatalogue) -> PlaceField, ChosenPlace?) {
        let isTold = ["place", "place_id", "lat", "latitude"].contains { form[$0] != nil }
        guard isTold else {
            let chosen = context.principal?.user.place.map(ChosenPlace.init)
            return ({ PlaceField($0, chosen: chosen, isRequired: true, hasShortNames: true) }, chosen)
        }
        let typed = form.trimmed("place")
        do {
            let outcome = try await PlaceReader(
                places: services.places, text: pages.site.text, regions: regions
            ).read(form)
            let chosen: ChosenPlace? = if case .chosen(let place) = outcome { place } else { nil }
            return ({ PlaceField($0, outcome: outcome, typed: typed, isRequired: true, hasShortNames: true) }, chosen)
        } catch let error as ClinicError where error.field == "place" {
            return ({ PlaceField($0, typed: typed, error: error, isRequired: true, hasShortNames: true) }, nil)
        }
    }
}

extension ChosenPlace {
    /// The place in a person's profile.
    init(_ place: UserPlace) {
        self.init(
            name: place.name, position: GeoPosition(latitude: place.latitude, longitude: place.longitude), placeID: nil,
            countryCode: nil, timeZone: nil, ignoredPostcode: nil)
    }
}
