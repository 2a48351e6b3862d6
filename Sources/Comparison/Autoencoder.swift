import Foundation
import Imaging
import Networks
import Randomness
import Training

/// A convolutional autoencoder: four halvings down to a code, and a decoder that gives each place of the code its square of
/// pixels at once, as channels (sub-pixel convolution, Shi et al. 2016, equation 4). It sees no label.
package final class Autoencoder {
    package struct Settings: Codable, Sendable {
        /// Width and height of its images in pixels, a multiple of 16.
        var side = 128
        /// Channels after each halving.
        var channels = [16, 32, 64, 128]
        /// Channels of the code.
        var codeChannels = 64
        var epochs = 15
        var batchSize = 32
        /// The highest rate; it falls along half a cosine.
        var learningRate = 2e-3
        var weightDecay = 1e-4

        package init(side: Int = 128, epochs: Int = 15) {
            self.side = side
            self.epochs = epochs
        }
    }

    /// The side in pixels of the square that one place of the code stands for.
    private static let reduction = 16
    private let settings: Settings
    private let pipeline: PreprocessingPipeline
    private let network: TrainableNetwork
    /// Mean squared distance of the reconstruction from the normalised pixels, of each epoch.
    package private(set) var losses: [Double] = []

    package init(settings: Settings, seed: UInt64) throws {
        guard settings.side > 0, settings.side % Self.reduction == 0, settings.channels.count == 4 else {
            throw ComparisonError(.usage, "an autoencoder halves a side that is a multiple of 16 four times")
        }
        self.settings = settings
        pipeline = .standard(side: settings.side)
        let graph = Self.graph(settings)
        network = try TrainableNetwork(graph: graph, weights: graph.initialWeights(seed: seed))
    }

    /// The length of a code.
    package var codeSize: Int {
        let places = settings.side / Self.reduction
        return settings.codeChannels * places * places
    }

    /// The numbers that the encoder stores; the decoder is needed in training only.
    var encoderParameterCount: Int {
        network.graph.nodes.filter { $0.stage == 0 }.flatMap(\.parameterShapes).reduce(0) {
            $0 + $1.shape.reduce(1, *)
        }
    }

    /// Learns to reconstruct images.
    /// - Parameter images: As `prepared(_:)` makes them.
    package func learn(_ images: [RGBImage], seed: UInt64, progress: (String) throws -> Void) throws {
        var configuration = TrainingConfiguration()
        configuration.weightDecay = settings.weightDecay
        configuration.averageDecay = 0
        try network.beginTraining(configuration, classWeights: nil)
        let batches = max(1, images.count / settings.batchSize)
        var step = 0
        for epoch in 0..<settings.epochs {
            try progress("autoencoder, epoch \(epoch + 1) of \(settings.epochs)")
            var order = Array(images.indices)
            var generator = SplitMix64(seed: seed, 0xAE, UInt64(epoch))
            generator.shuffle(&order)
            var sum = 0.0
            for batch in 0..<batches {
                let start = batch * settings.batchSize
                let chosen = order[start..<min(order.count, start + settings.batchSize)].map { images[$0] }
                let share = Double(step) / Double(settings.epochs * batches)
                sum += try network.reconstructionStep(
                    self.batch(chosen), targets: chosen.flatMap(target),
                    learningRate: settings.learningRate * (1 + cos(.pi * share)) / 2, seed: generator.next())
                step += 1
            }
            losses.append(sum / Double(batches))
        }
    }

    /// A photograph as the network takes it, before it is normalised.
    package func prepared(_ photograph: RGBImage) throws -> RGBImage { try pipeline.image(from: photograph) }

    /// `[N, codeSize]`.
    package func codes(_ images: [RGBImage]) throws -> [[Float]] {
        try stride(from: 0, to: images.count, by: settings.batchSize).flatMap { start in
            let run = Array(images[start..<min(images.count, start + settings.batchSize)])
            return try network.codes(batch(run), size: codeSize)
        }
    }

    /// Mean and standard deviation of each channel of the code over its places, `[N, 2 * codeChannels]`: what an image
    /// holds, wherever its cells lie.
    func summaries(_ images: [RGBImage]) throws -> [[Float]] {
        let places = codeSize / settings.codeChannels
        return try codes(images).map { code in
            (0..<settings.codeChannels).flatMap { channel in
                let values = code[channel * places..<(channel + 1) * places]
                let mean = values.reduce(0, +) / Float(places)
                let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(places)
                return [mean, variance.squareRoot()]
            }
        }
    }

    private func batch(_ images: [RGBImage]) -> Batch {
        Batch(
            images: images.flatMap(pipeline.normalized), labels: images.map { _ in 0 }, height: settings.side,
            width: settings.side)
    }

    /// The normalised pixels with each square of 16 × 16 as channels of one place, `[3 * 256, side / 16, side / 16]`.
    private func target(_ image: RGBImage) -> [Float] {
        let (values, side, square) = (pipeline.normalized(image), settings.side, Self.reduction)
        let places = side / square
        return [Float](unsafeUninitializedCapacity: values.count) { output, initialized in
            for channel in 0..<3 {
                for y in 0..<side {
                    for x in 0..<side {
                        let part = (channel * square + y % square) * square + x % square
                        output[(part * places + y / square) * places + x / square] =
                            values[(channel * side + y) * side + x]
                    }
                }
            }
            initialized = values.count
        }
    }

    /// Stage 0 is the encoder, stage 1 the decoder; the first output is the reconstruction, the embedding the code.
    private static func graph(_ settings: Settings) -> Graph {
        var nodes: [Node] = []
        var (current, channels) = ("image", 3)
        func convolve(_ name: String, to output: Int, kernel: Int, stride: Int = 1, bias: Bool = false, stage: Int) {
            let convolution = Convolution(
                inputChannels: channels, outputChannels: output, kernelSize: kernel, stride: stride, bias: bias,
                padding: .init(all: kernel / 2))
            nodes.append(Node(name: name, operation: .convolution(convolution), inputs: [current], stage: stage))
            (current, channels) = (name, output)
        }
        func activate(_ name: String, stage: Int) {
            let norm = Networks.Operation.batchNormalization(channels: channels, epsilon: 1e-5, momentum: 0.1)
            nodes.append(Node(name: "\(name).norm", operation: norm, inputs: [current], stage: stage))
            nodes.append(Node(name: "\(name).relu", operation: .relu, inputs: ["\(name).norm"], stage: stage))
            current = "\(name).relu"
        }
        for (number, width) in settings.channels.enumerated() {
            convolve("encoder.\(number)", to: width, kernel: 3, stride: 2, stage: 0)
            activate("encoder.\(number)", stage: 0)
        }
        convolve("code", to: settings.codeChannels, kernel: 1, bias: true, stage: 0)
        for number in 0..<2 {
            convolve("decoder.\(number)", to: settings.channels[3], kernel: 3, stage: 1)
            activate("decoder.\(number)", stage: 1)
        }
        convolve("reconstruction", to: 3 * reduction * reduction, kernel: 1, bias: true, stage: 1)
        return Graph(
            name: "autoencoder", input: "image", inputChannels: 3, nodes: nodes,
            outputs: .init(logits: "reconstruction", embedding: "code", featureMap: "code"))
    }
}
