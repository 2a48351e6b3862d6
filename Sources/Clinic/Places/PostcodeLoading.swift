import Foundation

/// Brings the postcodes of a file into the database, in batches. They replace those of another edition, which stay to be
/// found until all are there; the first ones are found when all are there. Loading that was interrupted begins again.
public struct PostcodeLoading: Sendable {
    /// Rows of one transaction: few large ones, as with towns (`PlaceLoading`); in the order of the index, so that none
    /// takes long.
    static let batch = 20_000

    private let database: any ClinicDatabase

    public init(database: any ClinicDatabase) { self.database = database }

    /// Whether the database lacks the file's edition.
    public func isNeeded(for file: PostcodeFile) async throws -> Bool {
        let edition = file.edition
        return try await !database.read { try $0.hasPostcodes(ofEdition: edition) }
    }

    /// Loads the file.
    ///
    /// - Parameters:
    ///   - now: When it was loaded.
    ///   - onProgress: Told after each batch how many rows were stored.
    /// - Throws: `ClinicError.corrupt` for a broken file, of which the batches before are stored; `CancellationError`.
    public func load(_ file: PostcodeFile, now: Date, onProgress: (Int) -> Void = { _ in }) async throws {
        let edition = file.edition
        var stored = 0
        try await file.read(batch: Self.batch) { postcodes in
            try Task.checkCancellation()
            try await database.write { try $0.store(postcodes, edition: edition) }
            stored += postcodes.count
            onProgress(stored)
            // Others get their turn between two batches.
            await Task.yield()
        }
        try await database.write { try $0.finishPostcodes(edition: edition, at: now) }
    }
}
