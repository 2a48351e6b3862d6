import Foundation
import Offloading

/// Brings the towns of a file into the database, beside everything else that goes on.
///
/// Each table is filled in the order of its key: small transactions then change few pages each, where towns in the order of
/// the file would change some of every page with every transaction. What is there already is passed over, so loading that
/// was interrupted is begun again, and adds nothing twice.
public struct PlaceLoading: Sendable {
    /// Towns that are read at a time.
    private static let batch = 200

    private let database: any ClinicDatabase

    public init(database: any ClinicDatabase) { self.database = database }

    /// Whether the file was not yet loaded to its end.
    public func isNeeded(for file: PlaceFile) async throws -> Bool {
        let edition = try await Self.edition(of: file)
        return try await !database.read { try $0.hasPlaces(ofEdition: edition) }
    }

    /// Loads what is missing.
    ///
    /// - Parameters:
    ///   - now: When it was loaded.
    ///   - onProgress: Told after each transaction which share of the rows was stored, 0 to 1.
    /// - Returns: How many towns were added.
    /// - Throws: `ClinicError.corrupt` for a broken file, of which nothing is stored; `CancellationError`.
    @discardableResult
    public func load(_ file: PlaceFile, now: Date, onProgress: (Double) -> Void = { _ in }) async throws -> Int {
        let edition = try await Self.edition(of: file)
        let before = try await database.read { try $0.countPlaces() }
        var writing = SteadyWriting(database)
        let (places, keys) = try await contents(of: file, at: &writing)
        let total = Double(2 * places.count + 3 * keys.count)
        var stored = 0
        func progress(_ rows: Int) {
            stored += rows
            onProgress(min(1, Double(stored) / total))
        }
        let byNumber = try await Self.aside { places.sorted { $0.id < $1.id } }
        try await writing.write(byNumber, onProgress: progress) { try $0.store(towns: $1) }
        let byCell = try await Self.aside { places.sorted { $0.cell < $1.cell } }
        try await writing.write(byCell, onProgress: progress) { try $0.store(positionsOf: $1) }
        for order in PlaceKey.Order.allCases {
            let indices = try await Self.aside { keys.indices(in: order) }
            try await writing.write(indices.lazy.map { keys[Int($0)] }, onProgress: progress) {
                try $0.store(keys: $1, in: order)
            }
        }
        return try await database.write { transaction in
            try transaction.finishPlaces(edition: edition, at: now)
            return try transaction.countPlaces() - before
        }
    }

    private static func edition(of file: PlaceFile) async throws -> Int64 { try await aside { try file.edition() } }

    /// Runs what takes up to a second where it holds up neither requests nor the decoding of images.
    private static func aside<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await Offloading.process.wait(work)
    }

    /// Everything in the file, with each name as it is compared.
    private func contents(
        of file: PlaceFile, at pace: inout SteadyWriting
    ) async throws -> (places: [Place], keys: [PlaceKey]) {
        var places: [Place] = []
        var keys: [PlaceKey] = []
        // Half a thousand texts, in place of one for each town.
        var zones: [String: String] = [:]
        let clock = ContinuousClock()
        var began = clock.now
        try await file.read(batch: Self.batch) { towns in
            for town in towns {
                let zone = zones[town.place.timeZone] ?? town.place.timeZone
                zones[zone] = zone
                places.append(town.place.with(timeZone: zone))
                keys += PlaceKey.all(of: town)
            }
            try await pace.rest(since: began)
            began = clock.now
        }
        return (places, keys)
    }
}

extension Place {
    fileprivate var cell: Int64 { GeoCells.cell(of: GeoPosition(latitude: latitude, longitude: longitude)) }

    fileprivate func with(timeZone: String) -> Place {
        Place(
            id: id, name: name, countryCode: countryCode, latitude: latitude, longitude: longitude,
            population: population, timeZone: timeZone)
    }
}
