import Dispatch
import Foundation
import Offloading
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2)))
struct OffloadingTests {
    private struct Stop: Error {}

    @Test func `works that block, more of them than processors, leave async tasks running`() async throws {
        let offloading = Offloading(blocked: 16)
        let processors = ProcessInfo.processInfo.activeProcessorCount
        let release = DispatchSemaphore(value: 0)
        let blocked = Atomic(0)
        let work: @Sendable () -> Void = {
            blocked.add(1, ordering: .sequentiallyConsistent)
            release.wait()
        }
        let tasks =
            (0..<16).map { _ in Task { try await offloading.wait(work) } }
            + (0..<4 * processors).map { _ in Task { try await offloading.compute(work) } }
        while blocked.load(ordering: .sequentiallyConsistent) < 16 + processors { await Task.yield() }
        // All threads are blocked now; were they the cooperative pool's, none of these would ever run.
        let ticks = Atomic(0)
        await withTaskGroup { group in
            for _ in 0..<2 * processors {
                group.addTask {
                    for _ in 0..<100 {
                        await Task.yield()
                        ticks.add(1, ordering: .sequentiallyConsistent)
                    }
                }
            }
        }
        #expect(ticks.load(ordering: .sequentiallyConsistent) == 200 * processors)
        for _ in tasks { release.signal() }
        for task in tasks { try await task.value }
        #expect(blocked.load(ordering: .sequentiallyConsistent) == tasks.count)
    }

    @Test func `no more pieces of computing run at once than the width says`() async throws {
        let offloading = Offloading(width: 3)
        let (running, most) = (Atomic(0), Atomic(0))
        try await withThrowingTaskGroup { group in
            for _ in 0..<40 {
                group.addTask {
                    try await offloading.compute {
                        let now = running.add(1, ordering: .sequentiallyConsistent).newValue
                        most.max(now, ordering: .sequentiallyConsistent)
                        usleep(500)
                        running.subtract(1, ordering: .sequentiallyConsistent)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect((1...3).contains(most.load(ordering: .sequentiallyConsistent)))
    }

    @Test func `a task cancelled while it waits for a thread throws at once, and its work never runs`() async throws {
        let offloading = Offloading(width: 1)
        let release = DispatchSemaphore(value: 0)
        let began = Atomic(false)
        let first = Task {
            try await offloading.compute {
                began.store(true, ordering: .sequentiallyConsistent)
                release.wait()
            }
        }
        while !began.load(ordering: .sequentiallyConsistent) { await Task.yield() }
        let ran = Atomic(false)
        let second = Task { try await offloading.compute { ran.store(true, ordering: .sequentiallyConsistent) } }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        release.signal()
        try await first.value
        await offloading.finish()
        #expect(!ran.load(ordering: .sequentiallyConsistent))
    }

    @Test func `what waits for a disk is done although its task was cancelled`() async throws {
        let offloading = Offloading()
        let done = Atomic(false)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await offloading.wait { done.store(true, ordering: .sequentiallyConsistent) }
        }
        try await task.value
        #expect(done.load(ordering: .sequentiallyConsistent))
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
            weak var watched = held
            try await threads.run { [held] in withExtendedLifetime(held) {} }
            held = nil
            #expect(watched == nil)
        }
    }

    @Test func `finishing waits for what was begun and not waited for`() async throws {
        let offloading = Offloading()
        let done = Atomic(0)
        for _ in 0..<8 {
            offloading.start {
                usleep(2000)
                done.add(1, ordering: .sequentiallyConsistent)
            }
        }
        await offloading.finish()
        #expect(done.load(ordering: .sequentiallyConsistent) == 8)
    }
}
