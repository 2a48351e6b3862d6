import Foundation
import Imaging

/// The drawn scene of `Scripts/make_image_fixtures.py`: 48 by 40 pixels, one colour a quadrant.
enum ImageFixture {
    static let width = 48
    static let height = 40
    /// Upper left, upper right, lower left, lower right.
    static let quadrants: [[Int]] = [[200, 30, 30], [30, 160, 40], [40, 50, 190], [220, 210, 40]]

    static func bytes(_ name: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return [UInt8](try Data(contentsOf: folder.appending(path: "Fixtures/images/\(name)")))
    }

    /// The colours in the middle of the four quadrants of `image`.
    static func centers(_ image: RGBImage) -> [[Int]] {
        [(1, 1), (3, 1), (1, 3), (3, 3)].map { color(image, image.width * $0 / 4, image.height * $1 / 4) }
    }

    static func color(_ image: RGBImage, _ x: Int, _ y: Int) -> [Int] {
        let start = (y * image.width + x) * 3
        return image.pixels[start..<(start + 3)].map(Int.init)
    }

    /// Largest difference in any channel of any quadrant.
    static func difference(_ first: [[Int]], _ second: [[Int]]) -> Int {
        zip(first, second).flatMap { zip($0, $1).map { abs($0 - $1) } }.max() ?? Int.max
    }

    /// A picture with gradients and edges, the same for the same size.
    static func textured(width: Int, height: Int) -> RGBImage {
        var pixels: [UInt8] = []
        pixels.reserveCapacity(width * height * 3)
        for y in 0..<height {
            for x in 0..<width {
                let isCell = (x / 13 + y / 11) % 3 == 0
                pixels += [UInt8((x * 5) % 256), UInt8((y * 3) % 256), isCell ? 180 : 240]
            }
        }
        return RGBImage(width: width, height: height, pixels: pixels)
    }

    static func flat(width: Int, height: Int, _ red: UInt8, _ green: UInt8, _ blue: UInt8) -> RGBImage {
        let pixels = [[UInt8]](repeating: [red, green, blue], count: width * height).flatMap { $0 }
        return RGBImage(width: width, height: height, pixels: pixels)
    }
}
