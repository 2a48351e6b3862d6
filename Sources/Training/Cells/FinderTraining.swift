import Cells
import Findings
import Foundation
import Imaging
import Networks
import Randomness
import Tensors

/// Teaches a network where the middles of cells are.
struct FinderTraining {
    /// A field with what is known about it, at the scale of the smear.
    struct Sample {
        let field: FieldPatch
        /// Boxes of the cells, and places of which nothing is known.
        let cells: [OutlinedCell.Box]
        let unknown: [OutlinedCell.Box]
        let laboratory: String

        init(_ smear: LabelledSmear) throws {
            let scaled = try ScaledSmear(smear.image(), redCellPixels: smear.redCellPixels)
            let scale = ScaledSmear.pixelsPerRedCell / smear.redCellPixels
            func atScale(_ box: OutlinedCell.Box) -> OutlinedCell.Box {
                .init(
                    left: box.left * scale, top: box.top * scale, right: box.right * scale, bottom: box.bottom * scale)
            }
            field = FieldPatch(scaled)
            laboratory = smear.laboratory
            switch smear.truth {
            case .cells(let known):
                (cells, unknown) = (known.map { atScale($0.box) }, [])
            case .middle(let type):
                let outlined = try scaled.outlinedCells()
                let (x, y) = (Double(scaled.width) / 2, Double(scaled.height) / 2)
                let boxes = outlined.map { atScale($0.box) }
                let near = boxes.filter { abs($0.middle.x - x) < 14 && abs($0.middle.y - y) < 14 }
                let whole = near.dropFirst().reduce(near.first) { $0?.union($1) }
                cells = type == .platelet ? [] : [whole].compactMap(\.self)
                unknown = boxes.filter { !near.contains($0) } + (whole == nil && type != .platelet ? near : [])
            case .diagnosis:
                let outlined = try scaled.outlinedCells()
                let sure = outlined.filter { (0.35...4.5).contains($0.nucleusArea) && $0.solidity > 0.85 }
                cells = sure.map { atScale($0.box) }
                unknown = outlined.filter { !sure.contains($0) }.map { atScale($0.box) }
            }
        }
    }

    let configuration: CellTrainingConfiguration
    static let side = 112
    static let name = "finder"

    /// - Parameter keep: Keeps where the training stands.
    func learning(group: ProcessGroup, keep: @escaping (CellCheckpoint) throws -> Void) -> CellLearning {
        CellLearning(
            name: Self.name, configuration: configuration, steps: configuration.finder, side: Self.side, group: group,
            keep: keep)
    }

    /// Trains from random weights, or goes on.
    /// - Parameters:
    ///   - kept: Where an earlier training stood.
    ///   - observe: Step and smoothed loss.
    /// - Returns: The graph and its weights.
    func run(
        _ samples: [Sample], by learning: CellLearning, from kept: CellCheckpoint?, observe: (Int, Double) -> Void
    ) throws -> (Graph, [String: Tensor]) {
        let graph = CellGraphs.finder()
        var weights = graph.initialWeights(seed: configuration.seed)
        // It begins with little heat anywhere: most places are no middle of a cell.
        weights["heat.bias"] = Tensor(shape: [1], repeating: -3)
        if let heat = weights["heat.weight"] {
            weights["heat.weight"] = Tensor(shape: heat.shape, values: heat.values.map { 0.05 * $0 })
        }
        let laboratories = Dictionary(grouping: samples, by: \.laboratory).sorted { $0.key < $1.key }.map(\.value)
        guard !laboratories.isEmpty else { throw TrainingError(.data, "there are no fields to learn from") }
        return try learning.run(
            graph, weights, from: kept, random: SplitMix64(seed: configuration.seed, 11),
            draw: { place, random in
                let set = laboratories[place % laboratories.count]
                return draw(set[random.next(below: set.count)], &random)
            }, observe: observe)
    }

