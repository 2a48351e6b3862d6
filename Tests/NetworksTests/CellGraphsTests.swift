import Networks
import Testing

@Suite("Networks that read cells")
struct CellGraphsTests {
    @Test(arguments: [(64, 64), (112, 200)])
    func `the finder gives one value for each four by four pixels`(_ height: Int, _ width: Int) throws {
        let graph = CellGraphs.finder()
        let shapes = try graph.shapes(inputHeight: height, inputWidth: width)
        #expect(shapes[graph.outputs.logits] == [1, height / 4, width / 4])
    }

    @Test
    func `the reader takes two planes, gives an answer a type, and is small`() throws {
        let graph = CellGraphs.reader(answers: 10)
        #expect(graph.inputChannels == 2)
        #expect(try graph.shapes(inputHeight: 64, inputWidth: 64)[graph.outputs.logits] == [10])
        #expect(graph.trainableParameterCount < 100_000)
    }

    @Test
    func `both are written as ONNX with the weights that they began with`() throws {
        for (graph, side) in [(CellGraphs.finder(), 112), (CellGraphs.reader(answers: 10), 64)] {
            let (folded, weights) = try BatchNormalizationFolding.fold(graph, graph.initialWeights(seed: 1))
            #expect(try ONNXWriter.bytes(folded, weights, inputHeight: side, inputWidth: side).count < 400_000)
        }
    }
}
