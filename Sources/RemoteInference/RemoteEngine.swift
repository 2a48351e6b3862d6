import Foundation
import Inference
import Packaging
import Synchronization

/// One package's network on a server: images wait in one line, and each proven connection takes as many as fit a request.
///
/// After some failures one after the other the circuit is opened: images are answered by this machine at once, and the server
/// is tried again after a pause, by proving its network anew.
final class RemoteEngine: Sendable {
    private typealias Continuation = CheckedContinuation<NetworkOutput?, any Error>

    private struct Job {
        let ticket: UInt64
        let tensor: [Float]
        let withStages: Bool
        let deadline: ContinuousClock.Instant
    }

    private struct State {
        var standing = RemoteStanding.unproven
        var line: [Job] = []
        var waiting: [UInt64: Continuation] = [:]
        var nextTicket: UInt64 = 0
        /// Connections over which the network is proven.
        var proven = 0
        /// Grows when all that was proven no longer counts.
        var generation = 0
        var isProving = false
        /// Of the failure that the standing tells; what it says in words may differ each time.
        var reason: RemoteInferenceError.Code?
        var failures = 0
        var pause: Duration
        var closedUntil: ContinuousClock.Instant?
        var sleepers: [CheckedContinuation<Void, Never>] = []
        var isOver = false
    }

    /// Images that may wait, for each connection and place in a request.
    private static let waitingPerPlace = 4
    private static let longestPause = Duration.seconds(60)

    private let options: RemoteOptions
    private let connections: [ProvenConnection]
    private let tally: RemoteTally
    private let report: @Sendable (RemoteStanding) -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - options: How the server is used.
    ///   - connections: At least one.
    ///   - tally: Where it is counted.
    ///   - report: Told when the standing changes.
    init(
        options: RemoteOptions, connections: [ProvenConnection], tally: RemoteTally,
        report: @escaping @Sendable (RemoteStanding) -> Void
    ) {
        (self.options, self.connections, self.tally, self.report) = (options, connections, tally, report)
        state = Mutex(State(pause: options.pause))
    }

    var standing: RemoteStanding { state.withLock { $0.standing } }

    // MARK: Those who ask

