import Findings
import Foundation
import Imaging
import Testing

@Suite struct ScreenPatternTests {
    private static func smear(_ seed: UInt64, side: Int = 640) throws -> RGBImage {
        try DrawnSmear.draw(class: Int(seed % 4), seed: seed, side: side)
    }

    /// The smear as through the dots of a screen: stripes of a share of the light, turned and so many pixels wide.
    private static func onScreen(_ image: RGBImage, depth: Double, width: Double, degrees: Double) -> RGBImage {
        let angle = degrees * .pi / 180
        var pixels = image.pixels
        for y in 0..<image.height {
            for x in 0..<image.width {
                let wave = sin(2 * .pi * (Double(x) * cos(angle) + Double(y) * sin(angle)) / width)
                for place in (y * image.width + x) * 3..<(y * image.width + x) * 3 + 3 {
                    pixels[place] = UInt8(Double(pixels[place]) * (1 - depth * (0.5 + 0.5 * wave)))
                }
            }
        }
        return RGBImage(width: image.width, height: image.height, pixels: pixels)
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `drawn smears have none, also compressed and enlarged`(seed: UInt64) throws {
        let image = try Self.smear(seed)
        let compressed = try ImageDecoder.decode(ImageEncoder.jpeg(image, quality: 40))
        for picture in [image, compressed, try image.resized(width: 1500, height: 1500)] {
            let strength = try #require(try ScreenPattern.strength(of: picture))
            #expect(strength < DecisionFacts.greatestPattern - 0.3)
        }
    }

    @Test(arguments: [(0.15, 3.1, 8.0), (0.15, 5.3, 40), (0.2, 12, 75), (0.3, 2.4, 20)])
    func `the stripes of a screen stand out, also compressed`(depth: Double, width: Double, degrees: Double) throws {
        let photograph = Self.onScreen(try Self.smear(9), depth: depth, width: width, degrees: degrees)
        let compressed = try ImageDecoder.decode(ImageEncoder.jpeg(photograph, quality: 85))
        for picture in [photograph, compressed] {
            let strength = try #require(try ScreenPattern.strength(of: picture))
            #expect(strength > DecisionFacts.greatestPattern + 0.3)
        }
    }

    @Test func `in a small picture nothing can be told, and of a flat one there is none`() throws {
        #expect(try ScreenPattern.strength(of: Self.smear(1, side: 224)) == nil)
        let flat = RGBImage(width: 500, height: 400, pixels: [UInt8](repeating: 200, count: 500 * 400 * 3))
        #expect(try #require(try ScreenPattern.strength(of: flat)) < 0.1)
    }
}
