import Evaluation
import Foundation
import Imaging
import Networks
import Randomness

/// Whether class-activation maps tell what the network goes by: deletion and insertion of pixels in the map's order against
/// other orders (Petsiuk, Das and Saenko, "RISE", BMVC 2018, section 4.3), and how the map changes when the network's weights
/// become random (Adebayo et al., "Sanity Checks for Saliency Maps", NeurIPS 2018).
struct ExplanationAudit {
    let images: AuditImages
    let temperature: Double
    let seed: UInt64

    /// Steps in which the pixels are taken.
    static let steps = 16
    /// Blur of the image that insertion begins with, in pixels of the network's input: about half a nucleus.
    private static let blur = 10.0
    static let orders = ["activation-map", "random-order", "randomised-network"]

    /// The curves of one image in one order, `[steps + 1]` each.
    struct Curves: Sendable {
        let deletion: [Double]
        let insertion: [Double]
    }

    /// What one fold gives.
    struct Outcome {
        /// For each of `orders` one an image.
        var curves: [[Curves]] = ExplanationAudit.orders.map { _ in [] }
        /// For 1, 2 … random stages one an image: rank correlation and structural similarity.
        var agreement: [[(rank: Double, structure: Double)]] = []
    }

    /// Leaves the network with its trained weights.
    /// - Parameter test: Positions of the images to explain.
    func run(_ network: TrainableNetwork, test: [Int], progress: (_ done: Int, _ total: Int) -> Void) throws -> Outcome
    {
        var outcome = Outcome()
        // Another seed than that of the training, whose first weights the trained ones may still resemble.
        var generator = SplitMix64(seed: seed, 1)
        let cascade = try RandomisedStages(network, seed: generator.next())
        let trained = try maps(network, test)
        var randomised: [ActivationMap] = []
        let total = cascade.stages.count + test.count
        for count in 1...cascade.stages.count {
            try network.setWeights(cascade.weights(randomised: count))
            randomised = try maps(network, test)
            outcome.agreement.append(
                zip(trained, randomised).map { first, second in
                    (
                        MapAgreement.rankCorrelation(first.values, second.values) ?? 0,
                        MapAgreement.structuralSimilarity(first.values, second.values)
                    )
                })
            progress(count, total)
        }
        try network.setWeights(cascade.weights(randomised: 0))
        for (place, index) in test.enumerated() {
            let image = try images.image(index)
            for (order, map) in [trained[place], chance(like: trained[place], index), randomised[place]].enumerated() {
                outcome.curves[order].append(try curves(network, image, label: images.items[index].label, map: map))
            }
            progress(cascade.stages.count + place + 1, total)
        }
        return outcome
    }

    private func maps(_ network: TrainableNetwork, _ test: [Int]) throws -> [ActivationMap] {
        try AuditImages.runs(test).flatMap { run in
            let maps = try ActivationMaps(network, batch: images.batch(run))
            return run.indices.map { maps.map($0 - run.startIndex, classIndex: images.items[run[$0]].label) }
        }
    }

    /// A map of the same coarseness with random values: pixels taken one by one at random would leave the image under a veil
    /// of noise, which tells nothing of the places.
    private func chance(like map: ActivationMap, _ index: Int) -> ActivationMap {
        var generator = SplitMix64(seed: seed, UInt64(index))
        return ActivationMap(
            values: map.values.map { _ in Float(generator.nextUnit()) }, width: map.width, height: map.height)
    }

    /// Pixels by falling value of the map, equal ones row by row.
    private func order(_ map: ActivationMap) -> [Int] {
        let values = map.enlarged(width: images.preprocessing.outputWidth, height: images.preprocessing.outputHeight)
        return values.indices.sorted { (values[$1], $0) < (values[$0], $1) }
    }

    private func curves(_ network: TrainableNetwork, _ image: RGBImage, label: Int, map: ActivationMap) throws -> Curves
    {
        let order = order(map)
        let whole = images.preprocessing.normalized(image)
        let blurred = images.preprocessing.normalized(try image.blurred(deviation: Self.blur))
        // Zero after normalisation is the mean colour of the training images.
        let nothing = [Float](repeating: 0, count: whole.count)
        return Curves(
            deletion: try curve(network, from: whole, to: nothing, order: order, label: label),
            insertion: try curve(network, from: blurred, to: whole, order: order, label: label))
    }

    /// The probability of the label after each step from one image to the other.
    private func curve(
        _ network: TrainableNetwork, from: [Float], to: [Float], order: [Int], label: Int
    ) throws -> [Double] {
        let pixels = order.count
        var current = from
        var batch = current
        for step in 1...Self.steps {
            for pixel in order[(step - 1) * pixels / Self.steps..<step * pixels / Self.steps] {
                for channel in 0..<3 { current[channel * pixels + pixel] = to[channel * pixels + pixel] }
            }
            batch += current
        }
        let output = try network.forward(
            Batch(
                images: batch, labels: [Int64](repeating: Int64(label), count: Self.steps + 1),
                height: images.preprocessing.outputHeight, width: images.preprocessing.outputWidth))
        return output.logits.rows.map { TemperatureScaling.softmax($0, temperature: temperature)[label] }
    }
}

extension AuditResults.Explanations {
    /// - Parameter outcomes: The outcome of each fold; nil when no image was explained.
    init?(_ outcomes: [ExplanationAudit.Outcome]) {
        let curves = ExplanationAudit.orders.indices.map { order in outcomes.flatMap { $0.curves[order] } }
        guard let map = curves.first, !map.isEmpty, let first = outcomes.first else { return nil }
        images = map.count
        orders = zip(ExplanationAudit.orders, curves).map { AuditResults.Order($0, $1, against: map) }
        randomisation = first.agreement.indices.map { place in
            let pairs = outcomes.flatMap { $0.agreement[place] }
            return AuditResults.Randomisation(
                stages: place + 1, rankCorrelation: pairs.reduce(0) { $0 + $1.rank } / Double(pairs.count),
                structuralSimilarity: pairs.reduce(0) { $0 + $1.structure } / Double(pairs.count))
        }
    }
}

extension AuditResults.Order {
    fileprivate init(_ name: String, _ curves: [ExplanationAudit.Curves], against map: [ExplanationAudit.Curves]) {
        let count = Double(curves.count)
        func mean(_ curves: [[Double]]) -> [Double] {
            (curves.first ?? []).indices.map { step in curves.reduce(0) { $0 + $1[step] } / count }
        }
        self.name = name
        deletion = mean(curves.map(\.deletion))
        insertion = mean(curves.map(\.insertion))
        deletionArea = Self.area(deletion)
        insertionArea = Self.area(insertion)
        let isMap = name == ExplanationAudit.orders[0]
        let pairs = zip(map, curves)
        let deleted = pairs.count { Self.area($0.deletion) < Self.area($1.deletion) }
        let inserted = pairs.count { Self.area($0.insertion) > Self.area($1.insertion) }
        deletionWins = isMap ? nil : Double(deleted) / count
        insertionWins = isMap ? nil : Double(inserted) / count
    }

    /// Under the curve over 0 to 1, by the trapezium rule.
    private static func area(_ curve: [Double]) -> Double {
        guard curve.count > 1 else { return 0 }
        return (curve.reduce(0, +) - (curve[0] + curve[curve.count - 1]) / 2) / Double(curve.count - 1)
    }
}
