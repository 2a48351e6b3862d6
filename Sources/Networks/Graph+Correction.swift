/// Reading a network's stages, and adding a linear reading of one to its answer.
extension Graph {
    /// The end of a stage, as a source of features.
    public struct StageEnd: Sendable, Equatable {
        /// The last node of the stage.
        public let node: String
        public let channels: Int
        let stage: Int
    }

    /// The ends of all stages that give feature maps, first to last.
    /// - Throws: `NetworkError` for a graph whose parts do not fit.
    public func stageEnds(inputHeight: Int, inputWidth: Int) throws -> [StageEnd] {
        let shapes = try shapes(inputHeight: inputHeight, inputWidth: inputWidth)
        let maps = nodes.filter { shapes[$0.name]?.count == 3 }
        return Dictionary(grouping: maps, by: \.stage).sorted { $0.key < $1.key }.compactMap { stage, nodes in
            guard let last = nodes.last, let channels = shapes[last.name]?.first else { return nil }
            return StageEnd(node: last.name, channels: channels, stage: stage)
        }
    }

    /// The network up to the spatial means of some stages, `[N, sum of their channels]`, which leave as the embedding.
    ///
    /// The logits are of no use: a classifier of two classes with the weights `probe.weight` and `probe.bias`.
    public func reading(_ ends: [StageEnd]) -> Graph {
        let pools = ends.map { end in
            Node(name: "means.\(end.node)", operation: .globalAveragePool, inputs: [end.node], stage: end.stage)
        }
        let stage = stageCount
        let means = Node(name: "means", operation: .concatenate, inputs: pools.map(\.name), stage: stage)
        let width = ends.reduce(0) { $0 + $1.channels }
        let probe = Node(
            name: "probe", operation: .linear(inputFeatures: width, outputFeatures: 2), inputs: [means.name],
            stage: stage)
        let classifying = nodes.firstIndex { $0.inputs == [outputs.featureMap] } ?? nodes.count
        return Graph(
            name: name, input: input, inputChannels: inputChannels,
            nodes: Array(nodes.prefix(classifying)) + pools + [means, probe],
            outputs: .init(logits: probe.name, embedding: means.name, featureMap: outputs.featureMap))
    }

    /// The same network whose logits have a linear function of a stage's spatial means added to them: weights
    /// `correction.weight` `[classes, channels]` and `correction.bias` `[classes]`.
    public func corrected(by end: StageEnd, classes: Int) -> Graph {
        let pool = Node(
            name: "correction.means", operation: .globalAveragePool, inputs: [end.node], stage: stageCount - 1)
        let linear = Node(
            name: "correction", operation: .linear(inputFeatures: end.channels, outputFeatures: classes),
            inputs: [pool.name], stage: stageCount - 1)
        let sum = Node(
            name: "corrected", operation: .add, inputs: [outputs.logits, linear.name], stage: stageCount - 1)
        return Graph(
            name: name, input: input, inputChannels: inputChannels, nodes: nodes + [pool, linear, sum],
            outputs: .init(logits: sum.name, embedding: outputs.embedding, featureMap: outputs.featureMap))
    }
}
