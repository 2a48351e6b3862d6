import Foundation

/// Brings the postcodes of a file into the database, beside everything else that goes on. They replace those of another
/// edition, which stay to be found until all are there; the first ones are found when all are there. Loading that was
/// interrupted begins again.
public struct PostcodeLoading: Sendable {
    /// Lines of the file, or rows of the table, that are read at a time.
    private static let batch = 1000

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
    ///   - onProgress: Told after each transaction how many rows were stored.
    /// - Throws: `ClinicError.corrupt` for a broken file, of which the rows before are stored; `CancellationError`.
    public func load(_ file: PostcodeFile, now: Date, onProgress: (Int) -> Void = { _ in }) async throws {
        let edition = file.edition
        var writing = SteadyWriting(database)
        var stored = 0
        func progress(_ rows: Int) {
            stored += rows
            onProgress(stored)
        }
        // In the order of the index.
        try await file.read(batch: Self.batch) { postcodes in
            try await writing.write(postcodes, onProgress: progress) { try $0.store($1, edition: edition) }
        }
        try await removeOthers(than: edition, &writing)
        try await database.write { try $0.finishPostcodes(edition: edition, at: now) }
    }

    /// A read blocks no other request, so all rows are read and only the old ones are written.
    private func removeOthers(than edition: Int64, _ writing: inout SteadyWriting) async throws {
        var last: PostcodeKey?
        while true {
            let page = try await database.read { [last] in
                try $0.postcodeKeys(after: last, otherThan: edition, limit: Self.batch)
            }
            try await writing.write(page.filter(\.isOld).map(\.key)) { try $0.remove($1, otherThan: edition) }
            guard page.count == Self.batch else { return }
            last = page.last?.key
        }
    }
}
