import Imaging
import Testing

@Suite("Nucleus segmentation")
struct NucleusSegmentationTests {
    /// Pale background with purple discs at the given centres and radii.
    private func field(_ discs: [(x: Int, y: Int, radius: Int)]) -> RGBImage {
        var image = ImageFixture.flat(width: 160, height: 120, 235, 230, 240)
        for y in 0..<120 {
            for x in 0..<160 {
                let isInside = discs.contains {
                    ($0.x - x) * ($0.x - x) + ($0.y - y) * ($0.y - y) <= $0.radius * $0.radius
                }
                if isInside {
                    image.pixels.replaceSubrange(((y * 160 + x) * 3)..<((y * 160 + x) * 3 + 3), with: [90, 40, 150])
                }
            }
        }
        return image
    }

    @Test("Discs are found with their place, area and roundness, largest first")
    func discs() throws {
        let found = try NucleusSegmentation.find(in: field([(40, 40, 12), (110, 70, 20)]))
        #expect(found.nuclei.count == 2)
        for (nucleus, expected) in zip(found.nuclei, [(110.0, 70.0, 20.0), (40.0, 40.0, 12.0)]) {
            let area = Double.pi * expected.2 * expected.2
            #expect(abs(nucleus.centerX - expected.0) < 1)
            #expect(abs(nucleus.centerY - expected.1) < 1)
            #expect(abs(nucleus.area - area) < area * 0.15)
            #expect(nucleus.roundness > 0.8)
        }
        #expect(found.mask.count == 160 * 120)
        #expect(found.mask[70 * 160 + 110] == 255)
        #expect(found.mask[0] == 0)
        #expect(abs(found.coveredFraction - 0.0890) < 0.01)
    }

    @Test("An empty field and a grey picture hold no nuclei")
    func nothing() throws {
        #expect(try NucleusSegmentation.find(in: field([])).nuclei.isEmpty)
        #expect(try NucleusSegmentation.find(in: ImageFixture.flat(width: 50, height: 50, 90, 90, 90)).nuclei.isEmpty)
    }

    @Test("Specks under the smallest share are left out")
    func specks() throws {
        let image = field([(40, 40, 12), (120, 30, 4)])
        #expect(try NucleusSegmentation.find(in: image, minimumFraction: 0.01).nuclei.count == 1)
        #expect(try NucleusSegmentation.find(in: image, minimumFraction: 0).nuclei.count == 2)
    }
}
