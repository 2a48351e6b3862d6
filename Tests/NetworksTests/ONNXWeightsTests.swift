import Foundation
import NetworkFixtures
import Networks
import Tensors
import Testing

@Suite struct ONNXWeightsTests {
    private func file(_ bytes: [UInt8]) throws -> URL {
        let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).onnx")
        try Data(bytes).write(to: url)
        return url
    }

    @Test(arguments: [false, true])
    func `what was written is read back bit by bit`(folded: Bool) throws {
        var (graph, weights) = (everyOperation, everyOperation.initialWeights(seed: 3))
        if folded { (graph, weights) = try BatchNormalizationFolding.fold(graph, weights) }
        let url = try file(ONNXWriter.bytes(graph, weights, inputHeight: 10, inputWidth: 12))
        #expect(try ONNXWeights.read(url, graph: graph) == weights)
        try FileManager.default.removeItem(at: url)
    }

    @Test func `another network and damaged files are refused`() throws {
        let graph = Architecture.smallCNN.graph(classes: 4)
        let bytes = try ONNXWriter.bytes(
            everyOperation, everyOperation.initialWeights(seed: 3), inputHeight: 10, inputWidth: 12)
        let other = try file(bytes)
        #expect(throws: NetworkError.self) { try ONNXWeights.read(other, graph: graph) }
        let half = try file(Array(bytes.prefix(bytes.count / 2)))
        let error = #expect(throws: NetworkError.self) { try ONNXWeights.read(half, graph: everyOperation) }
        #expect(error?.code == .unreadable)
        for url in [other, half] { try FileManager.default.removeItem(at: url) }
    }
}
