import Findings
import Foundation
import Imaging
import Inference

/// Finds the white cells of an image, outlines and reads them.
///
/// Serves any number of threads; each call blocks its thread for some milliseconds a field.
public final class CellReader: Sendable {
    public let description: CellModelDescription
    private let finder: DynamicNetwork
    private let reader: DynamicNetwork
    /// Cells that go through the network at once.
    private let batchSize = 16

    /// Loads a cell model: `cells.json` and its two networks.
    /// - Parameters:
    ///   - folder: Where they lie.
    ///   - streams: How many calls run at once, each on one thread of the processor.
    /// - Throws: `CellError` `model`, `InferenceError`.
    public init(folder: URL, streams: Int = 1) throws {
        description = try CellModelDescription.read(folder: folder)
        finder = try DynamicNetwork(
            file: folder.appendingPathComponent(CellModelDescription.finderFile), channels: 3, streams: streams)
        reader = try DynamicNetwork(
            file: folder.appendingPathComponent(CellModelDescription.readerFile), channels: CellPatch.cropChannels,
            streams: streams)
    }

    /// Reads the white cells of an image at the best scale there is.
    /// - Parameters: As of `scaled(_:given:site:pooled:redCellsAcross:)`.
    /// - Throws: `ImagingError` for a given scale outside of `ScaledSmear.redCellRange` or an empty image, `InferenceError`.
    public func read(_ image: RGBImage, given: Double? = nil, site: SiteScale? = nil, redCellsAcross: Double) throws
        -> CellReading
    {
        let scaled = try Self.scaled(image, given: given, site: site, redCellsAcross: redCellsAcross)
        return try read(scaled.image, at: scaled.scale)
    }

    /// The best scale there is for an image, and the image as it is to be read: a cell that was cut out and laid on black
    /// (`CutOutCell`) on glass. The scale is measured only where neither a person nor the site tells it.
    /// - Parameters:
    ///   - image: At any scale; its pixels must be square.
    ///   - given: Diameter of a red cell in pixels of the image, by hand.
    ///   - site: What is known of the microscope.
    ///   - pooled: That of other images of the sample; counts where the image's own red cells tell nothing.
    ///   - redCellsAcross: How many red cells lie along the shorter side where nothing tells the scale.
    /// - Throws: `ImagingError` for a scale that no image has, or an empty image.
    public static func scaled(
        _ image: RGBImage, given: Double? = nil, site: SiteScale? = nil, pooled: PooledScale? = nil,
        redCellsAcross: Double
    ) throws -> (image: RGBImage, scale: ImageScale) {
        let cutOut = CutOutCell(image)
        let estimate = given == nil && site == nil && cutOut == nil ? try ScaleEstimate.measure(image) : nil
        let range = ScaledSmear.redCellRange
        let usual =
            cutOut?.assumedRedCellPixels ?? estimate?.guess
            ?? Double(min(image.width, image.height)) / redCellsAcross
        let scale = try ImageScale.choosing(
            given: given, site: site, pooled: estimate?.redCellPixels == nil && cutOut == nil ? pooled : nil,
            estimate: estimate, default: min(range.upperBound, max(range.lowerBound, usual)))
        return (cutOut?.onGlass ?? image, scale)
    }

    /// Finds and reads the white cells of an image.
    /// - Parameters:
    ///   - image: At any scale; its pixels must be square.
    ///   - redCellPixels: How wide a red cell is in it, in pixels; wrong by a tenth, areas are wrong by a fifth.
    /// - Throws: `ImagingError` for a scale outside `ScaledSmear.redCellRange` or an empty image, `InferenceError`.
    public func read(image: RGBImage, redCellPixels: Double) throws -> CellReading {
        try read(image, at: .choosing(given: redCellPixels, default: redCellPixels))
    }

    /// Finds and outlines the white cells of an image, without reading them.
    /// - Throws: As `read(image:redCellPixels:)`.
    public func find(image: RGBImage, redCellPixels: Double) throws -> [FoundCell] {
        try smears(of: image, redCellPixels: redCellPixels).flatMap { try cells(in: $0).map(\.cell) }
    }

    /// Finds and reads the white cells of an image at a scale that is known already.
    /// - Throws: As `read(image:redCellPixels:)`.
    public func read(_ image: RGBImage, at scale: ImageScale) throws -> CellReading {
        var cells: [ReadCell] = []
        for part in try smears(of: image, redCellPixels: scale.redCellPixels) {
            let found = try self.cells(in: part)
            cells += try zip(found.map(\.cell), answers(found.map(\.patch))).map { read($0, answers: $1) }
        }
        let redCellArea = Double.pi / 4 * scale.redCellPixels * scale.redCellPixels
        let area = Double(image.width * image.height) / redCellArea / 100
        let summary = description.field.summary(
            cells.map { ($0.blastEvidence, Self.whiteness($0)) }, area: area)
        return CellReading(
            cells: cells, evidence: description.field.evidence(summary), differential: Differential(cells.map(\.type)),
            scale: scale, summary: summary)
    }

