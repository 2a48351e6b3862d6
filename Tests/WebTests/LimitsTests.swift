import Foundation
import Hummingbird
import Offloading
import Synchronization
import Testing
import Web

@Suite struct RateLimiterTests {
    /// A clock that is set by hand.
    final class Clock: Sendable {
        private let instant = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { instant.withLock { $0 } }
        func advance(_ duration: Duration) { instant.withLock { $0 += duration } }
    }

    private func waits(_ limiter: RateLimiter, _ key: String) -> Int? {
        do {
            try limiter.admit(key)
            return nil
        } catch {
            return (error as? WebError)?.retryAfterSeconds ?? -1
        }
    }

    @Test func `lets a burst pass then asks to wait`() {
        let clock = Clock()
        let limiter = RateLimiter(burst: 2, perMinute: 6) { clock.now }
        #expect(waits(limiter, "a") == nil)
        #expect(waits(limiter, "a") == nil)
        #expect(waits(limiter, "a") == 10)
        #expect(waits(limiter, "b") == nil)
        clock.advance(.seconds(10))
        #expect(waits(limiter, "a") == nil)
        #expect(waits(limiter, "a") == 10)
    }

    @Test func `remembers a bounded number of addresses`() {
        let clock = Clock()
        let limiter = RateLimiter(burst: 1, perMinute: 1, maximumKeys: 4) { clock.now }
        for index in 0..<100 {
            #expect(waits(limiter, "\(index)") == nil)
            clock.advance(.milliseconds(1))
        }
        #expect(waits(limiter, "99") == 60)
    }

    @Test func `whoever is being slowed down stays known, however many others come`() {
        let clock = Clock()
        let limiter = RateLimiter(burst: 3, perMinute: 1, maximumKeys: 10) { clock.now }
        for _ in 0..<3 { #expect(waits(limiter, "attacked") == nil) }
        for index in 0..<1000 {
            #expect(waits(limiter, "\(index)") == nil)
            clock.advance(.milliseconds(1))
        }
        let left = waits(limiter, "attacked")
        #expect(left != nil && (58...60).contains(left ?? 0), "\(String(describing: left))")
    }
}

@Suite struct ScreeningQueueTests {
    /// The most operations that were at work at the same time.
    final class Peak: Sendable {
        private let state = Mutex((now: 0, most: 0))
        var most: Int { state.withLock { $0.most } }
        func enter() { state.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) } }
        func leave() { state.withLock { $0.now -= 1 } }
    }

    /// Who was served, in their order.
    final class Served: Sendable {
        let numbers = Mutex<[Int]>([])
    }

    @Test func `refuses at once when full, and serves the waiting in the order in which they came`() async throws {
        let queue = ScreeningQueue(maximumRunning: 1, maximumWaiting: 3)
        let gate = AsyncStream<Void>.makeStream()
        defer { gate.continuation.finish() }
        let served = Served()
        let first = Task { try await queue.run { for await _ in gate.stream {} } }
        try await eventually("the first at work") { queue.load.running == 1 }
        var waiting: [Task<Void, any Error>] = []
        for number in 1...3 {
            #expect(!queue.isFull)
            waiting.append(Task { try await queue.run { served.numbers.withLock { $0.append(number) } } })
            try await eventually("number \(number) waiting") { queue.load.waiting == number }
        }
        #expect(queue.isFull)
        let refused = Task { try await queue.run { served.numbers.withLock { $0.append(0) } } }
        try await eventually("one more refused") { queue.load.refused == 1 }
        await #expect { try await refused.value } throws: {
            ($0 as? WebError)?.code == .overloaded && ($0 as? WebError)?.retryAfterSeconds != nil
        }
        #expect(served.numbers.withLock { $0 } == [])
        gate.continuation.finish()
        try await eventually("the waiting served") { served.numbers.withLock(\.count) == 3 }
        try await first.value
        for task in waiting { try await task.value }
        #expect(served.numbers.withLock { $0 } == [1, 2, 3])
        #expect(queue.load == Gate.Load(refused: 1))
    }

    @Test func `goes by turns between comers, and who fills the line makes room for whoever has less in it`()
        async throws
    {
        let queue = ScreeningQueue(maximumRunning: 1, maximumWaiting: 6)
        let gate = AsyncStream<Void>.makeStream()
        defer { gate.continuation.finish() }
        let served = Served()
        let first = Task { try await queue.run(for: "a") { for await _ in gate.stream {} } }
        try await eventually("the first at work") { queue.load.running == 1 }
        func wait(_ number: Int, of comer: String, refused: Int = 0) async throws -> Task<Void, any Error> {
            let before = queue.load
            let task = Task { try await queue.run(for: comer) { served.numbers.withLock { $0.append(number) } } }
            try await eventually("number \(number)") {
                queue.load.refused == before.refused + refused
                    && (refused > 0 || queue.load.waiting == before.waiting + 1)
            }
            return task
        }
        var tasks: [Int: Task<Void, any Error>] = [:]
        for number in 1...6 { tasks[number] = try await wait(number, of: "a") }
        // The line is full of one; another one's first and second take the places of that one's last.
        tasks[7] = try await wait(7, of: "b", refused: 1)
        tasks[8] = try await wait(8, of: "b", refused: 1)
        for number in [6, 5] {
            await #expect { try await tasks[number]?.value } throws: { ($0 as? WebError)?.code == .overloaded }
        }
        // Who fills it gets no more in.
        let more = try await wait(9, of: "a", refused: 1)
        await #expect { try await more.value } throws: { ($0 as? WebError)?.code == .overloaded }
        gate.continuation.finish()
        try await first.value
        for number in [1, 2, 3, 4, 7, 8] { try await tasks[number]?.value }
        #expect(served.numbers.withLock { $0 } == [1, 7, 2, 8, 3, 4])
        #expect(queue.load == Gate.Load(refused: 3))
    }

    @Test func `forgets a waiter that is cancelled`() async throws {
        let queue = ScreeningQueue(maximumRunning: 1, maximumWaiting: 4)
        let gate = AsyncStream<Void>.makeStream()
        defer { gate.continuation.finish() }
        let running = Task { try await queue.run { for await _ in gate.stream {} } }
        try await eventually("the first at work") { queue.load.running == 1 }
        let waiting = Task { try await queue.run { Issue.record("a cancelled screening was run") } }
        try await eventually("the second waiting") { queue.load.waiting == 1 }
        waiting.cancel()
        try await eventually("the waiter forgotten") { queue.load.waiting == 0 }
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(queue.load == Gate.Load(running: 1))
        gate.continuation.finish()
        try await running.value
        #expect(queue.load == Gate.Load())
    }

    @Test func `as many run as are allowed and never more`() async throws {
        let queue = ScreeningQueue(maximumRunning: 3, maximumWaiting: 200)
        let peak = Peak()
        let gate = AsyncStream<Void>.makeStream()
        defer { gate.continuation.finish() }
        let opened = Task { for await _ in gate.stream {} }
        let all = (0..<150).map { _ in
            Task {
                try await queue.run {
                    peak.enter()
                    await opened.value
                    // Another chance for one too many to come in.
                    await Task.yield()
                    peak.leave()
                }
            }
        }
        try await eventually("all others waiting") { queue.load.waiting == 147 }
        #expect(queue.load.running == 3)
        gate.continuation.finish()
        try await eventually("all served") { queue.load == Gate.Load() }
        for task in all { try await task.value }
        #expect(peak.most == 3)
        #expect(queue.load == Gate.Load())
    }
}

