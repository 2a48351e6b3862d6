import Cells
import Findings
import Foundation
import Imaging
import Networks
import Randomness
import Tensors

/// Teaches a network to read cells: one answer a type, each by itself.
///
/// So that a network reads size and shape, and not the laboratory, both kinds of cell have to exist in each: lymphocytes
/// magnified count as blasts, blasts shrunk as lymphocytes.
struct ReaderTraining {
    /// What a cell is known to be.
    enum Label: Hashable {
        case type(CellType)
        /// A blast of a class of fields.
        case blast(String)
        /// No blast, of a type that is not known.
        case normal(String)
    }

    /// A cell.
    struct Sample {
        let patch: CellPatch
        let label: Label
        let nucleusArea: Double
        /// Mean density of the nucleus.
        let density: Double
        let smear: Int
    }

    /// Where samples are drawn from, how often, and what they are made to be.
    private struct Drawer {
        let samples: [Int]
        let weight: Double
        let magnification: ClosedRange<Double>
        let answer: Label
    }

    let configuration: CellTrainingConfiguration

    /// The cells of a smear, outlined where they are known or thought to be.
    static func samples(_ smear: LabelledSmear, number: Int, configuration: CellTrainingConfiguration) throws
        -> [Sample]
    {
        let scaled = try ScaledSmear(smear.image(), redCellPixels: smear.redCellPixels)
        func sample(_ cell: OutlinedCell, _ label: Label) throws -> Sample {
            Sample(
                patch: try scaled.patch(of: cell), label: label, nucleusArea: cell.nucleusArea,
                density: cell.density.reduce(0, +) / 3, smear: number)
        }
        switch smear.truth {
        case .cells(let known):
            return try scaled.outlinedCells(at: known.map(\.box.middle)).filter { !$0.touchesEdge }.map {
                try sample($0, known[$0.place].type.map { .type($0) } ?? .normal(smear.laboratory))
            }
        case .middle(let type):
            let image = try smear.image()
            let middle = PixelPlace(x: Double(image.width) / 2, y: Double(image.height) / 2)
            func distance(_ cell: OutlinedCell) -> Double {
                hypot(cell.centre.x - middle.x, cell.centre.y - middle.y) / smear.redCellPixels
            }
            let others = try scaled.outlinedCells().filter { distance($0) > 1.25 }.map(\.centre)
            return try scaled.outlinedCells(at: [middle] + others)
                .filter { distance($0) < 0.9 && !$0.touchesEdge && $0.place == 0 }.map { try sample($0, .type(type)) }
        case .diagnosis(let isMalignant, let name):
            let cells = try scaled.outlinedCells().filter { !$0.touchesEdge && (0.3...6).contains($0.nucleusArea) }
            let greens = cells.map { $0.density[1] }.sorted()
            let usual = greens.isEmpty ? 0 : greens[greens.count / 2]
            var random = SplitMix64(seed: configuration.seed, 23, UInt64(number))
            return try cells.shuffled(using: &random).prefix(configuration.cellsOfField).compactMap { cell in
                let isPale = cell.density[1] < 0.6 * usual && cell.nucleusArea > 1.1 && cells.count > 3
                if isPale || (cell.solidity < 0.7 && cell.nucleusArea > 1.5) { return try sample(cell, .type(.smudge)) }
                guard isMalignant else { return try sample(cell, .normal(smear.laboratory)) }
                return cell.nucleusArea >= configuration.leastBlastArea ? try sample(cell, .blast(name)) : nil
            }
        }
    }

    static let name = "reader"

    /// - Parameter keep: Keeps where the training stands.
    func learning(group: ProcessGroup, keep: @escaping (CellCheckpoint) throws -> Void) -> CellLearning {
        CellLearning(
            name: Self.name, configuration: configuration, steps: configuration.reader, side: CellPatch.cropSide,
            group: group, keep: keep)
    }

