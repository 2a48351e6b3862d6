import Networks
import Tensors

/// The weights of a trained network, made random from the classifier down (cascading randomisation, Adebayo et al. 2018,
/// section 4.1).
struct RandomisedStages {
    private let trained: [String: Tensor]
    private let random: [String: Tensor]
    private let stageOf: [String: Int]
    /// Stages with parameters, the classifier's first.
    let stages: [Int]

    init(_ network: TrainableNetwork, seed: UInt64) throws {
        trained = try network.weights()
        random = network.graph.initialWeights(seed: seed)
        var stageOf: [String: Int] = [:]
        for node in network.graph.nodes {
            for parameter in node.parameterShapes { stageOf[parameter.name] = node.stage }
        }
        self.stageOf = stageOf
        stages = Set(stageOf.values).sorted(by: >)
    }

    /// The weights with the first `count` of `stages` random; 0 gives the trained ones.
    func weights(randomised count: Int) -> [String: Tensor] {
        let chosen = Set(stages.prefix(count))
        return trained.merging(random) { kept, _ in kept }.merging(
            random.filter { chosen.contains(stageOf[$0.key] ?? -1) }, uniquingKeysWith: { $1 })
    }
}
