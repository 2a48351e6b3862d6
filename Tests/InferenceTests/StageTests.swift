import Foundation
import Inference
import Packaging
import Testing

@Suite struct StageTests {
    private func package(_ name: String) throws -> ModelPackage {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try ModelPackage(directory: root.appendingPathComponent("Models/\(name)"))
    }

    @Test(arguments: ["release", "demonstration"])
    func `the last stage is the feature map, and the outputs stay what they were`(_ name: String) async throws {
        let package = try package(name)
        let options = InferenceOptions(goal: .latency, requests: 1, precision: .f32)
        let plain = try InferenceEngine(package: package, options: options)
        let showing = try InferenceEngine(
            package: package, options: options, stagesOf: Data(contentsOf: package.networkURL))
        let input = package.description.input
        let tensor = (0..<(3 * input.width * input.height)).map { Float(sin(Double($0) * 0.37)) }
        let expected = try await plain.infer(tensor)
        let found = try await showing.infer(tensor)
        #expect(expected.stages.isEmpty)
        #expect(expected.logits.count == 4 && found.logits.count == 4)
        for (one, other) in zip(expected.logits, found.logits) { #expect(abs(one - other) < 1e-5 * max(1, abs(one))) }
        let stages = try #require(package.description.outputs.stages)
        #expect(stages.map(\.name) == ["early", "middle", "last"])
        #expect(found.stages.map(\.count) == stages.map { $0.channels * $0.width * $0.height })
        #expect(found.stages.last == found.featureMap)
    }

    @Test func `a stage that the network has not is refused`() throws {
        var description = try package("demonstration").description
        description.outputs.stages = [.init(name: "early", tensor: "nowhere", channels: 1, width: 2, height: 3)]
        try InferenceFixture.withPackage(description, of: package("demonstration")) { changed in
            #expect(throws: InferenceError.self) {
                try InferenceEngine(package: changed, stagesOf: Data(contentsOf: changed.networkURL))
            }
        }
    }

    @Test func `a stage of another shape than declared is refused`() throws {
        var description = try package("demonstration").description
        description.outputs.stages?[0].channels += 1
        try InferenceFixture.withPackage(description, of: package("demonstration")) { changed in
            let error = #expect(throws: InferenceError.self) {
                try InferenceEngine(package: changed, stagesOf: Data(contentsOf: changed.networkURL))
            }
            #expect(error?.code == .wrongShape)
        }
    }
}
