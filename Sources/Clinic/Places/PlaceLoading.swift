import Foundation

/// Brings the towns of a file into the database, in batches: what a batch holds is stored whole or not at all, and what is
/// there already is passed over, so that loading that was interrupted goes on where it was.
public struct PlaceLoading: Sendable {
    /// Towns of one transaction. Names land all over their index, so that many small transactions would write most of it
    /// anew each time (1000 towns a time took five times as long); one large one would keep everybody else waiting.
    static let batch = 20_000

    private let database: any ClinicDatabase

    public init(database: any ClinicDatabase) { self.database = database }

    /// Whether the database lacks towns of the file.
    public func isNeeded(for file: PlaceFile) async throws -> Bool {
        try await database.read { try $0.countPlaces() } < file.count
    }

    /// Loads what is missing.
    ///
    /// - Parameter onProgress: Told after each batch how many towns of the file were looked at.
    /// - Returns: How many towns were added.
    /// - Throws: `ClinicError.corrupt` for a broken file, of which the batches before are stored; `CancellationError`.
    @discardableResult
    public func load(_ file: PlaceFile, onProgress: (Int) -> Void = { _ in }) async throws -> Int {
        var isFresh = try await database.read { try $0.countPlaces() } == 0
        var (added, seen) = (0, 0)
        try await file.read(batch: Self.batch) { towns in
            try Task.checkCancellation()
            do {
                added += try await store(towns, isFresh: isFresh)
            } catch let error as ClinicError where error.code != .databaseUnavailable {
                // Another node loads the same file at this moment.
                isFresh = false
                added += try await store(towns, isFresh: false)
            }
            seen += towns.count
            onProgress(seen)
            // Others get their turn between two batches.
            await Task.yield()
        }
        return added
    }

    private func store(_ towns: [PlaceFile.Town], isFresh: Bool) async throws -> Int {
        try await database.write { transaction in
            let missing = isFresh ? towns : try towns.filter { try transaction.place($0.place.id) == nil }
            guard !missing.isEmpty else { return 0 }
            try transaction.insert(missing.map(\.place))
            let names = missing.flatMap { town in town.names.map { PlaceName(placeID: town.place.id, name: $0) } }
            // In the order of their index, nearly.
            try transaction.insert(placeNames: names.sorted { $0.name < $1.name })
            return missing.count
        }
    }
}
