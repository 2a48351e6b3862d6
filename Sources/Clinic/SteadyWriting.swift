/// Writes many rows beside everybody else: in transactions so short that nobody waits long for one, and with a rest after
/// each that is as long as it took.
///
/// For lists that may be begun again from the start: what is there already is stored once more, or passed over.
struct SteadyWriting: Sendable {
    /// What one transaction should take; where it took longer, as on a slow disk or while others write, the next has
    /// fewer rows.
    static let aim = Duration.milliseconds(20)
    /// Rows of one transaction.
    static let rows = 25...800
    /// Of the rests.
    private static let (shortest, longest) = (Duration.milliseconds(2), Duration.seconds(1))

    private let database: any ClinicDatabase
    private let clock = ContinuousClock()
    private var size = 100

    init(_ database: any ClinicDatabase) { self.database = database }

    /// Writes all rows, in their order.
    ///
    /// - Parameters:
    ///   - rows: Best in the order of the table's key, so that few pages change with each transaction.
    ///   - body: Stores some of them.
    ///   - onProgress: Told after each transaction how many rows it stored.
    /// - Throws: What `body` throws, with the transactions before kept; `CancellationError`.
    mutating func write<Rows: RandomAccessCollection>(
        _ rows: Rows, onProgress: (Int) -> Void = { _ in },
        _ body: @escaping @Sendable (any ClinicTransaction, [Rows.Element]) throws -> Void
    ) async throws where Rows.Element: Sendable {
        var start = rows.startIndex
        while start < rows.endIndex {
            try Task.checkCancellation()
            let part = Array(rows[start...].prefix(size))
            let began = clock.now
            try await database.write { try body($0, part) }
            start = rows.index(start, offsetBy: part.count)
            onProgress(part.count)
            try await rest(since: began)
        }
    }

    /// Lets others go first, as long as the work took.
    mutating func rest(since began: ContinuousClock.Instant) async throws {
        let took = began.duration(to: clock.now)
        size = took > Self.aim ? max(Self.rows.lowerBound, size / 2) : min(Self.rows.upperBound, size + size / 4)
        try await Task.sleep(for: min(max(took, Self.shortest), Self.longest))
    }
}
