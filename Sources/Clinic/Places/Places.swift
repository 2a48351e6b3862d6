/// Towns and postcodes, each looked up in one state of the database.
public struct Places: Sendable {
    private let database: any ClinicDatabase

    public init(database: any ClinicDatabase) { self.database = database }

    public func place(_ id: Int64) async throws -> Place? { try await database.read { try $0.place(id) } }

    /// As `PlaceSearch.nearest`.
    public func nearest(to position: GeoPosition) async throws -> Place? {
        try await database.read { try PlaceSearch.nearest(to: position, in: $0) }
    }

    /// As `PlaceSearch.towns`.
    public func towns(
        _ town: String, region: String? = nil, countryCode: String?
    ) async throws -> [PlaceFound] {
        try await database.read {
            try PlaceSearch.towns(town, region: region, countryCode: countryCode, in: $0)
        }
    }

    /// As `PostcodeSearch.places`, for what was typed.
    public func postcodes(for query: PostcodeQuery) async throws -> PostcodeSearch.Answer {
        try await database.read { try PostcodeSearch.places(for: query, in: $0) }
    }

    /// As `PostcodeSearch.places`, for a code of one country.
    public func postcodes(_ code: String, countryCode: String) async throws -> [PostcodeFound] {
        try await database.read { try PostcodeSearch.places(code, countryCode: countryCode, in: $0) }
    }
}
