import Formats
import Foundation

/// Takes a list of doctors into the directory, as it comes, a batch of lines a transaction: a line that is refused stops
/// no other, and a list of any length needs little memory.
///
/// Council and registration number name an entry. One that a doctor looks after (it belongs to an account) is never
/// changed by a list: the doctor's own word counts. A retired entry stays retired.
public struct DirectoryImport: Sendable {
    /// What to do with the lines.
    public struct Settings: Sendable {
        /// Whether the entries are verified already, by whoever made the list; else they wait for an administrator, and
        /// verified ones whose name, qualifications or specialties change wait again.
        public var isVerified = false
        /// Only say what would be done.
        public var isDryRun = false

        public init(isVerified: Bool = false, isDryRun: Bool = false) {
            self.isVerified = isVerified
            self.isDryRun = isDryRun
        }
    }

    /// How many lines came to what.
    public struct Summary: Sendable, Equatable {
        public private(set) var counts: [DirectoryRow.Outcome: Int] = [:]

        public subscript(outcome: DirectoryRow.Outcome) -> Int { counts[outcome] ?? 0 }
        public var total: Int { counts.values.reduce(0, +) }

        mutating func add(_ row: DirectoryRow) { counts[row.outcome, default: 0] += 1 }
    }

    /// Lines of one transaction.
    static let batch = 500

    let database: any ClinicDatabase
    let clock: @Sendable () -> Date
    public let settings: Settings
    let actor: AuditEntry.Actor

    /// - Parameters:
    ///   - actor: An administrator, or the system: a person at the server's command line.
    public init(
        database: any ClinicDatabase, settings: Settings, by actor: AuditEntry.Actor,
        clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.database, self.settings, self.actor, self.clock) = (database, settings, actor, clock)
    }

    /// Reads a list to its end.
    ///
    /// - Parameters:
    ///   - chunks: The bytes of the list in pieces of any size.
    ///   - onRow: Told of each line in order, when it is stored.
    /// - Returns: How many lines came to what.
    /// - Throws: `ClinicError.invalid` for a first line that names the columns wrongly (nothing is stored then),
    ///   `.notFound` when `actor` is no administrator, `.databaseUnavailable`, and what `chunks` and `onRow` throw. What
    ///   was told of before is stored.
    @discardableResult
    public func run<Chunks: AsyncSequence>(
        _ chunks: Chunks, onRow: (DirectoryRow) async throws -> Void
    ) async throws -> Summary where Chunks.Element == [UInt8] {
        try await database.read { [actor] in try Directory.requireAdministrator(actor, in: $0) }
        var work = Work(now: clock())
        var table = CSVReader()
        for try await chunk in chunks {
            try Task.checkCancellation()
            try await take(table.append(chunk), &work, onRow)
        }
        try await take(table.finish(), &work, onRow)
        guard work.header != nil else { throw ClinicError(.invalid, "errors.import.empty") }
        try await store(&work, onRow)
        return work.summary
    }

    /// Reads a list that is in memory.
    ///
    /// - Returns: How many lines came to what, and the first lines that were refused.
    /// - Throws: As above.
    public func run(
        _ bytes: [UInt8], refusedLimit: Int = 500
    ) async throws -> (summary: Summary, refused: [DirectoryRow]) {
        var refused: [DirectoryRow] = []
        let summary = try await run(AsyncStream([bytes])) { row in
            if row.outcome == .refused, refused.count < refusedLimit { refused.append(row) }
        }
        return (summary, refused)
    }

    /// What is between two pieces of the list.
    private struct Work {
        let now: Date
        var header: DirectoryHeader?
        var lines: [DirectoryLine] = []
        /// The line on which each number came first.
        var seen: [String: Int] = [:]
        var summary = Summary()
    }

    private func take(
        _ records: [CSVReader.Record], _ work: inout Work, _ onRow: (DirectoryRow) async throws -> Void
    ) async throws {
        for record in records {
            guard let header = work.header else {
                work.header = try DirectoryHeader(record)
                continue
            }
            work.lines.append(try DirectoryLine(record, header: header, now: work.now))
            if work.lines.count == Self.batch { try await store(&work, onRow) }
        }
    }

    private func store(_ work: inout Work, _ onRow: (DirectoryRow) async throws -> Void) async throws {
        let lines = work.lines
        work.lines = []
        guard !lines.isEmpty else { return }
        let (fresh, repeated) = Self.sorted(lines, seen: &work.seen)
        let rows = (repeated + (try await rows(of: fresh, now: work.now))).sorted { $0.line < $1.line }
        for row in rows {
            work.summary.add(row)
            try await onRow(row)
        }
    }

    /// Takes out the lines whose number was there before.
    private static func sorted(
        _ lines: [DirectoryLine], seen: inout [String: Int]
    ) -> (fresh: [DirectoryLine], repeated: [DirectoryRow]) {
        var (fresh, repeated): ([DirectoryLine], [DirectoryRow]) = ([], [])
        for line in lines {
            if case .success(let entry) = line.content {
                let key = "\(entry.council.lowercased())\u{0}\(entry.registrationNumber.lowercased())"
                if let first = seen[key] {
                    let problem = DirectoryRow.Problem(.registrationNumber, "errors.import.repeated", ["line": first])
                    repeated.append(
                        DirectoryRow(
                            line: line.line, registrationNumber: line.registrationNumber, outcome: .refused,
                            problems: [problem]))
                    continue
                }
                seen[key] = line.line
            }
            fresh.append(line)
        }
        return (fresh, repeated)
    }

    private func rows(of lines: [DirectoryLine], now: Date) async throws -> [DirectoryRow] {
        do {
            return try await rows(inOneTransaction: lines, now: now)
        } catch let error as ClinicError where error.code == .duplicate && lines.count > 1 {
            // Somebody registered at this moment: one at a time, only that line is refused.
            var rows: [DirectoryRow] = []
            for line in lines { rows += try await self.rows(of: [line], now: now) }
            return rows
        } catch let error as ClinicError where error.code == .duplicate {
            return lines.map { $0.refused([.init(.registrationNumber, error.message)]) }
        }
    }

    private func rows(inOneTransaction lines: [DirectoryLine], now: Date) async throws -> [DirectoryRow] {
        let work = {
            @Sendable (transaction: any DoctorRows & PlaceRows & PostcodeRows & AuditRows) throws -> [DirectoryRow] in
            try lines.map { try row(of: $0, now: now, in: transaction) }
        }
        return settings.isDryRun ? try await database.read(work) : try await database.write(work)
    }
}
