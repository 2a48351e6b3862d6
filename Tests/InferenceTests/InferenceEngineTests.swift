import Foundation
import Inference
import Packaging
import Tensors
import Testing

@Suite struct InferenceEngineTests {
    @Test(arguments: [InferenceOptions.Goal.latency, .throughput], [0, 1, 2])
    func `answers as the reference does`(_ goal: InferenceOptions.Goal, _ index: Int) async throws {
        let engine = try InferenceEngine(
            package: InferenceFixture.package(), options: InferenceOptions(goal: goal))
        let output = try await engine.infer(InferenceFixture.ramp(index))
        let expected = try InferenceFixture.expected()
        for (name, values) in [
            ("logits", output.logits), ("embedding", output.embedding), ("features", output.featureMap),
        ] {
            let tensor = try #require(expected["ramp\(index).\(name)"])
            #expect(values.count == tensor.values.count)
            #expect(InferenceFixture.difference(values, tensor.values) < 1e-4, "\(name)")
        }
    }

    @Test func `the embedding is the mean of the feature map`() async throws {
        let engine = try InferenceEngine(package: InferenceFixture.package())
        let output = try await engine.infer(InferenceFixture.ramp(7))
        let means = (0..<16).map { output.featureMap[$0 * 64..<($0 + 1) * 64].reduce(0, +) / 64 }
        #expect(InferenceFixture.difference(means, output.embedding) < 1e-5)
    }

    @Test func `two hundred tasks at once get the numbers of one after the other`() async throws {
        let engine = try InferenceEngine(
            package: InferenceFixture.package(), options: InferenceOptions(requests: 3))
        #expect(engine.requests == 3)
        var sequential: [NetworkOutput] = []
        for index in 0..<200 { sequential.append(try await engine.infer(InferenceFixture.ramp(index))) }
        #expect(sequential[0] != sequential[1])
        let concurrent = try await withThrowingTaskGroup(of: (Int, NetworkOutput).self) { group in
            for index in 0..<200 { group.addTask { (index, try await engine.infer(InferenceFixture.ramp(index))) } }
            return try await group.reduce(into: [Int: NetworkOutput]()) { $0[$1.0] = $1.1 }
        }
        for index in 0..<200 { #expect(concurrent[index] == sequential[index], "input \(index)") }
    }

    @Test func `bfloat16 stays close and is used only where the processor has it`() async throws {
        let engine = try InferenceEngine(
            package: InferenceFixture.package(), options: InferenceOptions(precision: .bf16))
        let output = try await engine.infer(InferenceFixture.ramp(1))
        let expected = try #require(try InferenceFixture.expected()["ramp1.logits"])
        let tolerance: Float = engine.precision == .bf16 ? 0.1 : 1e-4
        #expect(InferenceFixture.difference(output.logits, expected.values) < tolerance)
    }

    @Test func `a cache of compiled networks changes no number`() async throws {
        let cache = FileManager.default.temporaryDirectory.appendingPathComponent("leukoscope-\(UUID().uuidString)")
        defer {
            do { try FileManager.default.removeItem(at: cache) } catch { Issue.record(error) }
        }
        let expected = try #require(try InferenceFixture.expected()["ramp2.logits"])
        for _ in 0..<2 {
            let engine = try InferenceEngine(
                package: InferenceFixture.package(), options: InferenceOptions(cacheDirectory: cache))
            let output = try await engine.infer(InferenceFixture.ramp(2))
            #expect(InferenceFixture.difference(output.logits, expected.values) < 1e-4)
        }
        #expect(try !FileManager.default.contentsOfDirectory(atPath: cache.path).isEmpty)
    }

    @Test func `refuses an input of another size`() async throws {
        let engine = try InferenceEngine(package: InferenceFixture.package())
        let error = await #expect(throws: InferenceError.self) { try await engine.infer([1, 2, 3]) }
        #expect(error?.code == .wrongShape)
    }

    @Test(arguments: [Float.infinity, -.infinity, .nan, .greatestFiniteMagnitude])
    func `refuses numbers that are none going in or coming out`(_ value: Float) async throws {
        let engine = try InferenceEngine(package: InferenceFixture.package())
        var input = InferenceFixture.ramp(0)
        for index in 700..<900 { input[index] = value }
        await #expect {
            _ = try await engine.infer(input)
        } throws: {
            ($0 as? InferenceError)?.code == .notFinite
        }
        _ = try await engine.infer(InferenceFixture.ramp(0))
    }
}
