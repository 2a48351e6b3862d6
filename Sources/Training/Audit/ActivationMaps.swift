import CTorch
import Evaluation
import Networks
import Packaging
import Tensors

/// A map of evidence over an image: `[height, width]`, 0 and above.
struct ActivationMap: Sendable, Equatable {
    let values: [Float]
    let width: Int
    let height: Int

    /// Bilinear, the centres of the cells in the middle of their fields, beyond the outermost centres constant.
    /// - Returns: `[height, width]`.
    func enlarged(width newWidth: Int, height newHeight: Int) -> [Float] {
        let columns = Self.places(from: width, to: newWidth)
        var result: [Float] = []
        result.reserveCapacity(newWidth * newHeight)
        for row in Self.places(from: height, to: newHeight) {
            for column in columns {
                let top =
                    value(row.lower, column.lower) * (1 - column.share) + value(row.lower, column.upper) * column.share
                let low =
                    value(row.upper, column.lower) * (1 - column.share) + value(row.upper, column.upper) * column.share
                result.append(top * (1 - row.share) + low * row.share)
            }
        }
        return result
    }

    private func value(_ row: Int, _ column: Int) -> Float { values[row * width + column] }

    private static func places(from cells: Int, to pixels: Int) -> [(lower: Int, upper: Int, share: Float)] {
        (0..<pixels).map { pixel in
            let place = (Float(pixel) + 0.5) * Float(cells) / Float(pixels) - 0.5
            let lower = Int(place.rounded(.down))
            return (max(0, lower), min(cells - 1, lower + 1), place - Float(lower))
        }
    }
}

/// What a network answers to a batch, and where the evidence for any class lies.
struct ActivationMaps: Sendable {
    /// The most probable class of each image.
    let predicted: [Int]
    /// `[N, classes]`, before softmax.
    let logits: [[Float]]
    private let featureMap: Tensor
    private let classifier: Tensor

    /// - Throws: `TrainingError` when the network has no linear classifier on its embedding.
    init(_ network: TrainableNetwork, batch: Batch) throws {
        let output = try network.features(batch)
        let name = "\(network.graph.outputs.logits).weight"
        guard let classifier = try network.tensors(kind: CTValue, names: [name])[name] else {
            throw TrainingError(.library, "the network has no classifier \(name)")
        }
        logits = output.logits.rows
        predicted = logits.map(\.argmax)
        featureMap = output.featureMap
        self.classifier = classifier
    }

    /// The class-activation map of one image, 0 to 1.
    func map(_ image: Int, classIndex: Int) -> ActivationMap {
        let (height, width) = (featureMap.shape[2], featureMap.shape[3])
        let size = featureMap.shape[1] * height * width
        let values = ClassActivationMap.compute(
            featureMap: Array(featureMap.values[image * size..<(image + 1) * size]), width: width, height: height,
            classifierWeight: classifier, classIndex: classIndex)
        return ActivationMap(values: values, width: width, height: height)
    }
}