    /// Trains from random weights, or goes on.
    /// - Parameters:
    ///   - kept: Where an earlier training stood.
    ///   - observe: Step and smoothed loss.
    /// - Returns: The graph and its weights.
    func run(
        _ samples: [Sample], by learning: CellLearning, from kept: CellCheckpoint?, observe: (Int, Double) -> Void
    ) throws -> (Graph, [String: Tensor]) {
        let graph = CellGraphs.reader(answers: CellType.answers.count, side: CellPatch.cropSide)
        let drawers = drawers(samples)
        guard drawers.contains(where: { $0.answer.isBlast }), drawers.contains(where: { !$0.answer.isBlast }) else {
            throw TrainingError(.data, "cells cannot be read without blasts and normal cells to learn from")
        }
        return try learning.run(
            graph, graph.initialWeights(seed: configuration.seed), from: kept,
            random: SplitMix64(seed: configuration.seed, 12),
            draw: { _, random in
                let drawer = Self.draw(drawers, &random)
                let sample = samples[drawer.samples[random.next(below: drawer.samples.count)]]
                let variation = variation(random.within(drawer.magnification), &random)
                return {
                    let (targets, weights) = drawer.answer.targets
                    return (try sample.patch.crop(variation), targets, weights)
                }
            }, observe: observe)
    }

    private func drawers(_ samples: [Sample]) -> [Drawer] {
        let byLabel = Dictionary(grouping: samples.indices, by: { samples[$0].label })
            .sorted { "\($0.key)" < "\($1.key)" }
        let blasts = byLabel.filter { $0.key.isBlast }
        let normals = byLabel.count { if case .normal = $0.key { true } else { false } }
        var drawers = byLabel.map { label, indices in
            let weight: Double =
                switch label {
                case .type(.blast), .blast: 18 / Double(blasts.count)
                case .type(.smudge): 4
                case .type: 5
                case .normal: 18 / Double(normals)
                }
            return Drawer(samples: indices, weight: weight, magnification: 1...1, answer: label)
        }
        if let range = configuration.pseudoBlasts, range.count == 2,
            let lymphocytes = byLabel.first(where: { $0.key == .type(.lymphocyte) })
        {
            drawers.append(
                Drawer(
                    samples: lymphocytes.value, weight: 12, magnification: range[0]...range[1],
                    answer: .type(.blast)))
        }
        if let range = configuration.pseudoLymphocytes, range.count == 2 {
            drawers += blasts.map {
                Drawer(
                    samples: $0.value, weight: 12 / Double(blasts.count), magnification: range[0]...range[1],
                    answer: .type(.lymphocyte))
            }
        }
        return drawers
    }

    private static func draw(_ drawers: [Drawer], _ random: inout SplitMix64) -> Drawer {
        var left = random.nextUnit() * drawers.reduce(0) { $0 + $1.weight }
        for drawer in drawers {
            left -= drawer.weight
            if left < 0 { return drawer }
        }
        return drawers[drawers.count - 1]
    }

    private func variation(_ magnification: Double, _ random: inout SplitMix64) -> CellPatch.Variation {
        var variation = CellPatch.Variation()
        let jitter = configuration.scaleJitter
        variation.magnification = magnification * random.within(1 - jitter...1 + jitter)
        variation.angle = random.within(0...2 * .pi)
        variation.stretch = exp(configuration.shapeJitter * random.nextNormal())
        variation.shift = (random.nextNormal(), random.nextNormal())
        variation.gamma = exp(0.35 * random.nextNormal())
        if random.nextUnit() < 0.7 { variation.blur = random.within(0.4...1.8) }
        if random.nextUnit() < 0.6 { variation.noise = random.within(0...0.12) }
        variation.isMirrored = random.nextUnit() < 0.5
        variation.maskGrowth = random.next(below: 6) - 2
        variation.seed = random.next()
        return variation
    }
}

extension ReaderTraining.Label {
    var isBlast: Bool {
        switch self {
        case .blast, .type(.blast): true
        case .type, .normal: false
        }
    }

    /// The answers that are asked for, and what each counts for.
    fileprivate var targets: ([Float], [Float]) {
        let types = CellType.answers
        var targets = [Float](repeating: 0, count: types.count)
        var weights = [Float](repeating: 0, count: types.count)
        for (index, type) in types.enumerated() where type == .blast || type == .smudge {
            weights[index] = type == .blast ? 1.5 : 1
        }
        switch self {
        case .blast, .type(.blast): targets[types.firstIndex(of: .blast) ?? 0] = 1
        case .normal: break
        case .type(let type):
            for (index, other) in types.enumerated() {
                weights[index] = max(1, weights[index])
                targets[index] = other == type ? 1 : 0
            }
            if type == .smudge { weights[types.firstIndex(of: .blast) ?? 0] = 0.5 }
        }
        return (targets, weights)
    }
}
