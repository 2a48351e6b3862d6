import Imaging
import Testing

@Suite struct HeatmapOverlayTests {
    private let image = ImageFixture.textured(width: 64, height: 48)

    @Test func `viridis runs from dark violet to yellow`() throws {
        let low = try HeatmapOverlay.colored(map: [0], mapWidth: 1, mapHeight: 1, width: 4, height: 4)
        let high = try HeatmapOverlay.colored(map: [1], mapWidth: 1, mapHeight: 1, width: 4, height: 4)
        // Ends of the published viridis table: #440154 and #fde725.
        #expect(ImageFixture.difference([ImageFixture.color(low, 1, 1)], [[0x44, 0x01, 0x54]]) <= 2)
        #expect(ImageFixture.difference([ImageFixture.color(high, 1, 1)], [[0xFD, 0xE7, 0x25]]) <= 2)
    }

    @Test func `without opacity, or where the map is zero, the image shows unchanged`() throws {
        let map: [Float] = [1, 0.5, 0, 0.25]
        let none = try HeatmapOverlay.render(map: map, mapWidth: 2, mapHeight: 2, over: image, opacity: 0)
        #expect(none == image)
        let zero = try HeatmapOverlay.render(map: [0, 0, 0, 0], mapWidth: 2, mapHeight: 2, over: image, opacity: 1)
        #expect(zero == image)
    }

    @Test func `the map lies the right way up`() throws {
        let overlay = try HeatmapOverlay.render(
            map: [0, 1, 0, 0], mapWidth: 2, mapHeight: 2, over: ImageFixture.flat(width: 40, height: 40, 0, 0, 0),
            opacity: 1)
        let sums = ImageFixture.centers(overlay).map { $0.reduce(0, +) }
        #expect(sums[1] > 400)
        #expect(sums[0] < 50 && sums[2] < 50 && sums[3] < 50)
    }

    @Test(
        arguments: [([Float](), 0, 0, 0.5), ([1, 2, 3], 2, 2, 0.5), ([.nan], 1, 1, 0.5), ([1], 1, 1, 1.5)])
    func `maps that do not fit are refused`(map: [Float], width: Int, height: Int, opacity: Double) {
        let error = #expect(throws: ImagingError.self) {
            try HeatmapOverlay.render(map: map, mapWidth: width, mapHeight: height, over: image, opacity: opacity)
        }
        #expect(error?.code == .invalidParameter)
    }
}
