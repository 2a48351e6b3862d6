import Clinic
import Formats
import Foundation
import HTTPTypes
import Hummingbird
import Wording

/// Towns and postcodes as one types, for the script of `PlaceField`.
struct PlaceRoutes: Sendable {
    let services: SiteServices
    let text: TextCatalogue
    let limiter: RateLimiter

    private struct Answer: Encodable {
        struct Town: Encodable {
            /// GeoNames' number; nil for a postcode and for a point.
            let id: Int64?
            let name: String
            let country: String
            /// A larger town beside it, where others of the same name were found too.
            let near: String?
            let label: String
            let latitude: Double
            let longitude: Double
            let timeZone: String
            let countryCode: String
        }

        let places: [Town]
        /// What else there is to say, such as that a postcode decides nothing.
        let note: String?
    }

    var routes: [Route] {
        [
            Route(.get, "/places", .anyone, limiter: limiter) { request, _ in
                let typed = FormFields(query: request).trimmed("q")
                let answer = try await answer(
                    String(typed.prefix(PlaceQuery.maximumLength)),
                    regions: PreferredLanguages.regions(request.headers[.acceptLanguage]))
                return APIAnswer.json(try JSONFormat.line.data(answer), cacheControl: "private, max-age=300")
            }
        ]
    }

    private func answer(_ typed: String, regions: [String]) async throws -> Answer {
        let words = PlaceWords(text)
        let query: PlaceQuery
        do { query = try PlaceQuery(typed, countries: words.countries) } catch let error as ClinicError {
            return Answer(places: [], note: text(error))
        }
        switch query {
        case .empty: return Answer(places: [], note: nil)
        case .position(let position): return try await answer(position, words)
        case .town(let town, let region, let country, let postcode):
            return try await answer(town, in: region, of: country, postcode: postcode, words)
        case .postcode(let query):
            let reader = PlaceReader(places: services.places, text: text, regions: regions)
            let found = try await reader.postcodes(query).found
            if let town = query.town, found.isEmpty {
                return try await answer(town.name, of: town.countryCode, postcode: town.postcode, words)
            }
            return Answer(
                places: found.map { Self.town($0, typed: query.typed, words) },
                note: found.isEmpty ? text(words.unknown(query)) : nil)
        }
    }

    private func answer(_ position: GeoPosition, _ words: PlaceWords) async throws -> Answer {
        let nearest = try await services.places.nearest(to: position)
        let near = nearest.map { text("places.near", ["place": $0.name]) }
        let label = words.label(position)
        return Answer(
            places: [
                .init(
                    id: nil, name: label, country: nearest.map { words.countries.name(of: $0.countryCode) } ?? "",
                    near: nearest?.name, label: near.map { "\(label) (\($0))" } ?? label,
                    latitude: position.latitude, longitude: position.longitude, timeZone: nearest?.timeZone ?? "",
                    countryCode: nearest?.countryCode ?? "")
            ], note: nil)
    }

    private func answer(
        _ town: String, in region: String? = nil, of country: String?, postcode: String?, _ words: PlaceWords
    ) async throws -> Answer {
        let found = try await services.places.towns(town, region: region, countryCode: country)
        return Answer(
            places: found.map { Self.town($0, words) },
            note: postcode.map { text("places.postcodeTyped", ["postcode": $0]) })
    }

    private static func town(_ found: PostcodeFound, typed: String, _ words: PlaceWords) -> Answer.Town {
        Answer.Town(
            id: nil, name: found.name, country: words.countries.name(of: found.postcode.countryCode), near: nil,
            label: words.label(found, typed: typed), latitude: found.postcode.position.latitude,
            longitude: found.postcode.position.longitude, timeZone: found.nearest?.timeZone ?? "",
            countryCode: found.postcode.countryCode)
    }

    private static func town(_ found: PlaceFound, _ words: PlaceWords) -> Answer.Town {
        Answer.Town(
            id: found.place.id, name: found.place.name, country: words.countries.name(of: found.place.countryCode),
            near: found.near, label: words.label(found), latitude: found.place.latitude,
            longitude: found.place.longitude, timeZone: found.place.timeZone, countryCode: found.place.countryCode)
    }
}