    private func draw(_ sample: Sample, _ random: inout SplitMix64) -> () throws -> CellLearning.Rendered {
        let (width, height) = (Double(sample.field.width), Double(sample.field.height))
        var middle = PixelPlace(x: random.within(0...width), y: random.within(0...height))
        if let cell = sample.cells.randomElement(using: &random), random.nextUnit() < 0.7 {
            middle = PixelPlace(
                x: cell.middle.x + 14 * random.nextNormal(), y: cell.middle.y + 14 * random.nextNormal())
        }
        var variation = FieldPatch.Variation(middle: middle)
        let (size, shape) = (exp(0.12 * random.nextNormal()), exp(0.07 * random.nextNormal()))
        variation.magnification = (size * shape, size / shape)
        variation.isMirrored = random.nextUnit() < 0.5
        variation.isFlipped = random.nextUnit() < 0.5
        variation.isTransposed = random.nextUnit() < 0.5
        let strength = exp(0.3 * random.nextNormal())
        for row in 0..<3 {
            let gain = strength * exp(0.15 * random.nextNormal())
            for column in 0..<3 {
                variation.mixing[3 * row + column] = gain * ((row == column ? 1 : 0) + 0.08 * random.nextNormal())
            }
            variation.offset[row] = 0.015 * random.nextNormal()
        }
        if random.nextUnit() < 0.5 { variation.gamma = exp(0.15 * random.nextNormal()) }
        if random.nextUnit() < 0.4 { variation.blur = random.within(0.4...1.6) }
        if random.nextUnit() < 0.5 { variation.noise = random.within(0...0.04) }
        variation.seed = random.next()
        return { [variation] in
            let square = try sample.field.square(variation, side: Self.side)
            let (targets, weights) = Self.targets(sample, in: square, magnification: size)
            return (square.densities.map { $0 * CellReader.densityGain }, targets, weights)
        }
    }

    /// A hill of deviation 1.3 places at each middle; what is unknown, and what lies beyond the field, does not count.
    private static func targets(_ sample: Sample, in square: FieldPatch.Square, magnification: Double)
        -> (targets: [Float], weights: [Float])
    {
        let count = side / 4
        var targets = [Float](repeating: 0, count: count * count)
        var weights = [Float](repeating: 1, count: count * count)
        let field = OutlinedCell.Box(
            left: 0, top: 0, right: Double(sample.field.width), bottom: Double(sample.field.height))
        let corners = square.box(of: field)
        let unknown = sample.unknown.map { square.box(of: $0) }
        let middles = sample.cells.map { square.place(of: $0.middle) }.map { (($0.x - 1.5) / 4, ($0.y - 1.5) / 4) }
        for row in 0..<count {
            for column in 0..<count {
                let place = PixelPlace(x: 4 * Double(column) + 1.5, y: 4 * Double(row) + 1.5)
                let hill =
                    middles.map { x, y in
                        exp(-(pow(Double(column) - x, 2) + pow(Double(row) - y, 2)) / (2 * 1.3 * 1.3))
                    }.max() ?? 0
                let isUnknown = !corners.contains(place) || unknown.contains { $0.contains(place) }
                targets[row * count + column] = Float(hill)
                weights[row * count + column] = isUnknown && hill < 0.3 ? 0 : Float(1 + 6 * hill)
            }
        }
        return (targets, weights)
    }
}

extension OutlinedCell.Box {
    var middle: PixelPlace { PixelPlace(x: (left + right) / 2, y: (top + bottom) / 2) }

    func union(_ other: Self) -> Self {
        Self(
            left: min(left, other.left), top: min(top, other.top), right: max(right, other.right),
            bottom: max(bottom, other.bottom))
    }

    func contains(_ place: PixelPlace) -> Bool {
        (left...right).contains(place.x) && (top...bottom).contains(place.y)
    }
}

extension FieldPatch.Square {
    /// The upright box that a box of the smear becomes.
    fileprivate func box(of box: OutlinedCell.Box) -> OutlinedCell.Box {
        let (a, b) = (
            place(of: PixelPlace(x: box.left, y: box.top)), place(of: PixelPlace(x: box.right, y: box.bottom))
        )
        return .init(left: min(a.x, b.x), top: min(a.y, b.y), right: max(a.x, b.x), bottom: max(a.y, b.y))
    }
}

extension SplitMix64 {
    mutating func within(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * nextUnit()
    }

    /// Standard normal (Box and Muller 1958).
    mutating func nextNormal() -> Double {
        (-2 * log(1 - nextUnit())).squareRoot() * cos(2 * .pi * nextUnit())
    }
}

extension CellTrainingConfiguration {
    /// What the optimiser is told.
    func training(_ steps: Steps) -> TrainingConfiguration {
        var training = TrainingConfiguration()
        training.optimizer = .adamW
        training.weightDecay = steps.weightDecay
        training.averageDecay = 0
        training.labelSmoothing = 0
        training.precision = .float32
        return training
    }
}
