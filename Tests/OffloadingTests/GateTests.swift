import Offloading
import Synchronization
import Testing

/// A number that tasks and threads share.
final class Counted: Sendable {
    private let number = Atomic(0)

    var value: Int { number.load(ordering: .sequentiallyConsistent) }

    @discardableResult
    func add(_ amount: Int = 1) -> Int { number.add(amount, ordering: .sequentiallyConsistent).newValue }
}

/// Who came in, in order, and how much was inside at most.
final class Seen: Sendable {
    private let state = Mutex<(order: [Int], most: Int)>(([], 0))

    var order: [Int] { state.withLock { $0.order } }
    var most: Int { state.withLock { $0.most } }

    func note(_ number: Int, inside: Int) {
        state.withLock { $0 = ($0.order + [number], max($0.most, inside)) }
    }
}

@Suite(.timeLimit(.minutes(15)))
struct GateTests {
    /// Waits until a condition holds, without blocking a thread.
    private func until(_ condition: () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(1)) }
    }

    @Test func `it lets in as much as it holds, in the order of arrival`() async throws {
        let gate = Gate(capacity: 10)
        let seen = Seen()
        try await gate.enter(10)
        try await withThrowingTaskGroup { group in
            let amounts = [4, 7, 3, 10, 1, 1]
            for (number, amount) in amounts.enumerated() {
                group.addTask {
                    try await gate.run(amount) {
                        seen.note(number, inside: gate.load.running)
                        try await Task.sleep(for: .milliseconds(3))
                    }
                }
                // Each stands in the line before the next comes.
                try await until { gate.load.waiting == number + 1 }
            }
            gate.leave(10)
            try await group.waitForAll()
        }
        #expect(seen.most <= 10)
        // 4 goes in, and 7 holds up 3 although that would fit; then 7 and 3 together, 10 alone, and the last two.
        let arrived = seen.order
        #expect(arrived[0] == 0 && Set(arrived[1...2]) == [1, 2] && arrived[3] == 3 && Set(arrived[4...5]) == [4, 5])
        #expect(gate.load == Gate.Load())
    }

    @Test func `more than the gate holds is let in alone`() async throws {
        let gate = Gate(capacity: 5)
        try await gate.enter(1)
        let large = Task { try await gate.run(1000) { gate.load.running } }
        try await until { gate.load.waiting == 1 }
        let small = Task { try await gate.run(1) { gate.load.running } }
        try await until { gate.load.waiting == 2 }
        gate.leave(1)
        #expect(try await large.value == 5)
        #expect(try await small.value == 1)
    }

    @Test func `a cancelled task gives up its place, and those behind it go on`() async throws {
        let gate = Gate(capacity: 3)
        try await gate.enter(2)
        let large = Task { try await gate.run(3) { true } }
        try await until { gate.load.waiting == 1 }
        let small = Task { try await gate.run(1) { true } }
        try await until { gate.load.waiting == 2 }
        large.cancel()
        await #expect(throws: CancellationError.self) { try await large.value }
        #expect(try await small.value)
        gate.leave(2)
        #expect(gate.load == Gate.Load())
        let late = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await gate.enter()
        }
        await #expect(throws: CancellationError.self) { try await late.value }
        #expect(gate.load == Gate.Load())
    }

    @Test func `who comes when too many wait is turned away at once`() async throws {
        let gate = Gate(capacity: 1, maximumWaiting: 1)
        try await gate.enter()
        let waiting = Task { try await gate.run { true } }
        try await until { gate.isFull }
        await #expect(throws: Gate.Full.self) { try await gate.enter() }
        #expect(gate.load == Gate.Load(running: 1, waiting: 1, refused: 1))
        gate.leave()
        #expect(try await waiting.value)
    }

    @Test func `many tasks, some of them cancelled, never exceed the capacity and leave nothing behind`() async throws {
        let gate = Gate(capacity: 7)
        let (inside, seen) = (Counted(), Seen())
        await withTaskGroup { group in
            for number in 0..<400 {
                group.addTask {
                    let amount = 1 + number % 7
                    let task = Task {
                        try await gate.run(amount) {
                            seen.note(number, inside: inside.add(amount))
                            await Task.yield()
                            inside.add(-amount)
                        }
                    }
                    if number % 3 == 0 { task.cancel() }
                    _ = await task.result
                }
            }
        }
        #expect(seen.most <= 7)
        #expect(gate.load == Gate.Load())
    }
}
