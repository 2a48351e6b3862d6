import Clinic
import Foundation

/// One process of the server, which can die at any call of database or archive: then it does nothing more, and what it
/// had begun stays as it is.
final class SimulatedNode: @unchecked Sendable {
    /// The connection to a node broke because it died.
    struct Died: Error {}

    let name: String
    let world: World
    /// How far its clock is wrong.
    var clockErrorMilliseconds: Int64 = 0
    private(set) var isDead = false
    /// Its workers and sweeps, which end with it.
    var tasks: [Task<Void, Never>] = []
    private var isReaped = false
    private var hanging: [UnsafeContinuation<Void, any Error>] = []
    private var callers: [Int: UnsafeContinuation<Void, Never>] = [:]
    private var nextCall = 0

    init(_ name: String, in world: World) {
        (self.name, self.world) = (name, world)
    }

    /// Whether a worker of the queue is one of its lanes.
    func owns(_ worker: String) -> Bool { worker.split(separator: "/").first.map(String.init) == name }

    /// What its clock shows.
    var date: Date {
        Date(
            timeIntervalSince1970: 1_800_000_000
                + Double(SeededExecutor.shared.now + clockErrorMilliseconds) / 1000)
    }

    /// Begins each call of database or archive: takes a moment, and never returns on a dead node.
    func step() async throws {
        if world.draw(0.4) {
            await SeededExecutor.shared.pause(milliseconds: world.random(below: world.weather.slowest))
        }
        if isDead { try await hang() }
    }

    /// Dies, if the weather says so.
    func mayDie() async throws {
        guard world.isStormy, world.draw(world.weather.deaths) else { return }
        die()
        try await hang()
    }

    func die() {
        guard !isDead else { return }
        isDead = true
        world.tell("\(name) dies")
        for task in tasks { task.cancel() }
        let waiting = callers.sorted { $0.key < $1.key }.map(\.value)
        callers = [:]
        for caller in waiting { caller.resume() }
        world.restart(after: self)
    }

    /// Does nothing for ever; the end of the simulation gives its memory back.
    private func hang() async throws {
        if isReaped { throw CancellationError() }
        try await withUnsafeThrowingContinuation { hanging.append($0) }
    }

    /// Ends what hangs, once nothing it does counts any more.
    func reap() {
        isReaped = true
        let ended = hanging
        hanging = []
        for continuation in ended { continuation.resume(throwing: CancellationError()) }
    }

    /// Calls a use case, as a client does over a connection.
    ///
    /// - Throws: `Died`, and what the work throws.
    func call<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        guard !isDead else { throw Died() }
        nextCall += 1
        let (number, answer) = (nextCall, Answer<Value>())
        let task = Task.detached {
            let result: Result<Value, any Error>
            do { result = .success(try await work()) } catch { result = .failure(error) }
            answer.result = result
            self.callers.removeValue(forKey: number)?.resume()
        }
        tasks.append(task)
        await withUnsafeContinuation { continuation in
            // The task has not run yet, or has: both on this thread.
            if answer.result == nil, !isDead { callers[number] = continuation } else { continuation.resume() }
        }
        guard !isDead, let result = answer.result else { throw Died() }
        return try result.get()
    }

    private final class Answer<Value>: @unchecked Sendable {
        var result: Result<Value, any Error>?
    }
}
