import CTorch
import Networks
import Tensors

/// Images ready for the network with their labels.
public struct Batch: Sendable {
    /// `[count, 3, height, width]`, RGB, normalised.
    public let images: [Float]
    /// Class numbers, one an image; `noClass` where no class is to be seen.
    public let labels: [Int64]
    public let height: Int
    public let width: Int
    /// `[count, height, width]`, how far a pixel lies on a nucleus, 0 to 1; empty where that is not asked.
    public let nuclei: [Float]
    /// Which images of the cache these are; empty where that is not asked.
    public let indices: [Int]
    public var count: Int { labels.count }

    /// The label of an image that shows no class: each is to get the same probability.
    public static let noClass = Int64(CTNoClass)

    public init(images: [Float], labels: [Int64], height: Int, width: Int, nuclei: [Float] = [], indices: [Int] = []) {
        (self.images, self.labels, self.height) = (images, labels, height)
        (self.width, self.nuclei, self.indices) = (width, nuclei, indices)
    }
}

extension TrainableNetwork {
    /// Loss and hits of one step.
    public struct StepResult: Sendable {
        /// Mean cross entropy of the batch in nats, with the guidance to nuclei where there is any.
        public let loss: Double
        /// Images whose argmax was their label.
        public let correct: Int
        /// Cross entropy of each image in nats, labels unsmoothed; empty where the images were not weighed.
        public let losses: [Float]
    }

    /// Starts training, or resumes it after `completedSteps`.
    public func beginTraining(_ configuration: TrainingConfiguration, classWeights: [Float]?, completedSteps: Int = 0)
        throws
    {
        try (classWeights ?? []).withUnsafeBufferPointer { weights in
            var options = CTTraining()
            options.adamW = configuration.optimizer == .adamW ? 1 : 0
            options.beta1 = 0.9
            options.beta2 = 0.999
            options.epsilon = 1e-8
            options.weightDecay = configuration.weightDecay
            options.averageDecay = configuration.averageDecay
            options.gradientClip = configuration.gradientClip
            options.labelSmoothing = configuration.labelSmoothing
            options.nucleusGuidance = configuration.nucleusGuidance
            options.distillation = configuration.distillation
            options.distillationTemperature = configuration.distillationTemperature
            options.classWeights = classWeights == nil ? nil : weights.baseAddress
            options.classCount = Int32(weights.count)
            options.bfloat16 = configuration.resolvedPrecision == .bfloat16 ? 1 : 0
            options.styleMixing = configuration.styleMixing
            options.styleMixingStages = Int32(configuration.styleMixingStagesBelow)
            options.completedSteps = Int64(completedSteps)
            try Self.check { ct_training_begin(handle, &options, $0) }
        }
    }

    /// Keeps the weights of all stages below `stages` as they are.
    public func freeze(stagesBelow stages: Int) throws {
        try Self.check { ct_training_freeze(handle, Int32(stages), $0) }
    }

    /// One optimiser step.
    /// - Parameters:
    ///   - weights: The weight of each image's cross entropy in the loss, `[N]`; empty for 1/N each.
    ///   - teacher: The logits of a teacher, row-major `[N, classes]`; empty for none.
    /// - Throws: `TrainingError` with `notFinite` when loss or gradient is NaN; the weights are then unchanged.
    public func step(
        _ batch: Batch, learningRate: Double, seed: UInt64, weights: [Float] = [], teacher: [Float] = []
    ) throws -> StepResult {
        for (name, values, shape) in [
            ("images", batch.images, [batch.count, graph.inputChannels, batch.height, batch.width]),
            ("nuclei", batch.nuclei, [batch.count, batch.height, batch.width]), ("weights", weights, [batch.count]),
            ("teacher", teacher, [batch.count, graph.classCount]),
        ] where values.count != shape.reduce(1, *) && (name == "images" || !values.isEmpty) {
            throw TrainingError(
                .configuration, "\(name) holds \(values.count) numbers, where the batch needs \(shape)")
        }
        var loss = 0.0
        var correct: Int64 = 0
        var losses = [Float](repeating: 0, count: weights.count)
        try Self.lend([batch.images, batch.nuclei, weights, teacher]) { lent in
            try batch.labels.withUnsafeBufferPointer { labels in
                try losses.withUnsafeMutableBufferPointer { losses in
                    var asked = CTBatch(
                        images: lent[0], labels: labels.baseAddress, n: Int64(batch.count),
                        c: Int64(graph.inputChannels), h: Int64(batch.height), w: Int64(batch.width), nuclei: lent[1],
                        weights: lent[2], teacher: lent[3], losses: losses.isEmpty ? nil : losses.baseAddress)
                    try Self.check { ct_training_step(handle, &asked, learningRate, seed, &loss, &correct, $0) }
                }
            }
        }
        return StepResult(loss: loss, correct: Int(correct), losses: losses)
    }

