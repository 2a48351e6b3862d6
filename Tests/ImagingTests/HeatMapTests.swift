import Imaging
import Testing

@Suite struct HeatMapTests {
    /// Seven by seven cells that rise and fall.
    private let map: [Float] = (0..<49).map { index in
        let (x, y) = (Float(index % 7) - 4, Float(index / 7) - 2)
        return max(0, 1 - (x * x + y * y) / 14)
    }

    private func drawn(_ values: [Float], _ width: Int, _ height: Int) throws -> RGBImage {
        try HeatmapOverlay.colored(map: values, mapWidth: width, mapHeight: height, width: 448, height: 448)
    }

    @Test func `drawn from the small file, a map looks as drawn from its cells`() throws {
        let file = try HeatMap(map, width: 7, height: 7).png()
        #expect(file.count < 3000)
        let small = try HeatMap(png: file)
        #expect(small.width == 56 && small.height == 56)
        #expect(small == (try HeatMap(map, width: 7, height: 7)))
        let (one, other) = (try drawn(small.values, 56, 56), try drawn(map, 7, 7))
        let differences = zip(one.pixels, other.pixels).map { abs(Int($0) - Int($1)) }
        #expect((differences.max() ?? 255) <= 12)
        #expect(Double(differences.reduce(0, +)) / Double(differences.count) < 1)
    }

    @Test(arguments: [(7, 7, 56, 56), (1, 1, 8, 8), (140, 70, 256, 128), (500, 1, 256, 1)])
    func `the file has eight pixels a cell, and its longer side at most 256`(
        width: Int, height: Int, pixelsAcross: Int, pixelsDown: Int
    ) throws {
        let map = try HeatMap(
            [Float](repeating: 0.5, count: width * height), width: width, height: height)
        #expect(map.width == pixelsAcross && map.height == pixelsDown)
        #expect(Set(map.levels) == [127] || Set(map.levels) == [128])
    }

    @Test func `a map that was kept in colour is read back`() throws {
        let colored = try drawn(map, 7, 7)
        let read = try HeatMap(coloredPNG: ImageEncoder.png(colored, level: 3))
        #expect(read.width == 256 && read.height == 256)
        let again = try drawn(read.values, read.width, read.height)
        let differences = zip(again.pixels, colored.pixels).map { abs(Int($0) - Int($1)) }
        #expect((differences.max() ?? 255) <= 12)
        #expect(Double(differences.reduce(0, +)) / Double(differences.count) < 1)
    }

    @Test func `a picture in other colours is no map`() throws {
        let file = try ImageEncoder.png(ImageFixture.textured(width: 64, height: 48))
        let error = #expect(throws: ImagingError.self) { try HeatMap(coloredPNG: file) }
        #expect(error?.code == .corrupt)
    }

    @Test(arguments: [([Float](), 0, 0), ([1, 2, 3], 2, 2), ([.nan], 1, 1)])
    func `maps that do not fit are refused`(map: [Float], width: Int, height: Int) {
        let error = #expect(throws: ImagingError.self) { try HeatMap(map, width: width, height: height) }
        #expect(error?.code == .invalidParameter)
    }
}
