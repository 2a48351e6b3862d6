import Foundation

/// The one owner of threads for blocking work in a process, and of the bound on decoded bytes: everything that would
/// block Swift's cooperative pool runs here, however many models are loaded.
public final class Offloading: Sendable {
    /// What all of a process share; tests make their own.
    public static let process = Offloading()

    /// Decoded bytes that may be held at once; one image of more is let in alone.
    public static let decodedBytes = 512 << 20

    /// Pieces of computing at once.
    public let width: Int

    private let processors: BlockingThreads
    private let waiters: BlockingThreads
    private let slots: Gate
    private let budget: Gate

    /// - Parameters:
    ///   - width: Pieces of computing at once; nil for the number of processors.
    ///   - blocked: Pieces of work that wait for a disk, at once.
    ///   - decodedBytes: Bytes of decoded images that may be held at once.
    public init(width: Int? = nil, blocked: Int = 16, decodedBytes: Int = Offloading.decodedBytes) {
        let width = max(1, width ?? ProcessInfo.processInfo.activeProcessorCount)
        self.width = width
        processors = BlockingThreads(name: "leukoscope.compute", count: width)
        waiters = BlockingThreads(name: "leukoscope.wait", count: blocked)
        slots = Gate(capacity: width)
        budget = Gate(capacity: decodedBytes)
    }

    /// How much of the bound on decoded bytes is taken, and how many wait for their part.
    public var decoded: Gate.Load { budget.load }

    /// Runs a piece of work that computes: decoding, measuring, encoding, hashing.
    ///
    /// - Throws: What `work` throws; `CancellationError`, at once while it waits for its turn.
    public func compute<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        let value = try await slots.run { try await self.processors.run(work) }
        try Task.checkCancellation()
        return value
    }

    /// Runs a piece of work that waits for a disk, whether the task is cancelled or not.
    ///
    /// - Throws: What `work` throws.
    public func wait<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await waiters.run(work)
    }

    /// Begins computing whose outcome nobody waits for.
    public func start(_ work: @escaping @Sendable () -> Void) { processors.start(work) }

    /// Runs an operation that holds decoded images, when its turn comes; it must not ask for more within.
    ///
    /// - Parameters:
    ///   - bytes: What it holds at its height.
    ///   - operation: What decodes, and all that needs what was decoded.
    /// - Throws: What the operation throws; `CancellationError`.
    public func holding<Value: Sendable>(
        decodedBytes bytes: Int, _ operation: @Sendable () async throws -> Value
    ) async throws -> Value {
        try await budget.run(bytes, operation)
    }

    /// Waits until nothing is at work; to be called before the process ends, because its end destroys what the work uses.
    public func finish() async {
        await processors.finish()
        await waiters.finish()
    }
}
