import Foundation
import Imaging
import Inference
import Packaging
import RemoteInference
import Testing

/// What a server's network is held against.
@Suite struct ProofTests {
    private static func package(_ name: String = "Tests/Fixtures/inference/tiny-package") throws -> ModelPackage {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try ModelPackage(directory: root.appending(path: name))
    }

    private static func tensors(_ count: Int, leavingOut name: String = "", type: String = "FP32") -> ModelMetadata {
        let outputs = [("logits", [-1, 4]), ("embedding", [-1, 16]), ("features", [-1, 16, 8, 8])]
        return ModelMetadata(
            inputs: [.init(name: "image", datatype: type, shape: [count, 3, 32, 32])],
            outputs: outputs.filter { $0.0 != name }.map { .init(name: $0.0, datatype: "FP32", shape: $0.1) })
    }

    @Test func `a network is taken by what the server tells of it`() throws {
        let served = ServedModel(try Self.package().description)
        #expect(try served.verify(Self.tensors(-1)) == .max)
        #expect(try served.verify(Self.tensors(1)) == 1)
        // A server may tell nothing; then its answers are judged.
        #expect(try served.verify(ModelMetadata(inputs: [], outputs: [])) == 1)
    }

    @Test func `a network that lacks an output, or has another shape or type, is refused with the name`() throws {
        let served = ServedModel(try Self.package().description)
        for name in ["logits", "embedding", "features"] {
            #expect {
                try served.verify(Self.tensors(-1, leavingOut: name))
            } throws: {
                guard let error = $0 as? RemoteInferenceError else { return false }
                return error.code == .otherNetwork && error.message.contains("no output \(name)")
            }
        }
        #expect(throws: RemoteInferenceError.self) { try served.verify(Self.tensors(-1, type: "FP16")) }
        #expect(throws: RemoteInferenceError.self) { try served.verify(Self.tensors(4)) }
        let wide = ModelMetadata.Tensor(name: "image", datatype: "FP32", shape: [-1, 3, 32, 64])
        #expect(throws: RemoteInferenceError.self) {
            try served.verify(ModelMetadata(inputs: [wide], outputs: Self.tensors(-1).outputs))
        }
    }

    @Test func `stages are asked for each once, and given in the order of the description`() throws {
        let package = try Self.package("Models/demonstration")
        let served = ServedModel(package.description)
        let names = served.outputs(withStages: true).map(\.name)
        #expect(names == ["logits", "embedding", "features", "stage1.activation", "stage3.pointwise_activation"])
        #expect(served.outputs(withStages: false).map(\.name) == ["logits", "embedding", "features"])
        let tensors = served.outputs(withStages: true).enumerated().reversed().map { index, tensor in
            WireTensor(
                name: tensor.name, shape: [2] + tensor.shape,
                values: (0..<2).flatMap { [Float](repeating: Float(10 * index + $0), count: tensor.count) })
        }
        let outputs = try served.outputs(of: InferenceAnswer(version: "", tensors: tensors), count: 2, withStages: true)
        #expect(outputs.map(\.logits) == [[0, 0, 0, 0], [1, 1, 1, 1]])
        #expect(outputs[1].stages.map { $0[0] } == [31, 41, 21])
        #expect(throws: RemoteInferenceError.self) {
            try served.outputs(
                of: InferenceAnswer(version: "", tensors: Array(tensors.dropLast())), count: 2, withStages: true)
        }
        #expect(throws: RemoteInferenceError.self) {
            try served.outputs(of: InferenceAnswer(version: "", tensors: tensors), count: 3, withStages: true)
        }
    }

    @Test func `the probes are always the same, all different, and cover what preprocessing can give`() throws {
        for name in ["Tests/Fixtures/inference/tiny-package", "Models/demonstration"] {
            let package = try Self.package(name)
            let probes = ProbeTensors(package)
            let tensors = try (0..<ProbeTensors.count).map { try probes.tensor($0) }
            let (input, black) = (
                package.description.input, package.pipeline.normalized(.init(width: 1, height: 1, pixels: [0, 0, 0]))
            )
            let white = package.pipeline.normalized(.init(width: 1, height: 1, pixels: [255, 255, 255]))
            #expect(tensors.count == 32 && Set(tensors).count == 32)
            #expect(tensors.allSatisfy { $0.count == 3 * input.width * input.height })
            #expect(try tensors[20] == ProbeTensors(Self.package(name)).tensor(20))
            let plane = input.width * input.height
            for channel in 0..<3 {
                let planes = tensors.map { $0[channel * plane..<(channel + 1) * plane] }
                #expect(abs((planes.compactMap { $0.min() }.min() ?? .infinity) - black[channel]) < 1e-5)
                #expect(abs((planes.compactMap { $0.max() }.max() ?? .infinity) - white[channel]) < 1e-5)
            }
        }
    }

    @Test func `the package's own network agrees with itself, and a changed one does not`() async throws {
        let package = try Self.package()
        let engine = try InferenceEngine(package: package, options: InferenceOptions(goal: .latency))
        let local = try await engine.infer(ProbeTensors(package).tensor(3))
        try Agreement.verify(local, local, description: package.description, image: 3)
        let peak = local.featureMap.map(abs).max() ?? 0
        for (share, isSame) in [(Float(0.0018), true), (0.0022, false)] {
            var featureMap = local.featureMap
            featureMap[77] += share * peak
            let remote = NetworkOutput(logits: local.logits, embedding: local.embedding, featureMap: featureMap)
            if isSame {
                try Agreement.verify(remote, local, description: package.description, image: 3)
            } else {
                #expect {
                    try Agreement.verify(remote, local, description: package.description, image: 3)
                } throws: {
                    guard let error = $0 as? RemoteInferenceError else { return false }
                    return error.code == .otherNetwork && error.message.contains("probe 4 features differs by 0.0022")
                }
            }
        }
    }

    @Test func `probabilities may differ by less than values may`() throws {
        let package = try Self.package()
        // At this temperature so small a part of the largest logit is more than the probability may differ.
        let local = NetworkOutput(logits: [6, 6, -2, -2], embedding: [1], featureMap: [1])
        let remote = NetworkOutput(logits: [6.01, 5.99, -2, -2], embedding: [1], featureMap: [1])
        #expect {
            try Agreement.verify(remote, local, description: package.description, image: 0)
        } throws: { "\($0)".contains("a probability differs by") }
    }
}
