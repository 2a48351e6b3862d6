import CTorch
import NativeCalls

/// The processes that train one network together, each on a part of every batch, through libtorch's `c10d` with Gloo.
///
/// All processes do the same in the same order; what they exchange makes them take the same steps. Process 0 alone reads and
/// writes files of the run. Not `Sendable`: one thread at a time.
public final class ProcessGroup {
    /// The number of this process, from 0.
    public let rank: Int
    /// How many processes there are.
    public let size: Int
    /// Nil where this process trains alone.
    let handle: OpaquePointer?
    /// Rows are exchanged in pieces of this many numbers, 2 MB, or of one row where that has more.
    public static let numbersAtOnce = 1 << 18
    /// Numbers of the largest exchange so far; each process holds them several times over while it lasts.
    public private(set) var largestExchange = 0

    /// How long the processes wait for one another.
    public struct Patience: Sendable {
        /// For all to come, at the start.
        public let joining: Duration
        /// For the slowest of them, at each exchange. One that ended is noticed at once.
        public let exchanging: Duration

        /// - Parameter joining: Whole seconds, at least 1; `exchanging` alike.
        public init(joining: Duration = .seconds(300), exchanging: Duration = .seconds(900)) {
            (self.joining, self.exchanging) = (joining, exchanging)
        }
    }

    /// A process that trains alone: nothing is exchanged.
    public static var alone: ProcessGroup { ProcessGroup() }

    private init() { (rank, size, handle) = (0, 1, nil) }

    /// Meets the other processes; blocks until all have come.
    /// - Parameter settings: Nil for a process that trains alone.
    /// - Throws: `TrainingError` with `processes` when they do not come in time, and with `configuration` when their settings
    ///   do not fit one another.
    public init(joining settings: ProcessGroupSettings?, patience: Patience = Patience()) throws {
        guard let settings else {
            (rank, size, handle) = (0, 1, nil)
            return
        }
        (rank, size) = (settings.rank, settings.size)
        let seconds = patience.joining.components.seconds
        var made: OpaquePointer?
        try Native.call {
            ct_group_join(
                settings.address, UInt16(settings.port), Int32(settings.rank), Int32(settings.size),
                Int32(clamping: seconds), Int32(clamping: patience.exchanging.components.seconds), &made, $0)
        } orThrow: { status, text in
            guard status == CSUnreachable else { return TrainingError(.configuration, text) }
            return TrainingError(
                .processes,
                "process \(settings.rank) of \(settings.size) did not meet the others at "
                    + "\(settings.address):\(settings.port), where process 0 listens, within \(seconds) s: \(text)")
        }
        guard let made else { throw TrainingError(.library, "libtorch made no group of processes") }
        handle = made
    }

    deinit { if let handle { ct_group_free(handle) } }

    /// Whether this is the process that reads and writes the files of the run.
    public var isFirst: Bool { rank == 0 }

    /// What this process has of so many things: parts that follow one another and differ by one at most.
    public func part(of count: Int) -> Range<Int> { count * rank / size..<count * (rank + 1) / size }

    /// Each value added up over all processes, the same in all of them to the last bit.
    public func sum(_ values: [Double]) throws -> [Double] {
        guard let handle else { return values }
        largestExchange = max(largestExchange, values.count)
        var sums = values
        try TrainableNetwork.check { ct_group_sum(handle, &sums, Int64(sums.count), $0) }
        return sums
    }

    /// Whether it is so in any process.
    public func any(_ holds: Bool) throws -> Bool { try sum([holds ? 1 : 0])[0] > 0 }

    /// What process 0 makes of it; the others do not ask.
    public func first(_ holds: () throws -> Bool) throws -> Bool { try any(isFirst && holds()) }

    /// Rows of all processes, put together in the order of their ranks.
    /// - Parameters:
    ///   - own: The rows of this process, each `width` wide.
    ///   - count: How many rows there are in all, of which this process has `part(of:)`.
    public func gather(_ own: [Float], width: Int, count: Int) throws -> [Float] {
        guard handle != nil else { return own }
        var all: [Float] = []
        all.reserveCapacity(count * width)
        try gather(width: width, count: count) {
            own[$0 * width..<($0 + 1) * width]
        } take: { piece in
            all += piece.lazy.map { Float($0) }
        }
        return all
    }

    /// As `gather(_:width:count:)`, of rows that are arrays of their own.
    public func gather(_ own: [[Float]], width: Int, count: Int) throws -> [[Float]] {
        guard handle != nil else { return own }
        var all: [[Float]] = []
        all.reserveCapacity(count)
        try gather(width: width, count: count) {
            own[$0][...]
        } take: { piece in
            for begin in stride(from: 0, to: piece.count, by: width) {
                all.append(piece[begin..<begin + width].map { Float($0) })
            }
        }
        return all
    }

    /// Gathers piece by piece, so that beside what comes of it no process holds more than a piece.
    /// - Parameters:
    ///   - row: A row of this process, by its place in its part.
    ///   - take: Gets the pieces in their order, each of whole rows.
    private func gather(
        width: Int, count: Int, row: (Int) -> ArraySlice<Float>, take: ([Double]) -> Void
    ) throws {
        guard width > 0 else { return }
        let own = part(of: count)
        let rows = max(1, Self.numbersAtOnce / width)
        for begin in stride(from: 0, to: count, by: rows) {
            let piece = begin..<min(count, begin + rows)
            var numbers = [Double](repeating: 0, count: piece.count * width)
            for index in piece.clamped(to: own) {
                for (column, value) in row(index - own.lowerBound).enumerated() {
                    numbers[(index - begin) * width + column] = Double(value)
                }
            }
            take(try sum(numbers))
        }
    }

    /// Bytes that process 0 makes; the others get a copy.
    public func broadcast(_ make: () throws -> [UInt8]) throws -> [UInt8] {
        var bytes = isFirst ? try make() : []
        guard let handle else { return bytes }
        let count = Int(try sum([Double(bytes.count)])[0])
        if !isFirst { bytes = [UInt8](repeating: 0, count: count) }
        try TrainableNetwork.check { ct_group_broadcast(handle, &bytes, Int64(count), $0) }
        return bytes
    }

    /// Refuses to go on where a process was given something else than process 0.
    /// - Parameters:
    ///   - text: What has to be the same everywhere.
    ///   - name: What it is, for the error.
    /// - Throws: `TrainingError` with `configuration`, in all processes.
    public func requireSame(_ text: String, _ name: String) throws {
        let isSame = try broadcast { [UInt8](text.utf8) } == [UInt8](text.utf8)
        let others = try sum((0..<size).map { $0 == rank && !isSame ? 1 : 0 })
        let different = others.indices.filter { others[$0] > 0 }
        guard different.isEmpty else {
            let names = different.map(String.init).joined(separator: ", ")
            throw TrainingError(
                .configuration,
                "\(name) differ between process 0 and process \(names); start all with the same, and the same program")
        }
    }
}
