import Evaluation
import Foundation
import Imaging
import Tensors

/// What a network answers for a list of images.
public struct Predictions: Sendable {
    /// The images' indices in the data set.
    public let indices: [Int]
    public let labels: [Int]
    /// One row of class logits an image.
    public let logits: [[Double]]
    /// One embedding an image.
    public let embeddings: [[Float]]

    /// Softmax of the logits divided by a temperature (Guo et al. 2017, equation 9).
    public func probabilities(temperature: Double = 1) -> [[Double]] {
        logits.map { TemperatureScaling.softmax($0, temperature: temperature) }
    }

    /// Mean negative log-likelihood of the labels in nats, the logits divided by a temperature.
    func logLoss(temperature: Double) -> Double {
        let losses = zip(probabilities(temperature: temperature), labels).map { -log(max($0[$1], 1e-300)) }
        return losses.reduce(0, +) / Double(max(1, losses.count))
    }

    /// Mean cross entropy in nats.
    public var crossEntropy: Double { logLoss(temperature: 1) }

    /// Share of images whose argmax is their label.
    public var accuracy: Double {
        let hits = zip(logits, labels).filter { row, label in row.argmax == label }
        return Double(hits.count) / Double(max(1, labels.count))
    }

    /// Unweighted mean of the classes' F1; 0 where no class can be judged.
    public func macroF1(classes: Int) throws -> Double {
        let predicted = logits.map(\.argmax)
        return try ConfusionMatrix(labels: labels, predicted: predicted, classes: classes).macroF1 ?? 0
    }

    /// For `Evaluation`: calibrated probabilities with the images' groups and names.
    public func labelled(_ items: [TrainingImage], temperature: Double) -> [LabelledPrediction] {
        zip(zip(indices, labels), probabilities(temperature: temperature)).map { image, probabilities in
            LabelledPrediction(
                label: image.1, probabilities: probabilities, group: items[image.0].group, id: items[image.0].id)
        }
    }
}

/// Runs a network over images of a cache, unaugmented, in single precision.
public struct NetworkPredictor {
    let network: TrainableNetwork
    let weights: TrainableNetwork.Weights
    let batchSize = 32

    public init(network: TrainableNetwork, weights: TrainableNetwork.Weights = .current) {
        self.network = network
        self.weights = weights
    }

    /// Answers in the order of `indices`.
    /// - Parameters:
    ///   - augmentation: Varies the images first; nil leaves them.
    ///   - seed: The seed of the variation.
    public func predict(
        cache: ImageCache, labels: [Int], indices: [Int], augmentation: Augmentation? = nil, seed: UInt64 = 0
    ) throws -> Predictions {
        let loader = BatchLoader(
            cache: cache, labels: labels, order: indices, batchSize: batchSize, dropsRemainder: false,
            augmentation: augmentation, seed: seed)
        var logits: [[Double]] = []
        var embeddings: [[Float]] = []
        while let batch = try loader.nextBatch() {
            let output = try network.forward(batch, weights: weights)
            logits += output.logits.rows.map { $0.map(Double.init) }
            embeddings += output.embedding.rows
        }
        return Predictions(
            indices: indices, labels: indices.map { labels[$0] }, logits: logits, embeddings: embeddings)
    }
}

extension NetworkPredictor {
    /// Answers in the order of `indices`, of which every process finds a part and gets all.
    public func predict(
        cache: ImageCache, labels: [Int], indices: [Int], sharedAmong group: ProcessGroup
    ) throws -> Predictions {
        let own = try predict(cache: cache, labels: labels, indices: Array(indices[group.part(of: indices.count)]))
        guard group.size > 1 else { return own }
        let logits = own.logits.map { $0.map { Float($0) } }
        return Predictions(
            indices: indices, labels: indices.map { labels[$0] },
            logits: try group.gather(logits, width: network.graph.classCount, count: indices.count)
                .map { $0.map(Double.init) },
            embeddings: try group.gather(own.embeddings, width: network.graph.embeddingSize, count: indices.count))
    }
}

extension Tensor {
    /// The rows of a matrix.
    var rows: [[Float]] {
        let width = shape.last ?? 0
        return width == 0 ? [] : stride(from: 0, to: values.count, by: width).map { Array(values[$0..<($0 + width)]) }
    }
}