    /// A part of an image with the cells whose middles it answers for; a cell on a seam belongs to one part alone.
    private struct Part {
        let image: RGBImage
        /// Of the part in the image, in pixels.
        let x: Int
        let y: Int
        let core: OutlinedCell.Box
        let whole: (width: Int, height: Int)
        let redCellPixels: Double
    }

    /// Side of a part's core, in red cells, and how much of its surroundings it sees.
    private static let coreSide = 64.0
    private static let margin = 3.0

    /// An image cut so that no part takes much memory, row by row; a usual field is one part.
    private func smears(of image: RGBImage, redCellPixels: Double) throws -> [Part] {
        guard ScaledSmear.redCellRange.contains(redCellPixels), image.width > 0, image.height > 0 else {
            throw ImagingError(
                .invalidParameter,
                "red cells of \(redCellPixels) pixels in \(image.width)x\(image.height) cannot be read; they need 4 to 400"
            )
        }
        func cores(_ length: Int) -> [Range<Double>] {
            let count = max(1, Int((Double(length) / redCellPixels / Self.coreSide).rounded()))
            return (0..<count).map {
                Double(length) * Double($0) / Double(count)..<Double(length) * Double($0 + 1) / Double(count)
            }
        }
        let margin = Self.margin * redCellPixels
        func seen(_ core: Range<Double>, of length: Int) -> Range<Int> {
            max(0, Int(core.lowerBound - margin))..<min(length, Int((core.upperBound + margin).rounded(.up)))
        }
        let (rows, columns) = (cores(image.height), cores(image.width))
        return rows.flatMap { row in
            columns.map { column in
                let (across, down) = (seen(column, of: image.width), seen(row, of: image.height))
                return Part(
                    image: image.cut(columns: across, rows: down), x: across.lowerBound, y: down.lowerBound,
                    core: .init(
                        left: column.lowerBound, top: row.lowerBound, right: column.upperBound, bottom: row.upperBound),
                    whole: (image.width, image.height), redCellPixels: redCellPixels)
            }
        }
    }

    private func cells(in part: Part) throws -> [(cell: FoundCell, patch: CellPatch)] {
        let smear = try ScaledSmear(part.image, redCellPixels: part.redCellPixels)
        let answer = try finder.run(
            smear.densities().map { $0 * Self.densityGain }, count: 1, height: smear.height, width: smear.width)
        guard answer.shape.count == 4, answer.shape[1] == 1 else {
            throw CellError(
                .model, "\(CellModelDescription.finderFile) gives \(answer.shape), not one heat map")
        }
        let map = HeatMap(
            values: answer.values.map { 1 / (1 + exp(-$0)) }, width: answer.shape[3], height: answer.shape[2])
        let peaks = map.peaks(threshold: description.finder.threshold, reach: description.finder.reach)
        let scale = smear.redCellPixels / ScaledSmear.pixelsPerRedCell
        let places = peaks.map { PixelPlace(x: $0.x * scale, y: $0.y * scale) }
        return try smear.outlinedCells(at: places).compactMap { cell in
            guard cell.nucleusArea >= description.finder.minimumNucleusArea else { return nil }
            let placed = cell.placed(
                x: part.x, y: part.y, of: (part.image.width, part.image.height), in: part.whole)
            guard part.core.holds(placed.centre) else { return nil }
            return (FoundCell(outlined: placed, confidence: peaks[cell.place].value), try smear.patch(of: cell))
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
                    .model,
                    "\(CellModelDescription.readerFile) gives \(answer.shape), where \(count) answers are named")
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
            blastEvidence: description.calibration.evidence(named[.blast, default: 0]),
            embedding: CellEmbedding(found.outlined, likelihoods: CellType.answers.map { each[$0, default: 0] }))
    }

    /// For how much of a white cell a cell counts.
    private static func whiteness(_ cell: ReadCell) -> Double {
        1 - cell.typeProbabilities.reduce(0) { $0 + ($1.key.isWhiteCell ? 0 : $1.value) }
    }
}

extension OutlinedCell.Box {
    fileprivate func holds(_ place: PixelPlace) -> Bool {
        (left..<right).contains(place.x) && (top..<bottom).contains(place.y)
    }
}

/// What was read in one image.
public struct CellReading: Sendable, Equatable {
    /// The surest first; of a large image part by part.
    public let cells: [ReadCell]
    /// That there is leukaemia in the image.
    public let evidence: FieldEvidence
    public let differential: Differential
    /// The scale that it was read at.
    public let scale: ImageScale
    /// What the evidence was made of.
    public let summary: FieldModel.Summary

    /// What programs and pages show, and what a case stores.
    /// - Parameter reduction: How many pixels of the original one pixel of the image is wide.
    public func findings(reduction: Double = 1) -> CellFindings {
        let interval = evidence.interval
        return CellFindings(
            scale: .init(
                redCellPixels: scale.redCellPixels * reduction,
                micrometresPerPixel: scale.aboutMicrometresPerPixel / reduction, source: scale.source),
            found: cells.count, differential: differential,
            blastEvidence: .init(
                value: evidence.probability, low95: interval.lowerBound, high95: interval.upperBound),
            counts: summary)
    }
}