    /// Asks the server.
    /// - Returns: nil where this machine is to answer.
    /// - Throws: `CancellationError`.
    func answer(_ tensor: [Float], withStages: Bool) async throws -> NetworkOutput? {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        let job = Job(
            ticket: ticket, tensor: tensor, withStages: withStages, deadline: .now + options.deadline)
        let output = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enqueue(job, continuation)
                // Cancelled before it stood in the line.
                if Task.isCancelled { finish(ticket, .failure(CancellationError())) }
            }
        } onCancel: {
            finish(ticket, .failure(CancellationError()))
        }
        tally.count { if output == nil { $0.localImages += 1 } else { $0.remoteImages += 1 } }
        return output
    }

    private func enqueue(_ job: Job, _ continuation: Continuation) {
        let (isRefused, sleepers) = state.withLock { state -> (Bool, [CheckedContinuation<Void, Never>]) in
            guard state.proven > 0, !state.isOver,
                state.line.count < Self.waitingPerPlace * connections.count * options.batch
            else { return (true, []) }
            state.line.append(job)
            state.waiting[job.ticket] = continuation
            return (false, Self.takeSleepers(&state))
        }
        if isRefused { continuation.resume(returning: nil) }
        for sleeper in sleepers { sleeper.resume() }
    }

    private func finish(_ ticket: UInt64, _ result: Result<NetworkOutput?, any Error>) {
        let continuation = state.withLock { state in
            state.line.removeAll { $0.ticket == ticket }
            return state.waiting.removeValue(forKey: ticket)
        }
        continuation?.resume(with: result)
    }

    // MARK: The connections

    /// Keeps the connections at work until the task is cancelled or `end` is called.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for connection in connections { group.addTask { await self.serve(connection) } }
            group.addTask {
                while !self.isOver {
                    // Cancelled: those that sleep have to be woken once more.
                    do { try await Task.sleep(for: min(self.options.idle, .seconds(1))) } catch { self.end() }
                    self.wake()
                }
            }
        }
        end()
    }

    /// Ends what `run` keeps at work; whoever waits is answered by this machine.
    func end() {
        let tickets = state.withLock { state in
            state.isOver = true
            state.proven = 0
            if state.standing == .remote { state.standing = .unproven }
            return Array(state.waiting.keys)
        }
        for ticket in tickets { finish(ticket, .success(nil)) }
        // A server that accepts and says nothing is not waited for.
        for connection in connections { connection.stop() }
        wake()
    }

    private var isOver: Bool { state.withLock { $0.isOver } }

    private func wake() {
        for sleeper in state.withLock({ Self.takeSleepers(&$0) }) { sleeper.resume() }
    }

    private static func takeSleepers(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
        defer { state.sleepers = [] }
        return state.sleepers
    }

    /// One connection: proven, then used for images and, where none come, for probes, until it fails.
    private func serve(_ connection: ProvenConnection) async {
        var probe = 0
        while !isOver {
            guard let generation = await prove(connection) else { continue }
            var (last, probed) = (ContinuousClock.now, ContinuousClock.now)
            while let jobs = probed + options.assurance <= .now ? [] : nextBatch(connection.batch, generation) {
                do {
                    if !jobs.isEmpty {
                        try await work(jobs, over: connection)
                    } else if min(last + options.idle, probed + options.assurance) <= .now {
                        probe = (probe + 1) % ProbeTensors.count
                        try await connection.check(probe: probe)
                        probed = .now
                    } else {
                        await sleep()
                        continue
                    }
                    last = .now
                    state.withLock { if $0.generation == generation { $0.failures = 0 } }
                } catch {
                    for job in jobs { finish(job.ticket, .success(nil)) }
                    fail(error, generation: generation)
                    break
                }
            }
        }
    }

    /// Sleeps until a job comes or the clock rings.
    private func sleep() async {
        await withCheckedContinuation { continuation in
            let isAwake = state.withLock { state in
                let isAwake = state.isOver || !state.line.isEmpty
                if !isAwake { state.sleepers.append(continuation) }
                return isAwake
            }
            if isAwake { continuation.resume() }
        }
    }

    /// Proves the network over a connection, one connection at a time, and not while the server is left alone.
    /// - Returns: What the proof belongs to; nil where there is none, after a while.
    private func prove(_ connection: ProvenConnection) async -> Int? {
        let wait = state.withLock { state -> Duration? in
            if let end = state.closedUntil, end > .now { return min(end - .now, .seconds(1)) }
            if state.isProving { return .milliseconds(100) }
            state.isProving = true
            return nil
        }
        if let wait {
            await pause(wait)
            return nil
        }
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await connection.prove()) } catch { outcome = .failure(error) }
        state.withLock { $0.isProving = false }
        switch outcome {
        case .success:
            tally.count { $0.proofs += 1 }
            return proved()
        case .failure(let error):
            fail(error, generation: nil)
            await pause(.milliseconds(200))
            return nil
        }
    }

    private func pause(_ duration: Duration) async {
        // Cancelled: `run` ends, and `isOver` tells so.
        do { try await Task.sleep(for: duration) } catch { end() }
    }

    private func proved() -> Int? {
        let (generation, isNews) = state.withLock { state -> (Int?, Bool) in
            guard !state.isOver else { return (nil, false) }
            state.proven += 1
            (state.failures, state.closedUntil, state.pause) = (0, nil, options.pause)
            defer { state.standing = .remote }
            return (state.generation, state.standing != .remote)
        }
        if isNews { report(.remote) }
        return generation
    }

    /// - Parameter generation: Of the proof that no longer counts; nil where there was none.
    private func fail(_ error: any Error, generation: Int?) {
        if error is CancellationError { return end() }
        let failure =
            error as? RemoteInferenceError ?? RemoteInferenceError(.malformed, "the network cannot be proven: \(error)")
        tally.count { $0.failures[failure.code, default: 0] += 1 }
        let (tickets, news) = state.withLock { state -> ([UInt64], RemoteStanding?) in
            guard !state.isOver else { return ([], nil) }
            state.failures += 1
            if generation == state.generation { state.proven -= 1 }
            let isLeft = failure.code == .otherNetwork || state.failures >= options.failures
            if isLeft {
                if state.closedUntil.map({ $0 <= .now }) ?? true {
                    state.closedUntil = .now + state.pause
                    state.pause = min(state.pause * 2, Self.longestPause)
                }
                state.generation += 1
                state.proven = 0
            }
            guard state.proven == 0 else { return ([], nil) }
            let before = state.standing
            let isKnown = if case .local = before { state.reason == failure.code } else { false }
            if isLeft && !isKnown || before == .remote {
                (state.standing, state.reason) = (.local(reason: failure.message), failure.code)
            }
            // Who stands in the line is answered here; who is on the way is answered by whoever carries them.
            return (state.line.map(\.ticket), state.standing == before ? nil : state.standing)
        }
        for ticket in tickets { finish(ticket, .success(nil)) }
        if let news { report(news) }
    }

    /// The next images of one kind, those that came first; none where nobody waits.
    /// - Returns: nil when what was proven no longer counts.
    private func nextBatch(_ count: Int, _ generation: Int) -> [Job]? {
        let (jobs, late) = state.withLock { state -> ([Job]?, [UInt64]) in
            guard !state.isOver, state.generation == generation else { return (nil, []) }
            // Those for whom too little time is left would only make the server seem slow.
            let enough = ContinuousClock.now + options.deadline / 4
            let late = state.line.filter { $0.deadline < enough }.map(\.ticket)
            state.line.removeAll { $0.deadline < enough }
            guard let first = state.line.first else { return ([], late) }
            let jobs = Array(state.line.lazy.filter { $0.withStages == first.withStages }.prefix(count))
            let taken = Set(jobs.map(\.ticket))
            state.line.removeAll { taken.contains($0.ticket) }
            return (jobs, late)
        }
        for ticket in late { finish(ticket, .success(nil)) }
        return jobs
    }

    private func work(_ jobs: [Job], over connection: ProvenConnection) async throws {
        let deadline = jobs.map(\.deadline).min() ?? .now
        let outputs = try await connection.infer(
            jobs.map(\.tensor), withStages: jobs[0].withStages, timeout: deadline - .now)
        tally.count { $0.requests += 1 }
        for (job, output) in zip(jobs, outputs) { finish(job.ticket, .success(output)) }
    }
}