@Suite struct ImageUploadTests {
    private func upload(_ pieces: [String], limits: UploadLimits, clock: RateLimiterTests.Clock? = nil)
        async throws -> [UInt8]
    {
        let stream = AsyncStream<ByteBuffer> { continuation in
            for piece in pieces { continuation.yield(ByteBuffer(string: piece)) }
            continuation.finish()
        }
        let body = RequestBody(
            asyncSequence: stream.map { piece in
                clock?.advance(.seconds(30))
                return piece
            })
        return try await ImageUpload(
            headers: [.contentType: "multipart/form-data; boundary=s"], body: body, limits: limits
        ) { clock?.now ?? .now }.bytes
    }

    private static let head = "--s\r\nContent-Disposition: form-data; name=\"image\"; filename=\"x\"\r\n\r\n"

    @Test func `accepts an image of exactly the limit and refuses one byte more`() async throws {
        let limits = UploadLimits(fileBytes: 10)
        #expect(try await upload([Self.head, "0123456789", "\r\n--s--"], limits: limits).count == 10)
        await #expect { _ = try await upload([Self.head, "0123456789a", "\r\n--s--"], limits: limits) } throws: {
            ($0 as? WebError)?.code == .tooLarge
        }
    }

    @Test func `refuses a slow sender`() async {
        let clock = RateLimiterTests.Clock()
        await #expect {
            _ = try await upload([Self.head, "abc", "\r\n--s--"], limits: .init(), clock: clock)
        } throws: {
            ($0 as? WebError)?.code == .tooSlow
        }
    }

    @Test func `refuses two images`() async {
        let part = "\(Self.head)x\r\n"
        await #expect { _ = try await upload([part, part, "--s--"], limits: .init()) } throws: {
            ($0 as? WebError)?.code == .malformedRequest
        }
    }
}
