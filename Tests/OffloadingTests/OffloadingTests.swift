import Dispatch
import Foundation
import Offloading
import Testing

@Suite(.timeLimit(.minutes(15)))
struct OffloadingTests {
    private struct Stop: Error {}

    @Test func `works that block, more of them than processors, leave async tasks running`() async throws {
        let offloading = Offloading(blocked: 16)
        let processors = ProcessInfo.processInfo.activeProcessorCount
        let release = DispatchSemaphore(value: 0)
        let blocked = Counted()
        let work: @Sendable () -> Void = {
            blocked.add()
            release.wait()
        }
        let tasks =
            (0..<16).map { _ in Task { try await offloading.wait(work) } }
            + (0..<4 * processors).map { _ in Task { try await offloading.compute(work) } }
        while blocked.value < 16 + processors { try await Task.sleep(for: .milliseconds(1)) }
        // All threads are blocked now; were they the cooperative pool's, none of these would ever run.
        let ticks = Counted()
        await withTaskGroup { group in
            for _ in 0..<2 * processors {
                group.addTask {
                    for _ in 0..<100 {
                        await Task.yield()
                        ticks.add()
                    }
                }
            }
        }
        #expect(ticks.value == 200 * processors)
        for _ in tasks { release.signal() }
        for task in tasks { try await task.value }
        #expect(blocked.value == tasks.count)
    }

    @Test func `no more pieces of computing run at once than the width says`() async throws {
        let offloading = Offloading(width: 3)
        let (running, seen) = (Counted(), Seen())
        try await withThrowingTaskGroup { group in
            for _ in 0..<40 {
                group.addTask {
                    try await offloading.compute {
                        seen.note(0, inside: running.add())
                        usleep(500)
                        running.add(-1)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect((1...3).contains(seen.most))
    }

    @Test func `a task cancelled while it waits for a thread throws at once, and its work never runs`() async throws {
        let offloading = Offloading(width: 1)
        let release = DispatchSemaphore(value: 0)
        let began = Counted()
        let first = Task {
            try await offloading.compute {
                began.add()
                release.wait()
            }
        }
        while began.value == 0 { try await Task.sleep(for: .milliseconds(1)) }
        let ran = Counted()
        let second = Task { try await offloading.compute { ran.add() } }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        release.signal()
        try await first.value
        await offloading.finish()
        #expect(ran.value == 0)
    }

    @Test func `what waits for a disk is done although its task was cancelled`() async throws {
        let offloading = Offloading()
        let done = Counted()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await offloading.wait { _ = done.add() }
        }
        try await task.value
        #expect(done.value == 1)
    }

    @Test func `errors come to the task that waits`() async throws {
        let offloading = Offloading()
        await #expect(throws: Stop.self) { try await offloading.compute { throw Stop() } }
        await #expect(throws: Stop.self) { try await offloading.wait { throw Stop() } }
        await #expect(throws: Stop.self) { try await offloading.holding(decodedBytes: 1) { throw Stop() } }
        #expect(offloading.decoded == Gate.Load())
    }

    private final class Held: Sendable {}

    @Test func `a piece of work and what it holds are let go of before its task goes on`() async throws {
        let threads = BlockingThreads(name: "test", count: 2)
        for _ in 0..<2000 {
            var held: Held? = Held()
            weak let watched = held
            try await threads.run { [held] in withExtendedLifetime(held) {} }
            held = nil
            #expect(watched == nil)
        }
    }

    @Test func `finishing waits for what was begun and not waited for`() async throws {
        let offloading = Offloading()
        let done = Counted()
        for _ in 0..<8 {
            offloading.start {
                usleep(2000)
                done.add()
            }
        }
        await offloading.finish()
        #expect(done.value == 8)
    }
}
