import Foundation
import Imaging
import Inference

/// Finds the white cells of an image at a known scale, outlines and reads them.
///
/// Serves any number of threads; each call blocks its thread for some milliseconds a field.
public final class CellReader: Sendable {
    public let description: CellModelDescription
    private let finder: DynamicNetwork
    private let reader: DynamicNetwork
    /// Cells that go through the network at once.
    private let batchSize = 16

    /// Loads a cell model: `cells.json` and the two networks that it names.
    /// - Parameters:
    ///   - folder: Where they lie.
    ///   - threads: Threads of the processor for a call.
    /// - Throws: `CellError` `model`, `InferenceError`.
    public init(folder: URL, threads: Int = 1) throws {
        description = try CellModelDescription.read(folder: folder)
        finder = try DynamicNetwork(
            file: folder.appendingPathComponent(description.finder.file), channels: 3, threads: threads)
        reader = try DynamicNetwork(
            file: folder.appendingPathComponent(description.reader.file), channels: CellPatch.cropChannels,
            threads: threads)
    }

    /// Finds and reads the white cells of an image.
    /// - Parameters:
    ///   - image: At any scale; its pixels must be square.
    ///   - redCellPixels: How wide a red cell is in it, in pixels; wrong by a tenth, areas are wrong by a fifth.
    /// - Throws: `ImagingError` for a scale outside `ScaledSmear.redCellRange` or an empty image, `InferenceError`.
    public func read(image: RGBImage, redCellPixels: Double) throws -> CellReading {
        let smear = try ScaledSmear(image, redCellPixels: redCellPixels)
        let found = try find(in: smear)
        let answers = try answers(found.map { try smear.patch(of: $0.outlined) })
        let cells = zip(found, answers).map { read($0, answers: $1) }
        let redCellArea = Double.pi / 4 * redCellPixels * redCellPixels
        let area = Double(image.width * image.height) / redCellArea / 100
        let summary = description.field.summary(
            cells.map { ($0.blastEvidence, Self.whiteness($0)) }, area: area)
        return CellReading(
            cells: cells, evidence: description.field.evidence(summary), differential: Differential(cells.map(\.type)),
            redCellPixels: redCellPixels, summary: summary)
    }

    /// Finds and outlines the white cells of an image, without reading them.
    /// - Throws: As `read(image:redCellPixels:)`.
    public func find(image: RGBImage, redCellPixels: Double) throws -> [FoundCell] {
        try find(in: ScaledSmear(image, redCellPixels: redCellPixels))
    }

    private func find(in smear: ScaledSmear) throws -> [FoundCell] {
        let answer = try finder.run(
            smear.densities().map { $0 * Self.densityGain }, count: 1, height: smear.height, width: smear.width)
        guard answer.shape.count == 4, answer.shape[1] == 1 else {
            throw CellError(.model, "\(description.finder.file) gives \(answer.shape), not one heat map")
        }
        let map = HeatMap(
            values: answer.values.map { 1 / (1 + exp(-$0)) }, width: answer.shape[3], height: answer.shape[2])
        let peaks = map.peaks(threshold: description.finder.threshold, reach: description.finder.reach)
        let scale = smear.redCellPixels / ScaledSmear.pixelsPerRedCell
        let places = peaks.map { PixelPlace(x: $0.x * scale, y: $0.y * scale) }
        return try smear.outlinedCells(at: places)
            .filter { $0.nucleusArea >= description.finder.minimumNucleusArea }
            .map { cell in
                FoundCell(outlined: cell, confidence: peaks[cell.place].value)
            }
    }

    /// What optical densities are multiplied with before the finding network sees them.
    public static let densityGain: Float = 3

    /// The answers of the reading network, a row a cell: the mean over the positions of a square, before the sigmoid.
    public func answers(_ patches: [CellPatch]) throws -> [[Double]] {
        let positions = SquarePosition.first(description.reader.positions)
        let count = description.reader.answers.count
        var result: [[Double]] = []
        for start in stride(from: 0, to: patches.count, by: batchSize) {
            let part = patches[start..<min(start + batchSize, patches.count)]
            var images: [Float] = []
            images.reserveCapacity(part.count * positions.count * CellPatch.cropCount)
            for patch in part {
                let crop = try patch.crop()
                for position in positions { position.append(crop, side: CellPatch.cropSide, to: &images) }
            }
            let answer = try reader.run(
                images, count: part.count * positions.count, height: CellPatch.cropSide, width: CellPatch.cropSide)
            guard answer.shape == [part.count * positions.count, count] else {
                throw CellError(
                    .model, "\(description.reader.file) gives \(answer.shape), where \(count) answers are named")
            }
            result += Self.means(answer.values, ofRows: positions.count, each: count)
        }
        return result
    }

    /// The mean of each run of `rows` rows.
    private static func means(_ values: [Float], ofRows rows: Int, each count: Int) -> [[Double]] {
        stride(from: 0, to: values.count, by: rows * count).map { start in
            var means = [Double](repeating: 0, count: count)
            for index in 0..<rows * count { means[index % count] += Double(values[start + index]) / Double(rows) }
            return means
        }
    }

    /// What a cell's answers mean.
    private func read(_ found: FoundCell, answers: [Double]) -> ReadCell {
        let named = Dictionary(uniqueKeysWithValues: zip(description.reader.answers, answers))
        let each = named.mapValues(FieldModel.sigmoid)
        let sum = max(each.values.reduce(0, +), 1e-9)
        let probabilities = each.mapValues { $0 / sum }
        let best = description.reader.answers.max { probabilities[$0, default: 0] < probabilities[$1, default: 0] }
        let isSure = best.map { probabilities[$0, default: 0] >= description.reader.leastTypeProbability } ?? false
        return ReadCell(
            found: found, type: isSure ? best ?? .unsure : .unsure, typeProbabilities: probabilities,
            blastEvidence: description.calibration.evidence(named[.blast, default: 0]))
    }

    /// For how much of a white cell a cell counts.
    private static func whiteness(_ cell: ReadCell) -> Double {
        1 - cell.typeProbabilities.reduce(0) { $0 + ($1.key.isWhiteCell ? 0 : $1.value) }
    }
}

/// What was read in one image.
public struct CellReading: Sendable, Equatable {
    /// The surest first.
    public let cells: [ReadCell]
    /// That there is leukaemia in the image.
    public let evidence: FieldEvidence
    public let differential: Differential
    /// The scale that was given.
    public let redCellPixels: Double
    /// What the evidence was made of.
    public let summary: FieldModel.Summary
}
