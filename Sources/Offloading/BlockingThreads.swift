import Dispatch
import Foundation
import Synchronization

/// Threads that may block: real ones, not those of Swift's concurrency or of Dispatch, which share a pool of as many as
/// there are processors. They are started when first needed.
public final class BlockingThreads: Sendable {
    /// Does its work and answers how to tell of the end. The work and what it holds are let go of before that is called,
    /// so that nothing of it outlives the task that waits.
    private typealias Job = @Sendable () -> @Sendable () -> Void

    private struct State {
        var jobs: [Job] = []
        var started = 0
        var running = 0
        var emptied: [CheckedContinuation<Void, Never>] = []
    }

    private static let stackBytes = 8 << 20

    private let name: String
    private let count: Int
    private let signal = DispatchSemaphore(value: 0)
    private let state = Mutex(State())

    /// - Parameters:
    ///   - name: For debuggers.
    ///   - count: How many pieces of work run at once, at least 1.
    public init(name: String, count: Int) {
        self.name = name
        self.count = max(1, count)
    }

    /// Runs a piece of work on one of the threads, first come, first served, whether the task is cancelled or not.
    ///
    /// - Throws: What `work` throws.
    public func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            add {
                let result = Result { try work() }
                return { continuation.resume(with: result) }
            }
        }
    }

    /// Begins a piece of work whose outcome nobody waits for.
    public func start(_ work: @escaping @Sendable () -> Void) {
        add {
            work()
            return {}
        }
    }

    /// Waits until nothing is at work or waits.
    func finish() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                let isEmpty = state.running == 0 && state.jobs.isEmpty
                if !isEmpty { state.emptied.append(continuation) }
                return isEmpty
            }
            if isEmpty { continuation.resume() }
        }
    }

    private func add(_ job: @escaping Job) {
        let isShort = state.withLock { state in
            state.jobs.append(job)
            guard state.jobs.count + state.running > state.started, state.started < count else { return false }
            state.started += 1
            return true
        }
        if isShort {
            let thread = Thread { [self] in work() }
            thread.name = name
            thread.stackSize = Self.stackBytes
            thread.start()
        }
        signal.signal()
    }

    private func work() {
        while true {
            var job = next()
            let tell = job?()
            job = nil
            tell?()
            let emptied = state.withLock { state -> [CheckedContinuation<Void, Never>] in
                state.running -= 1
                guard state.running == 0, state.jobs.isEmpty else { return [] }
                defer { state.emptied = [] }
                return state.emptied
            }
            for continuation in emptied { continuation.resume() }
        }
    }

    private func next() -> Job? {
        signal.wait()
        return state.withLock { state in
            state.running += 1
            return state.jobs.isEmpty ? nil : state.jobs.removeFirst()
        }
    }
}
