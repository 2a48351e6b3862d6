import Networks
import Testing

@Suite struct ShownStagesTests {
    @Test(arguments: Architecture.allCases)
    func `are three, from fine to coarse, and results of the folded network`(_ architecture: Architecture) throws {
        let graph = architecture.graph(classes: 4, inputHeight: 224, inputWidth: 224)
        let stages = try graph.shownStages(inputHeight: 224, inputWidth: 224)
        #expect(stages.map(\.name) == ["early", "middle", "last"])
        #expect(stages.last?.node == graph.outputs.featureMap)
        #expect(stages.map(\.width) == stages.map(\.width).sorted(by: >))
        // Without borders a quarter of the side falls short of 56.
        #expect(stages[0].width == (architecture == .inceptionV3 ? 111 : 56))
        let weights = graph.initialWeights(seed: 1)
        let (folded, _) = try BatchNormalizationFolding.fold(graph, weights)
        let shapes = try folded.shapes(inputHeight: 224, inputWidth: 224)
        for stage in stages { #expect(shapes[stage.node] == [stage.channels, stage.height, stage.width]) }
    }

    @Test func `of a small input are fewer, but end with the feature map`() throws {
        let graph = Architecture.smallCNN.graph(classes: 4, inputHeight: 32, inputWidth: 32)
        let stages = try graph.shownStages(inputHeight: 32, inputWidth: 32)
        #expect(stages.last?.name == "last")
        #expect(Set(stages.map(\.node)).count == stages.count)
    }
}