    /// Lends lists of values to C, each as a pointer or, where it is empty, as nil.
    private static func lend<Result>(
        _ lists: [[Float]], _ lent: [UnsafePointer<Float>?] = [], to body: ([UnsafePointer<Float>?]) throws -> Result
    ) rethrows -> Result {
        guard lent.count < lists.count else { return try body(lent) }
        return try lists[lent.count].withUnsafeBufferPointer {
            try lend(lists, lent + [$0.isEmpty ? nil : $0.baseAddress], to: body)
        }
    }

    /// The gradient of the mean cross entropy with respect to every trained parameter, and the loss.
    public func gradients(_ batch: Batch, training: Bool = false) throws -> (loss: Double, gradients: [String: Tensor])
    {
        var loss = 0.0
        try Self.check {
            ct_gradients(
                handle, batch.images, batch.labels, Int64(batch.count), Int64(graph.inputChannels),
                Int64(batch.height), Int64(batch.width), training ? 1 : 0, &loss, $0)
        }
        return (loss, try tensors(kind: CTGradient, names: trainedNames))
    }

    /// One optimiser step towards given values instead of labels, as an autoencoder learns.
    /// - Parameters:
    ///   - batch: The images; the labels only count them.
    ///   - targets: In the shape of the graph's first output, a row an image.
    /// - Returns: The mean squared distance before the step.
    /// - Throws: `TrainingError` with `notFinite` when loss or gradient is NaN; the weights are then unchanged.
    public func reconstructionStep(_ batch: Batch, targets: [Float], learningRate: Double, seed: UInt64) throws
        -> Double
    {
        var loss = 0.0
        try Self.check {
            ct_reconstruction_step(
                handle, batch.images, Int64(batch.count), Int64(graph.inputChannels), Int64(batch.height),
                Int64(batch.width), targets, Int64(targets.count), learningRate, seed, &loss, $0)
        }
        return loss
    }

    /// One optimiser step towards given values of the first output after a sigmoid, as heat maps and answers that
    /// do not exclude each other learn.
    /// - Parameters:
    ///   - batch: The images; the labels only count them.
    ///   - targets: From 0 to 1, in the shape of the graph's first output, a row an image.
    ///   - weights: What each value counts for, in the same shape; 0 leaves it out.
    /// - Returns: The weighted mean of the binary cross entropies in nats before the step.
    /// - Throws: `TrainingError` with `notFinite` when loss or gradient is NaN; the weights are then unchanged.
    public func targetStep(
        _ batch: Batch, targets: [Float], weights: [Float], learningRate: Double, seed: UInt64
    ) throws -> Double {
        guard targets.count == weights.count,
            batch.images.count == batch.count * graph.inputChannels * batch.height * batch.width
        else {
            throw TrainingError(
                .configuration,
                "\(batch.images.count) values of images, \(targets.count) targets and \(weights.count) weights do not "
                    + "fit \(batch.count) images of \(graph.inputChannels) x \(batch.height) x \(batch.width)")
        }
        var loss = 0.0
        try Self.check {
            ct_target_step(
                handle, batch.images, Int64(batch.count), Int64(graph.inputChannels), Int64(batch.height),
                Int64(batch.width), targets, weights, Int64(targets.count), learningRate, seed, &loss, $0)
        }
        return loss
    }
}
