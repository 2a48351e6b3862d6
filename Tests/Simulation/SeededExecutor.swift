// Only the interface that Swift 6.3 marks as experimental lets a program bring its own executor and its own time.
@_spi(ExperimentalCustomExecutors) @_spi(ExperimentalScheduling) import _Concurrency
import Dispatch
import Glibc
import Offloading
import Randomness
import Synchronization

/// Runs every task of this process on one thread, in an order drawn from a seed, and in a time of its own: whoever sleeps
/// is woken at once, as if the time had passed.
///
/// All that this program does happens within `run`, on the thread that called it; that is why state here, and of all that
/// is simulated, needs no lock. What the threads of `Offloading` do is waited for before the next job, so that its timing
/// changes nothing.
final class SeededExecutor: TaskExecutor, SchedulingExecutor, @unchecked Sendable {
    static let shared = SeededExecutor()

    /// What to draw from; also for faults.
    var random = SplitMix64(seed: 0)
    /// Simulated milliseconds since the seed's beginning.
    private(set) var now: Int64 = 0
    /// Calls of use cases that may give work to `Offloading`.
    private var offloading = 0
    /// Whether the job at work may give work to `Offloading` before it next waits.
    var mayOffload = false
    private var ready: [UnownedJob] = []
    private var sleeping = Sleepers()
    private var isSettled = true
    private let thread = pthread_self()
    private let arrivals = Mutex<[UnownedJob]>([])
    private let arrived = DispatchSemaphore(value: 0)

    private init() {}

    func begin(seed: UInt64) {
        random = SplitMix64(seed: seed)
        now = 0
    }

    /// Runs until nobody is ready and nobody sleeps, or it has come so far.
    ///
    /// - Returns: Whether it came to that end.
    func run(until isDone: () -> Bool) -> Bool {
        while !isDone() {
            if !ready.isEmpty {
                // The order of the rest is no matter: each is as likely to be next.
                ready.swapAt(random.next(below: ready.count), ready.count - 1)
                execute(ready.removeLast())
                settle()
            } else if let (time, waker) = sleeping.removeFirst() {
                now = max(now, time)
                switch waker {
                case .job(let job): ready.append(job)
                case .continuation(let continuation): continuation.resume()
                }
            } else {
                return false
            }
        }
        return true
    }

    // MARK: What tasks ask

    func enqueue(_ job: consuming ExecutorJob) { add(UnownedJob(job)) }

    func enqueue<C: Clock>(_ job: consuming ExecutorJob, after delay: C.Duration, tolerance: C.Duration?, clock: C) {
        sleep(UnownedJob(job), for: delay as? Duration ?? .zero)
    }

    func enqueue<C: Clock>(_ job: consuming ExecutorJob, at instant: C.Instant, tolerance: C.Duration?, clock: C) {
        sleep(UnownedJob(job), for: clock.now.duration(to: instant) as? Duration ?? .zero)
    }

    /// The real clock has gone on a little since the deadline was worked out, so a sleep counts in whole seconds.
    private func sleep(_ job: UnownedJob, for duration: Duration) {
        let seconds = duration <= .zero ? 0 : (duration / .seconds(1)).rounded(.up)
        sleeping.add(.job(job), at: now + Int64(seconds) * 1000)
    }

    private func add(_ job: UnownedJob) {
        if pthread_equal(thread, pthread_self()) != 0 {
            ready.append(job)
        } else {
            arrivals.withLock { $0.append(job) }
            arrived.signal()
        }
    }

    // MARK: What the simulated parts ask

    /// Lets simulated time pass; whether the task is cancelled is no matter.
    func pause(milliseconds: Int) async {
        await withUnsafeContinuation { sleeping.add(.continuation($0), at: now + Int64(milliseconds)) }
    }

    /// Runs what may give work to the threads of `Offloading`.
    func offloads<Value>(_ work: () async throws -> Value) async rethrows -> Value {
        offloading += 1
        defer { offloading -= 1 }
        return try await work()
    }

    // MARK: Other threads

    private func execute(_ job: UnownedJob) { job.runSynchronously(on: asUnownedTaskExecutor()) }

    /// Takes in what other threads do for the job that just ran. Who is served goes on at once, as if nobody else had done it:
    /// whether the answer came before the question was over is the machine's matter.
    private func settle() {
        while offloading > 0 || mayOffload {
            mayOffload = false
            isSettled = false
            Task.detached { [self] in
                await Offloading.process.finish()
                isSettled = true
            }
            let asking = ready.removeLast()
            execute(asking)
            var hasServed = false
            while !isSettled || arrived.wait(timeout: .now()) == .success {
                if !isSettled { arrived.wait() }
                let job = arrivals.withLock { $0.removeFirst() }
                hasServed = hasServed || !job.isSame(as: asking)
                execute(job)
            }
            guard hasServed else { return }
        }
    }
}

extension UnownedJob {
    fileprivate func isSame(as other: UnownedJob) -> Bool {
        unsafeBitCast(self, to: UInt.self) == unsafeBitCast(other, to: UInt.self)
    }
}

/// Who is to be woken when, of two at the same time the one that came first.
private struct Sleepers {
    enum Waker {
        case job(UnownedJob)
        case continuation(UnsafeContinuation<Void, Never>)
    }

    /// The earliest last.
    private var wakers: [(time: Int64, waker: Waker)] = []

    mutating func add(_ waker: Waker, at time: Int64) {
        // Few sleep at a time: a look along the list is quicker than a heap.
        let place = wakers.lastIndex { $0.time > time }.map { $0 + 1 } ?? 0
        wakers.insert((time, waker), at: place)
    }

    mutating func removeFirst() -> (Int64, Waker)? {
        wakers.popLast().map { ($0.time, $0.waker) }
    }
}

/// Makes the one executor that of the whole process; to be called before the first task.
struct SeededExecutors: ExecutorFactory {
    static var mainExecutor: any MainExecutor { PlatformExecutorFactory.mainExecutor }
    static var defaultExecutor: any TaskExecutor { SeededExecutor.shared }

    static func install() { _createExecutors(factory: Self.self) }
}

/// Takes the place of the standard library's source of randomness, which makes the identifiers of rows: from the seed, they
/// are the same each time.
@_cdecl("swift_stdlib_random")
func seededRandomBytes(_ buffer: UnsafeMutableRawPointer, _ count: Int) {
    for index in 0..<count {
        let byte = identifiers.withLock { UInt8(truncatingIfNeeded: $0.next() >> 24) }
        buffer.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
    }
}

let identifiers = Mutex(SplitMix64(seed: 0))
