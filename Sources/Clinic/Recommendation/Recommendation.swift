import Foundation

/// Recommends doctors near a person.
public struct Recommendation: Sendable {
    private let database: any ClinicDatabase

    public init(database: any ClinicDatabase) {
        self.database = database
    }

    /// The best doctors, best first. Small rows are read of those who come into question, whole ones of those shown.
    ///
    /// - Parameters:
    ///   - request: What is needed, and where.
    ///   - limit: Doctors on a page, 1 or more.
    ///   - offset: Doctors on the pages before.
    /// - Throws: `ClinicError.databaseUnavailable`, `.corrupt`.
    public func doctors(
        for request: RecommendationRequest, limit: Int, offset: Int = 0
    ) async throws -> RecommendedDoctors {
        try await database.read { transaction in
            let found = try RankingSearch(request, reading: transaction.candidates).best(offset + limit + 1)
            let page = found.ranked.dropFirst(offset).prefix(limit)
            let rows = Dictionary(
                uniqueKeysWithValues: try transaction.doctors(page.map(\.candidate.id)).map { ($0.id, $0) })
            let entries = page.compactMap { ranked in
                rows[ranked.candidate.id].map { RecommendedDoctors.Entry(ranked: ranked, doctor: $0) }
            }
            return RecommendedDoctors(
                entries: entries, radius: found.radius, suitableCount: found.suitableCount,
                hasMore: found.ranked.count > offset + limit)
        }
    }
}

/// A page of recommended doctors.
public struct RecommendedDoctors: Sendable, Equatable {
    /// A doctor with the reasons for the place.
    public struct Entry: Sendable, Equatable {
        public let ranked: RankedDoctor
        public let doctor: Doctor

        public init(ranked: RankedDoctor, doctor: Doctor) {
            self.ranked = ranked
            self.doctor = doctor
        }
    }

    /// Best first.
    public let entries: [Entry]
    /// Kilometres within which they were sought; nil for the whole Earth.
    public let radius: Double?
    /// Doctors within whose specialty suits the need.
    public let suitableCount: Int
    /// Whether there is another page.
    public let hasMore: Bool
}
