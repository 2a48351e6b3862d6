import Foundation
import Inference
import Testing

@Suite struct InferenceCancellationTests {
    @Test func `a cancelled task throws and the engine goes on`() async throws {
        let engine = try InferenceEngine(
            package: InferenceFixture.package(), options: InferenceOptions(requests: 1))
        let before = try await engine.infer(InferenceFixture.ramp(0))
        var cancelled = 0
        // Where this thread has to rest just then, all are answered before they are cancelled.
        for _ in 0..<100 where cancelled == 0 {
            let tasks = (0..<100).map { index in Task { try await engine.infer(InferenceFixture.ramp(index)) } }
            for task in tasks { task.cancel() }
            for (index, task) in tasks.enumerated() {
                switch await task.result {
                case .success(let output): #expect(output.logits.count == 4, "task \(index)")
                case .failure(is CancellationError): cancelled += 1
                case .failure(let error): Issue.record(error)
                }
            }
        }
        #expect(cancelled > 0)
        #expect(try await engine.infer(InferenceFixture.ramp(0)) == before)
    }

    @Test func `a task that is cancelled beforehand never runs`() async throws {
        let engine = try InferenceEngine(package: InferenceFixture.package())
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await engine.infer(InferenceFixture.ramp(0))
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func `without room to wait too many tasks are turned away and the others answered`() async throws {
        let engine = try InferenceEngine(
            package: InferenceFixture.package(), options: InferenceOptions(requests: 1, maximumWaiting: 0))
        let codes = await withTaskGroup(of: InferenceError.Code?.self) { group in
            for index in 0..<300 {
                group.addTask {
                    do {
                        _ = try await engine.infer(InferenceFixture.ramp(index))
                        return nil
                    } catch {
                        return (error as? InferenceError)?.code ?? .runFailed
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.contains(nil))
        #expect(codes.allSatisfy { $0 == nil || $0 == .overloaded })
    }
}
