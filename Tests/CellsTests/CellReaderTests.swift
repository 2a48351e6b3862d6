import Cells
import Findings
import Foundation
import Imaging
import Testing

@Suite("Cell reader, trained on drawn smears")
struct CellReaderTests {
    let reader: CellReader

    init() throws { reader = try CellReader(folder: DrawnModel.folder.get()) }

    @Test
    func `finds the cells that were drawn, and little else`() throws {
        var (hits, found, drawn) = (0, 0, 0)
        for field in try DrawnField.fields(12, firstSeed: 9000) {
            let cells = try reader.find(image: field.image, redCellPixels: field.redCellPixels)
            found += cells.count
            drawn += field.cells.count
            hits += field.cells.count { cell in
                let box = cell.box(side: field.image.width)
                return cells.contains { $0.box.overlap(with: box) >= 0.3 }
            }
        }
        #expect(Double(hits) >= 0.85 * Double(drawn), "\(hits) of \(drawn)")
        #expect(Double(hits) >= 0.75 * Double(found), "\(hits) of \(found) found")
    }

    @Test
    func `gives blasts more evidence than normal cells, and fields with blasts more than fields without`() throws {
        var (blasts, normals): ([Double], [Double]) = ([], [])
        var (malignant, healthy): ([Double], [Double]) = ([], [])
        for field in try DrawnField.fields(16, firstSeed: 5000) {
            let reading = try reader.read(image: field.image, redCellPixels: field.redCellPixels)
            for cell in reading.cells {
                let nearest = field.cells.min {
                    $0.distance(to: cell.found.centre) < $1.distance(to: cell.found.centre)
                }
                guard let nearest, nearest.distance(to: cell.found.centre) < field.redCellPixels else { continue }
                if nearest.kind == .blast {
                    blasts.append(cell.blastEvidence)
                } else {
                    normals.append(cell.blastEvidence)
                }
            }
            if field.cells.contains(where: { $0.kind == .blast }) {
                malignant.append(reading.evidence.logOdds)
            } else {
                healthy.append(reading.evidence.logOdds)
            }
        }
        #expect(Self.area(blasts, normals) > 0.85)
        #expect(Self.area(malignant, healthy) > 0.9)
    }

    @Test(arguments: [71, 72, 73])
    func `finds a cell that was cut out and laid on black, and takes its size for the ruler`(seed: UInt64) throws {
        let field = try DrawnField.draw([.lymphocyte], seed: seed, redCellPixels: 40, side: 320)
        let drawn = try #require(field.cells.first)
        let box = drawn.box(side: field.image.width)
        let radius = 1.05 * max(box.right - box.left, box.bottom - box.top) / 2
        var image = field.image
        for place in 0..<image.width * image.height {
            let (x, y) = (Double(place % image.width), Double(place / image.width))
            guard hypot(x - drawn.middle.x, y - drawn.middle.y) > radius else { continue }
            // As JPEG leaves it, not quite black.
            for channel in 0..<3 { image.pixels[3 * place + channel] = UInt8(place % 4) }
        }
        let reading = try reader.read(image, redCellsAcross: 12)
        #expect(reading.cells.count == 1)
        #expect(reading.scale.source == .unknown)
        #expect((26...60).contains(reading.scale.redCellPixels), "\(reading.scale.redCellPixels)")
        #expect(CutOutCell(field.image) == nil)
    }

    @Test
    func `takes the scale of other images only where an image tells none of its own`() throws {
        let pooled = try #require(PooledScale.pool([30, 31, 30.5]))
        let blank = RGBImage(width: 200, height: 200, pixels: [UInt8](repeating: 230, count: 200 * 200 * 3))
        let told = try CellReader.scaled(blank, pooled: pooled, redCellsAcross: 12).scale
        #expect(told.source == .measured && told.redCellPixels == 30.5)
        #expect(try CellReader.scaled(blank, redCellsAcross: 12).scale.source == .unknown)
        let smear = try DrawnSmear.draw(class: 0, seed: 3)
        let own = try CellReader.scaled(smear, redCellsAcross: 12).scale
        try #require(own.source == .measured)
        #expect(try CellReader.scaled(smear, pooled: pooled, redCellsAcross: 12).scale == own)
    }

    @Test
    func `answers the same for an image and its mirror image`() throws {
        let field = try DrawnField.draw([.blast, .neutrophil, .lymphocyte], seed: 71)
        let patches = try patches(field)
        let answers = try reader.answers(patches)
        var mirrored = field.image
        for row in 0..<mirrored.height {
            for column in 0..<mirrored.width {
                for channel in 0..<3 {
                    let from = (row * mirrored.width + mirrored.width - 1 - column) * 3 + channel
                    mirrored.pixels[(row * mirrored.width + column) * 3 + channel] = field.image.pixels[from]
                }
            }
        }
        let places = field.cells.map { PixelPlace(x: Double(mirrored.width) - $0.middle.x, y: $0.middle.y) }
        let smear = try ScaledSmear(mirrored, redCellPixels: field.redCellPixels)
        let others = try reader.answers(smear.outlinedCells(at: places).map { try smear.patch(of: $0) })
        try #require(answers.count == others.count && !answers.isEmpty)
        for (one, other) in zip(answers, others) { #expect(abs(one[0] - other[0]) < 0.7) }
    }

    @Test
    func `counts in the differential the white cells that it reads, and rests the evidence on them`() throws {
        for field in try DrawnField.fields(2, firstSeed: 800) + [DrawnCells([], redCellPixels: 18, seed: 4)] {
            let reading = try reader.read(image: field.image, redCellPixels: field.redCellPixels)
            let white = reading.cells.count { $0.type.isWhiteCell }
            #expect(reading.differential.total == white)
            #expect(abs(reading.summary.cells - Double(white)) <= 0.5 * Double(reading.cells.count))
            #expect(reading.evidence.lower <= reading.evidence.logOdds)
            #expect(reading.evidence.logOdds <= reading.evidence.upper)
        }
    }

    @Test(arguments: [0.0, -3, 3.9, 401, .nan, .infinity])
    func `refuses a scale at which no cell could be read`(_ pixels: Double) throws {
        let field = try DrawnCells([], redCellPixels: 18, seed: 4)
        #expect(throws: ImagingError.self) { try reader.read(image: field.image, redCellPixels: pixels) }
    }

    private func patches(_ field: DrawnCells) throws -> [CellPatch] {
        let smear = try ScaledSmear(field.image, redCellPixels: field.redCellPixels)
        return try smear.outlinedCells(at: field.cells.map(\.middle)).map { try smear.patch(of: $0) }
    }

    /// Area under the ROC curve by counting pairs.
    static func area(_ positives: [Double], _ negatives: [Double]) -> Double {
        let wins = positives.reduce(0.0) { sum, positive in
            sum + negatives.reduce(0.0) { $0 + (positive > $1 ? 1 : positive == $1 ? 0.5 : 0) }
        }
        return wins / Double(max(1, positives.count * negatives.count))
    }
}

extension DrawnCells.Cell {
    fileprivate func distance(to place: PixelPlace) -> Double { hypot(middle.x - place.x, middle.y - place.y) }
}
