import Foundation
import Imaging
import Randomness
import Testing

@Suite struct CellSegmentationTests {
    /// A cell: a dark purple disc in a pale blue-violet one, radii in pixels.
    private struct Disc {
        let x: Double
        let y: Double
        let nucleus: Double
        var cell = 0.0
    }

    private static let glass: [UInt8] = [236, 230, 222]
    private static let redCell: [UInt8] = [212, 158, 152]

    private func field(width: Int = 640, height: Int = 480, red: [Disc] = [], _ cells: [Disc]) -> RGBImage {
        var image = ImageFixture.flat(
            width: width, height: height, Self.glass[0], Self.glass[1], Self.glass[2])
        func paint(_ disc: Disc, _ radius: Double, _ colour: [UInt8]) {
            for y in max(0, Int(disc.y - radius))..<min(height, Int(disc.y + radius) + 2) {
                for x in max(0, Int(disc.x - radius))..<min(width, Int(disc.x + radius) + 2)
                where hypot(Double(x) - disc.x, Double(y) - disc.y) <= radius {
                    image.pixels.replaceSubrange(((y * width + x) * 3)..<((y * width + x) * 3 + 3), with: colour)
                }
            }
        }
        for disc in red { paint(disc, disc.nucleus, Self.redCell) }
        for disc in cells { paint(disc, disc.cell, [176, 160, 214]) }
        for disc in cells { paint(disc, disc.nucleus, [88, 48, 150]) }
        return image
    }

    @Test func `circles are found with their place, area, roundness and share of the cell`() throws {
        let cells = [Disc(x: 160, y: 130, nucleus: 40, cell: 56), Disc(x: 430, y: 300, nucleus: 30, cell: 45)]
        let red = [
            Disc(x: 320, y: 90, nucleus: 35), Disc(x: 90, y: 380, nucleus: 35), Disc(x: 560, y: 90, nucleus: 35),
        ]
        let found = try CellSegmentation.find(in: field(red: red, cells))
        try #require(found.cells.count == 2)
        for (cell, disc) in zip(found.cells, cells) {
            #expect(abs(cell.center.x * 640 - disc.x) < 2)
            #expect(abs(cell.center.y * 480 - disc.y) < 2)
            let nucleus = Double.pi * disc.nucleus * disc.nucleus
            let whole = Double.pi * disc.cell * disc.cell
            #expect(abs(cell.nucleusArea - nucleus) < 0.1 * nucleus)
            #expect(abs(cell.cellArea - whole) < 0.12 * whole)
            #expect(abs(cell.nucleusToCytoplasm - nucleus / whole) < 0.08)
            #expect(cell.roundness > 0.95)
            #expect(!cell.isClump && !cell.touchesEdge)
        }
    }

    @Test func `an ellipse is less round, as its axes say`() throws {
        // Ramanujan 1914: the perimeter of an ellipse of half axes 60 and 30 is 290.7; 4πA/P² is 0.841.
        var image = field([])
        for y in 0..<480 {
            for x in 0..<640 {
                let (dx, dy) = (Double(x - 320) / 60, Double(y - 240) / 30)
                guard dx * dx + dy * dy <= 1 else { continue }
                image.pixels.replaceSubrange(((y * 640 + x) * 3)..<((y * 640 + x) * 3 + 3), with: [88, 48, 150])
            }
        }
        let cell = try #require(try CellSegmentation.find(in: image).cells.first)
        #expect(abs(cell.roundness - 0.841) < 0.04)
        #expect(cell.nucleusToCytoplasm > 0.85)
    }

