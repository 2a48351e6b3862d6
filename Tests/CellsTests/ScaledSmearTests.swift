import Foundation
import Imaging
import Testing

@Suite("Outlines at a known scale")
struct ScaledSmearTests {
    @Test(arguments: [12.0, 18, 30])
    func `measures the nuclei that were drawn within a fifth of their area`(_ redCellPixels: Double) throws {
        var ratios: [Double] = []
        for seed in 0..<6 as Range<UInt64> {
            let field = try DrawnField.draw(
                [.blast, .lymphocyte, .blast], seed: 300 + seed, redCellPixels: redCellPixels,
                side: Int(redCellPixels * 12))
            let smear = try ScaledSmear(field.image, redCellPixels: redCellPixels)
            for cell in try smear.outlinedCells(at: field.cells.map(\.middle)) {
                let radius = field.cells[cell.place].nucleusRadius
                ratios.append(cell.nucleusArea / (radius * radius))
            }
        }
        try #require(ratios.count >= 12)
        let middle = ratios.sorted()[ratios.count / 2]
        #expect((0.8...1.25).contains(middle), "\(middle)")
    }

    @Test
    func `parts two cells that touch`() throws {
        let cells = [90.0, 90 + 1.9 * 1.4 * 9 * 1.1].map {
            DrawnCells.Cell(kind: .blast, middle: PixelPlace(x: $0, y: 110), nucleusRadius: 1.4)
        }
        let field = try DrawnCells(cells, redCellPixels: 18, seed: 12)
        let smear = try ScaledSmear(field.image, redCellPixels: 18)
        let outlined = try smear.outlinedCells(at: cells.map(\.middle))
        try #require(outlined.count == 2)
        let ratio = outlined[0].nucleusArea / outlined[1].nucleusArea
        #expect((0.6...1.7).contains(ratio))
        #expect(outlined[0].box.overlap(with: outlined[1].box) < 0.3)
    }

    @Test
    func `gives no cell where there is no nucleus, and none for no places`() throws {
        let field = try DrawnCells([], redCellPixels: 18, seed: 3)
        let smear = try ScaledSmear(field.image, redCellPixels: 18)
        #expect(try smear.outlinedCells(at: []).isEmpty)
    }

    @Test
    func `gives crops of values within their range`() throws {
        let field = try DrawnField.draw([.neutrophil], seed: 5)
        let smear = try ScaledSmear(field.image, redCellPixels: field.redCellPixels)
        let cell = try #require(try smear.outlinedCells(at: field.cells.map(\.middle)).first)
        let crop = try smear.patch(of: cell).crop()
        #expect(crop.count == CellPatch.cropCount)
        #expect(crop.allSatisfy { (0...2.5).contains($0) })
        let places = crop[(CellPatch.cropSide * CellPatch.cropSide)...]
        #expect(places.contains(1) && places.contains(0))
    }

    @Test
    func `draws a cell larger when it is magnified`() throws {
        let field = try DrawnField.draw([.lymphocyte], seed: 6)
        let smear = try ScaledSmear(field.image, redCellPixels: field.redCellPixels)
        let cell = try #require(try smear.outlinedCells(at: field.cells.map(\.middle)).first)
        let patch = try smear.patch(of: cell)
        var larger = CellPatch.Variation()
        larger.magnification = 1.4
        func covered(_ crop: [Float]) -> Int {
            crop[(CellPatch.cropSide * CellPatch.cropSide)...].count { $0 > 0.75 }
        }
        let ratio = Double(covered(try patch.crop(larger))) / Double(covered(try patch.crop()))
        #expect((1.7...2.2).contains(ratio), "\(ratio)")
    }
}
