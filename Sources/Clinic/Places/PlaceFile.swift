import Foundation

/// A file of towns, as `Scripts/places.py` writes it: a `TabbedFile` with a line a town, which has GeoNames' number, name,
/// country (ISO 3166-1), latitude, longitude (degrees), population, time zone (IANA), and other names separated by `|`.
public struct PlaceFile: Sendable {
    /// A town with its other names.
    public struct Town: Sendable, Equatable {
        public let place: Place
        public let names: [String]

        public init(place: Place, names: [String]) {
            self.place = place
            self.names = names
        }
    }

    /// How many towns the file says it has.
    public var count: Int { file.count }
    private let file: TabbedFile

    /// - Throws: `ClinicError.notFound` where there is no such file, `.corrupt` where it is none of ours.
    public init(_ url: URL) throws {
        file = try TabbedFile(url, mark: "leukoscope-places", version: 1, things: "places")
    }

    /// Which contents it has: files that differ have different editions.
    ///
    /// - Throws: `ClinicError.notFound` where it is gone.
    public func edition() throws -> Int64 { try file.edition() }

    /// Hands on the towns in order, some thousand at a time.
    ///
    /// - Parameters:
    ///   - batch: Towns at a time.
    ///   - take: Given each batch.
    /// - Throws: `ClinicError.corrupt` with the line, also when there are fewer towns than the first line says; what
    ///   `take` throws.
    public func read(batch: Int, _ take: ([Town]) async throws -> Void) async throws {
        try await file.read(batch: batch, parse: Self.town, take)
    }

    private static func town(_ fields: [String]) -> Town? {
        guard fields.count == 8, let id = Int64(fields[0]), !fields[1].isEmpty, fields[2].utf8.count == 2,
            let latitude = Double(fields[3]), let longitude = Double(fields[4]), (-90...90).contains(latitude),
            (-180...180).contains(longitude), let population = Int64(fields[5])
        else { return nil }
        let place = Place(
            id: id, name: fields[1], countryCode: fields[2], latitude: latitude, longitude: longitude,
            population: population, timeZone: fields[6])
        return Town(place: place, names: fields[7].split(separator: "|").map(String.init))
    }
}
