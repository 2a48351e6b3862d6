import Findings
import Foundation
import Imaging
import Inference
import Networks
import Packaging
import Tensors
import Testing
import Training

extension TorchTests {
    /// The same weights in libtorch and, folded and written as ONNX, in OpenVINO.
    @Suite struct EnginesAgreeTests {
        private static let side = 96

        /// Random weights with running statistics that folding has to get right.
        private func weights(_ graph: Graph) -> [String: Tensor] {
            var weights = graph.initialWeights(seed: 4)
            for (name, shape) in graph.parameterShapes {
                let noise = TinyNetwork.random(
                    shape: shape, seed: name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
                if name.hasSuffix(".running_mean") { weights[name]?.values = noise.values.map { $0 * 0.2 } }
                if name.hasSuffix(".running_var") { weights[name]?.values = noise.values.map { 1 + $0 * 0.5 } }
                if name.hasPrefix(graph.outputs.logits) { weights[name] = noise }
            }
            return weights
        }

        @Test(arguments: Architecture.allCases) func `logits are equal`(architecture: Architecture) async throws {
            let side = Self.side
            let graph = architecture.graph(classes: 4, inputHeight: side, inputWidth: side)
            let weights = weights(graph)
            let package = try package(graph, weights)
            defer { remove(package.directory) }
            let engine = try InferenceEngine(package: package, options: InferenceOptions(precision: .f32))
            let network = try TrainableNetwork(graph: graph, weights: weights)
            var answers: Set<[Float]> = []
            for seed in 1...3 {
                let image = TinyNetwork.random(shape: [3, side, side], seed: UInt64(seed)).values.map { $0 * 2 }
                let ours = try network.forward(Batch(images: image, labels: [0], height: side, width: side))
                let theirs = try await engine.infer(image)
                try expectEqual(ours.logits.values, theirs.logits, count: 4)
                try expectEqual(ours.embedding.values, theirs.embedding, count: graph.embeddingSize)
                answers.insert(theirs.logits)
            }
            #expect(answers.count == 3, "the answer does not depend on the image")
        }

        /// Both engines' values, as many as there must be, not all near zero, and at most a thousandth of the greatest apart.
        private func expectEqual(_ ours: [Float], _ theirs: [Float], count: Int) throws {
            try #require(ours.count == count && theirs.count == count)
            let greatest = try #require(theirs.map(abs).max())
            #expect(greatest > 0.05)
            let distance = try #require(zip(ours, theirs).map { abs($0 - $1) }.max())
            #expect(distance < 1e-3 * greatest, "\(distance) of \(greatest)")
        }

        private func package(_ graph: Graph, _ weights: [String: Tensor]) throws -> ModelPackage {
            let side = Self.side
            let folder = FileManager.default.temporaryDirectory.appending(path: "engines-\(UUID().uuidString)")
            let onnx = folder.appendingPathExtension("onnx")
            let (folded, parameters) = try BatchNormalizationFolding.fold(graph, weights)
            try ONNXWriter.write(folded, parameters, inputHeight: side, inputWidth: side, to: onnx)
            defer { remove(onnx) }
            let map = try #require(
                try graph.shapes(inputHeight: side, inputWidth: side)[graph.outputs.featureMap])
            let classifier = graph.outputs.logits
            let centroids = [Float](
                repeating: 1 / Float(graph.embeddingSize).squareRoot(), count: 4 * graph.embeddingSize)
            return try ModelPackage.write(
                ModelDescription(
                    name: "engines", version: "1.0.0", createdAt: Date(timeIntervalSince1970: 0),
                    architecture: graph.name, input: .init(width: side, height: side),
                    outputs: .init(
                        embeddingSize: graph.embeddingSize, featureMapWidth: map[map.count - 1],
                        featureMapHeight: map[map.count - 2]),
                    preprocessing: PreprocessingPipeline.standard(side: side).steps, calibration: .init(temperature: 1),
                    conformal: .init(
                        coverage: 0.9,
                        thresholds: Dictionary(
                            ModelClass.standard.map { ($0.key, 0.5) }, uniquingKeysWith: { first, _ in first })),
                    novelty: .init(threshold: 1), quality: .init(), decision: .init(minimumConfidence: 0),
                    precision: .f32,
                    provenance: .init(
                        dataManifestSHA256: String(repeating: "0", count: 64),
                        configurationSHA256: String(repeating: "0", count: 64), seed: 0, trainingImages: 0, epochs: 0,
                        tool: "test")),
                onnx: onnx,
                parameters: [
                    ModelPackage.ParameterName.classifierWeight: try #require(weights["\(classifier).weight"]),
                    ModelPackage.ParameterName.classifierBias: try #require(weights["\(classifier).bias"]),
                    ModelPackage.ParameterName.centroids: Tensor(
                        shape: [4, graph.embeddingSize], values: centroids),
                ], card: "test", metrics: Data("{}".utf8), to: folder)
        }

        private func remove(_ url: URL) {
            do { try FileManager.default.removeItem(at: url) } catch { print("left \(url.path): \(error)") }
        }
    }
}
