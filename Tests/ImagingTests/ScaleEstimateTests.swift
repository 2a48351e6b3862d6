import Foundation
import Imaging
import Testing

@Suite struct ScaleEstimateTests {
    @Test(arguments: [12.0, 16, 21, 33, 47, 70, 100, 150]) func `finds the size of discs from 12 to 150 pixels`(
        diameter: Double
    ) throws {
        let side = max(160, Int(6.2 * diameter))
        let image = ScaleFixture.discs(width: side, height: side * 3 / 4, diameter: diameter)
        let estimate = try ScaleEstimate.measure(image)
        let edge = try #require(estimate.edgePixels, "\(String(describing: estimate.refusal))")
        #expect(abs(edge / diameter - 1) < 0.06, "\(edge) for \(diameter)")
    }

    @Test(arguments: [160, 224, 320, 448, 640]) func `finds the size of drawn red cells at several sides`(side: Int)
        throws
    {
        var errors: [Double] = []
        for label in 0..<4 {
            for seed in 1...4 {
                let (image, truth) = try DrawnSmear.drawMeasured(class: label, seed: UInt64(seed), side: side)
                guard let truth, let edge = try ScaleEstimate.measure(image).edgePixels else { continue }
                errors.append(abs(edge / truth - 1))
            }
        }
        // Some drawings are dense or faint and are refused.
        try #require(errors.count >= 12)
        #expect(errors.sorted()[errors.count / 2] < 0.06)
        #expect(errors.count { $0 > 0.15 } <= 1, "\(errors)")
    }

    @Test(arguments: [0.8, 0.9, 1.1, 1.2]) func `follows red cells that are larger or smaller, while white cells stay`(
        scale: Double
    ) throws {
        var ratios: [Double] = []
        for seed in 1...12 {
            let usual = try DrawnSmear.drawMeasured(class: 2, seed: UInt64(seed))
            let changed = try DrawnSmear.drawMeasured(class: 2, seed: UInt64(seed), redCellScale: scale)
            guard let first = try ScaleEstimate.measure(usual.image).redCellPixels,
                let second = try ScaleEstimate.measure(changed.image).redCellPixels
            else { continue }
            ratios.append(second / first)
        }
        try #require(ratios.count >= 6)
        #expect(abs(ratios.sorted()[ratios.count / 2] / scale - 1) < 0.06, "\(ratios)")
    }

    @Test func `as many red cells lie across a drawing as it says`() throws {
        let across = try (0..<40).flatMap { seed in
            try (0..<4).compactMap { label in
                try DrawnSmear.drawMeasured(class: label, seed: UInt64(seed)).redCellEdgePixels
                    .map { 224 / ($0 * RedCell.boxPerEdge) }
            }
        }.sorted()
        try #require(across.count >= 120)
        #expect(abs(across[across.count / 2] - DrawnSmear.redCellsAcross) < 0.5, "\(across[across.count / 2])")
    }

    @Test func `finds small cells in a photograph of two megapixels by looking at parts of it`() throws {
        let fields = try (1...36).map { try DrawnSmear.drawMeasured(class: $0 % 4, seed: 3, side: 224) }
        let image = ScaleFixture.mosaic(fields.map(\.image), columns: 6)
        let truth = fields.compactMap(\.redCellEdgePixels).sorted()[18]
        let estimate = try ScaleEstimate.measure(image)
        let edge = try #require(estimate.edgePixels, "\(String(describing: estimate.refusal))")
        #expect(abs(edge / truth - 1) < 0.12, "\(edge) for \(truth)")
        #expect(estimate.width == 1344 && estimate.height == 1344)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6]) func `gives every turn and mirror image the same estimate to the bit`(
        seed: Int
    ) throws {
        let square = try DrawnSmear.draw(class: seed % 4, seed: UInt64(seed), side: 200 + 13 * seed)
        let oblong = ScaleFixture.discs(width: 331, height: 240, diameter: 11 + 7 * Double(seed), seed: UInt64(seed))
        for image in [square, oblong] {
            let all = try ScaleFixture.symmetries(image).map { try ScaleEstimate.measure($0) }
            for other in all {
                #expect(other.redCellPixels == all[0].redCellPixels)
                #expect(other.refusal == all[0].refusal)
                #expect(other.outlines == all[0].outlines && other.discs == all[0].discs)
            }
        }
    }

    @Test func `refuses a blank image`() throws {
        let estimate = try ScaleEstimate.measure(ImageFixture.flat(width: 300, height: 200, 230, 228, 220))
        #expect(estimate.redCellPixels == nil)
        #expect(estimate.refusal == .noCells)
    }

    @Test func `refuses an empty field with two specks`() throws {
        var image = ImageFixture.flat(width: 300, height: 200, 236, 232, 226)
        ScaleFixture.paint(&image, x: 80, y: 60, radius: 9, [205, 150, 150])
        ScaleFixture.paint(&image, x: 200, y: 140, radius: 9, [205, 150, 150])
        let estimate = try ScaleEstimate.measure(image)
        #expect(estimate.refusal == .fewRedCells(outlines: 2, discs: 2))
    }

    @Test func `refuses one huge nucleus`() throws {
        var image = ImageFixture.flat(width: 300, height: 300, 236, 232, 226)
        ScaleFixture.paint(&image, x: 150, y: 150, radius: 110, [90, 50, 150])
        let estimate = try ScaleEstimate.measure(image)
        #expect(estimate.redCellPixels == nil)
        #expect(estimate.refusal?.kind == "mostlyWhiteCells", "\(String(describing: estimate.refusal))")
    }

    @Test func `refuses a field in which only white cells are seen`() throws {
        let image = ScaleFixture.discs(width: 400, height: 300, diameter: 40, colour: [110, 70, 165])
        let estimate = try ScaleEstimate.measure(image)
        #expect(estimate.redCellPixels == nil)
        #expect(estimate.refusal?.kind == "mostlyWhiteCells", "\(String(describing: estimate.refusal))")
    }

    @Test func `keeps to the red cells where white ones are as many and nearly twice as large`() throws {
        var image = ScaleFixture.discs(width: 480, height: 360, diameter: 26)
        for row in 0..<4 {
            for column in 0..<6 {
                let (x, y) = (40 + 80 * Double(column), 45 + 90 * Double(row))
                ScaleFixture.paint(&image, x: x, y: y, radius: 23, [236, 232, 226])
                ScaleFixture.paint(&image, x: x, y: y, radius: 22, [120, 80, 170])
            }
        }
        let edge = try #require(try ScaleEstimate.measure(image).edgePixels)
        #expect(abs(edge / 26 - 1) < 0.1, "\(edge)")
    }

    @Test(arguments: [0, 1, 2, 4, 7], [UInt64(1), 2, 3]) func `refuses textures without cells`(reach: Int, seed: UInt64)
        throws
    {
        let image = ScaleFixture.noise(width: 240, height: 200, reach: reach, seed: seed)
        let estimate = try ScaleEstimate.measure(image)
        #expect(estimate.redCellPixels == nil, "\(estimate)")
    }

    @Test func `refuses an image that is empty`() {
        #expect(throws: ImagingError.self) {
            try ScaleEstimate.measure(RGBImage(width: 0, height: 0, pixels: []))
        }
    }

    @Test(arguments: [1, 2, 13, 14, 31]) func `measures images of a few pixels without failing`(side: Int) throws {
        let image = ImageFixture.textured(width: side, height: side)
        #expect(try ScaleEstimate.measure(image).redCellPixels == nil)
    }
}
