import Datasets
import Evaluation
import Foundation
import Imaging
import Networks
import Tensors

/// How far linear classifiers come that see no cell, or see the image through a network that was never taught cells.
struct BaselineAudit {
    let items: [TrainingImage]
    let classes: Int
    /// The folder of ImageNet weights.
    let pretrained: URL
    let progress: @Sendable (_ what: String, _ done: Int, _ total: Int) -> Void

    private static let side = 224

    /// - Parameter splits: The test parts of the folds, by the way they were cut.
    func run(splits: [String: [[Int]]]) throws -> [AuditResults.Baseline] {
        let masked = PreprocessingPipeline.standard(side: Self.side)
        let whole = try PreprocessingPipeline(steps: masked.steps.filter { $0.name != "mask-corner" })
        let inputs: [(name: String, make: () throws -> [[Float]])] = [
            ("frozen-features", { try embeddings(whole, name: "frozen-features") }),
            ("frozen-features-masked", { try embeddings(masked, name: "frozen-features-masked") }),
            ("colour-histogram", { try photographs(BaselineInputs.colourHistogram) }),
            ("background-colour", { try photographs(BaselineInputs.backgroundColour) }),
            ("scale-bar-corner", { try photographs(BaselineInputs.scaleBarCorner) }),
        ]
        return try inputs.map { name, make in
            let rows = try make()
            var figures: [String: AuditResults.FoldFigures] = [:]
            for (split, folds) in splits.sorted(by: { $0.key < $1.key }) {
                figures[split] = AuditResults.FoldFigures(
                    try folds.enumerated().map { number, test in
                        progress("\(name), \(split)", number, folds.count)
                        return try Self.figures(rows, test: test, labels: items.map(\.label), classes: classes)
                    })
            }
            return AuditResults.Baseline(name: name, inputs: rows.first?.count ?? 0, splits: figures)
        }
    }

    private static func figures(_ rows: [[Float]], test: [Int], labels: [Int], classes: Int) throws
        -> AuditResults.Figures
    {
        let held = Set(test)
        let training = rows.indices.filter { !held.contains($0) }
        let model = try LogisticRegression(
            inputs: training.map { rows[$0] }, labels: training.map { labels[$0] }, classes: classes)
        let predicted = try model.probabilities(test.map { rows[$0] }).map(\.argmax)
        return try AuditResults.Figures(labels: test.map { labels[$0] }, predicted: predicted, classes: classes)
    }

    private func photographs(_ measure: @Sendable (RGBImage) throws -> [Float]) throws -> [[Float]] {
        let images = AuditImages(items: items, preprocessing: .standard(side: Self.side))
        return try AuditImages.concurrently(Array(items.indices)) { try measure(images.photograph($0)) }
    }

    /// Of EfficientNet-Lite0 with its ImageNet weights, `[N, 1280]`.
    private func embeddings(_ pipeline: PreprocessingPipeline, name: String) throws -> [[Float]] {
        var configuration = TrainingConfiguration()
        configuration.architecture = Architecture.efficientNetLite0.rawValue
        configuration.preprocessing = pipeline
        let network = try TrainableNetwork(
            graph: TrainingRun.graph(configuration, classes: classes),
            weights: TrainingRun.initialWeights(configuration, classes: classes, folder: pretrained))
        let images = AuditImages(items: items, preprocessing: pipeline)
        var rows: [[Float]] = []
        for run in AuditImages.runs(Array(items.indices)) {
            rows += try network.forward(images.batch(run)).embedding.rows
            progress(name, rows.count, items.count)
        }
        return rows
    }
}

/// What the linear classifiers read of a photograph.
enum BaselineInputs {
    /// Shares of the pixels in 16 equal bins of red, green and blue, `[48]`.
    @Sendable static func colourHistogram(_ image: RGBImage) -> [Float] {
        var counts = [Int](repeating: 0, count: 48)
        for (place, value) in image.pixels.enumerated() { counts[place % 3 * 16 + Int(value) / 16] += 1 }
        let pixels = Float(max(1, image.pixels.count / 3))
        return counts.map { Float($0) / pixels }
    }

    /// Of the brightest fifth of the pixels, by the sum of their channels: median and standard deviation of red, green
    /// and blue, `[6]`, 0 to 255. It is mostly glass, and holds no nucleus.
    @Sendable static func backgroundColour(_ image: RGBImage) -> [Float] {
        let count = image.pixels.count / 3
        guard count > 0 else { return [Float](repeating: 0, count: 6) }
        let sums = (0..<count).map { pixel in (0..<3).reduce(0) { $0 + Int(image.pixels[3 * pixel + $1]) } }
        let least = sums.sorted()[min(count - 1, count * 4 / 5)]
        let bright = (0..<count).filter { sums[$0] >= least }
        let channels = (0..<3).map { channel in bright.map { Double(image.pixels[3 * $0 + channel]) }.sorted() }
        let medians = channels.map { Float($0[$0.count / 2]) }
        let deviations = channels.map { values in
            let mean = values.reduce(0, +) / Double(values.count)
            return Float((values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot())
        }
        return medians + deviations
    }

    /// The lower right corner where the scale bar is, 34 of 224 parts wide and 24 high, as raw values of 0 to 1:
    /// `[2448]`, 34 × 24 pixels after resizing to 224 × 224.
    @Sendable static func scaleBarCorner(_ image: RGBImage) throws -> [Float] {
        let resized = try image.resized(width: 224, height: 224)
        var values: [Float] = []
        for row in (224 - 24)..<224 {
            let start = (row * 224 + 224 - 34) * 3
            values += resized.pixels[start..<(row + 1) * 224 * 3].map { Float($0) / 255 }
        }
        return values
    }
}
