import Imaging
import Networks
import Tensors

/// What a released network sees in images: its logits and the spatial means of its stages.
struct SiteFeatures {
    /// The stages that features come from, the last feature map included.
    let ends: [Graph.StageEnd]
    /// By image: one row a view, `[views, classes]`.
    private(set) var logits: [Int: [[Double]]] = [:]
    /// By image: one row a view, `[views, all channels]`.
    private var means: [Int: [[Float]]] = [:]

    /// Runs the network over the images, each seen once as it is and, for those learned from, in further orientations.
    /// - Parameter turned: Images that are also seen mirrored and turned, `views` times in all.
    init(
        of released: ReleasedNetwork, images: PreparedImages, indices: [Int], turned: Set<Int>, views: Int, seed: UInt64
    ) throws {
        let pipeline = images.cache.preprocessing
        // The first stages hold edges and colours only.
        ends = Array(
            try released.graph.stageEnds(inputHeight: pipeline.outputHeight, inputWidth: pipeline.outputWidth)
                .dropFirst(2))
        let reading = released.graph.reading(ends)
        var weights = released.weights.filter { reading.parameterShapes[$0.key] != nil }
        for (name, shape) in reading.parameterShapes where weights[name] == nil {
            weights[name] = Tensor(shape: shape, repeating: 0)
        }
        let classifier = NetworkPredictor(
            network: try TrainableNetwork(graph: released.graph, weights: released.weights))
        let stages = NetworkPredictor(network: try TrainableNetwork(graph: reading, weights: weights))
        for view in 0..<views {
            let seen = view == 0 ? indices : indices.filter(turned.contains)
            let orientation = view == 0 ? nil : Self.orientations
            for (predictor, keepsLogits) in [(classifier, true), (stages, false)] {
                let answers = try predictor.predict(
                    cache: images.cache, labels: images.labels, indices: seen, augmentation: orientation,
                    seed: seed &+ UInt64(view))
                for (row, index) in seen.enumerated() {
                    if keepsLogits {
                        logits[index, default: []].append(answers.logits[row])
                    } else {
                        means[index, default: []].append(answers.embeddings[row])
                    }
                }
            }
        }
    }

    private static var orientations: Augmentation {
        var augmentation = Augmentation()
        augmentation.geometry.horizontalFlip = 0.5
        augmentation.geometry.verticalFlip = 0.5
        augmentation.geometry.quarterTurn = 0.5
        return augmentation
    }

    /// One stage's features of an image, `[views, channels]`.
    func rows(_ index: Int, of end: Graph.StageEnd) -> [[Float]] {
        let first = ends.prefix { $0 != end }.reduce(0) { $0 + $1.channels }
        return (means[index] ?? []).map { Array($0[first..<(first + end.channels)]) }
    }
}