    @Test func `areas belong to the image given, whatever its size`() throws {
        let large = Disc(x: 1200, y: 900, nucleus: 160, cell: 220)
        let small = Disc(x: 120, y: 90, nucleus: 16, cell: 22)
        let first = try #require(
            try CellSegmentation.find(in: field(width: 2400, height: 1800, [large])).cells.first)
        let second = try #require(try CellSegmentation.find(in: field(width: 240, height: 180, [small])).cells.first)
        #expect(abs(first.nucleusArea / second.nucleusArea - 100) < 12)
        #expect(abs(first.roundness - second.roundness) < 0.05)
    }

    @Test func `two touching nuclei are divided and said to touch`() throws {
        let pair = [Disc(x: 250, y: 240, nucleus: 45), Disc(x: 332, y: 240, nucleus: 45)]
        let found = try CellSegmentation.find(in: field(pair))
        #expect(found.cells.map(\.isClump) == [true, true])
    }

    @Test func `a heap of many nuclei is said to be one`() throws {
        let heap = (0..<40).map { index in
            Disc(x: 350 + 130 * cos(Double(index) * 2.4), y: 200 + 90 * sin(Double(index) * 1.7), nucleus: 50)
        }
        let single = [40.0, 160, 600].map { Disc(x: $0, y: 420, nucleus: 32) }
        let found = try CellSegmentation.find(in: field(heap + single))
        #expect(found.cells.first?.isClump == true)
    }

    @Test func `red cells, grey pictures and empty fields hold no nuclei`() throws {
        let red = (0..<30).map { Disc(x: Double($0 % 6) * 100 + 60, y: Double($0 / 6) * 90 + 50, nucleus: 35) }
        #expect(try CellSegmentation.find(in: field([])).cells.isEmpty)
        #expect(try CellSegmentation.find(in: field(red: red, [])).cells.isEmpty)
        for grey: UInt8 in [0, 90, 255] {
            let image = ImageFixture.flat(width: 50, height: 50, grey, grey, grey)
            #expect(try CellSegmentation.find(in: image).cells.isEmpty)
        }
    }

    @Test func `a cell at the edge is said to be cut`() throws {
        let found = try CellSegmentation.find(in: field([Disc(x: 0, y: 240, nucleus: 40, cell: 50)]))
        #expect(found.cells.map(\.touchesEdge) == [true])
    }

    @Test(arguments: [(1, 1), (32, 32), (1, 900), (3000, 40), (8000, 7500)])
    func `noise of any size gives bounded answers`(_ width: Int, _ height: Int) throws {
        var generator = SplitMix64(seed: 5)
        let row = (0..<4099).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        var pixels = [UInt8](repeating: 0, count: width * height * 3)
        for index in pixels.indices { pixels[index] = row[(index &+ index / 9973) % row.count] }
        let found = try CellSegmentation.find(in: RGBImage(width: width, height: height, pixels: pixels), maximum: 50)
        #expect(found.cells.count <= 62)
        for cell in found.cells {
            #expect(cell.nucleusArea <= cell.cellArea && cell.cellArea <= 1.2 * Double(width * height))
            #expect((0...1).contains(cell.roundness) && (0...1).contains(cell.nucleusToCytoplasm))
        }
    }

    @Test func `outlines are drawn on a picture of another size`() throws {
        let found = try CellSegmentation.find(in: field([Disc(x: 320, y: 240, nucleus: 60, cell: 90)]))
        let picture = ImageFixture.flat(width: 320, height: 240, 200, 200, 200)
        let drawn = try found.drawn(over: picture)
        #expect(drawn != picture)
        // On the nucleus's edge, to its right: the solid line.
        let edge = drawn.pixels[((120 * 320 + 190) * 3)...].prefix(3)
        #expect(Array(edge) != [200, 200, 200])
        #expect(try found.drawn(over: picture, maximum: 0) == picture)
    }

    @Test func `an empty image and a maximum out of range are refused`() throws {
        #expect(throws: ImagingError.self) {
            try CellSegmentation.find(in: RGBImage(width: 0, height: 0, pixels: []))
        }
        #expect(throws: ImagingError.self) { try CellSegmentation.find(in: field([]), maximum: 0) }
    }
}
