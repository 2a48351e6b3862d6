import Foundation
import Imaging
import Testing

@Suite struct NucleusMaskTests {
    /// Dark purple discs on glass, at the given places and radii.
    private func field(_ discs: [(x: Double, y: Double, radius: Double)]) -> RGBImage {
        var image = ImageFixture.flat(width: 400, height: 300, 236, 230, 222)
        for y in 0..<300 {
            for x in 0..<400
            where discs.contains(where: { hypot(Double(x) + 0.5 - $0.x, Double(y) + 0.5 - $0.y) <= $0.radius }) {
                image.pixels.replaceSubrange(((y * 400 + x) * 3)..<((y * 400 + x) * 3 + 3), with: [88, 48, 150])
            }
        }
        return image
    }

    @Test func `covers the nuclei and nothing else, at any size`() throws {
        let discs = [(x: 100.0, y: 120.0, radius: 30.0), (x: 280.0, y: 180.0, radius: 36.0)]
        let cells = try CellSegmentation.find(in: field(discs))
        try #require(cells.cells.count == 2)
        for (width, height) in [(400, 300), (80, 60), (37, 91)] {
            let mask = cells.nucleusMask(width: width, height: height)
            #expect(mask.count == width * height)
            let area = discs.reduce(0) { $0 + .pi * $1.radius * $1.radius } / (400 * 300)
            let covered = Double(mask.count { $0 }) / Double(width * height)
            #expect(abs(covered / area - 1) < 0.06, "\(width) × \(height): \(covered) instead of \(area)")
            for y in 0..<height {
                for x in 0..<width where mask[y * width + x] {
                    let place = ((Double(x) + 0.5) * 400 / Double(width), (Double(y) + 0.5) * 300 / Double(height))
                    #expect(discs.contains { hypot(place.0 - $0.x, place.1 - $0.y) < $0.radius + 3 })
                }
            }
        }
    }

    @Test func `a field without cells has an empty mask`() throws {
        let mask = try CellSegmentation.find(in: field([])).nucleusMask(width: 20, height: 10)
        #expect(mask == [Bool](repeating: false, count: 200))
    }
}
