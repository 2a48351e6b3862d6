import Foundation
import Imaging
import Randomness

/// Images whose red cells have a known size, and images that have none.
enum ScaleFixture {
    static let glass: [UInt8] = [236, 232, 226]

    /// Discs of `diameters` pixels with a pale middle in a grid, pushed about by the seed, none touching another.
    static func discs(
        width: Int, height: Int, diameter: Double, colour: [Double] = [212, 150, 146], seed: UInt64 = 1
    ) -> RGBImage {
        var image = ImageFixture.flat(width: width, height: height, glass[0], glass[1], glass[2])
        var random = SplitMix64(seed: seed)
        let step = 1.5 * diameter
        for row in 0..<Int(Double(height) / step) {
            for column in 0..<Int(Double(width) / step) {
                let x = (Double(column) + 0.5) * step + (random.nextUnit() - 0.5) * 0.4 * diameter
                let y = (Double(row) + 0.5) * step + (random.nextUnit() - 0.5) * 0.4 * diameter
                paint(&image, x: x, y: y, radius: diameter / 2 * (0.94 + 0.12 * random.nextUnit()), colour)
            }
        }
        return image
    }

    /// A disc with an edge of a pixel, half as dense in its middle.
    static func paint(_ image: inout RGBImage, x: Double, y: Double, radius: Double, _ colour: [Double]) {
        for row in max(0, Int(y - radius) - 1)...min(image.height - 1, max(0, Int(y + radius) + 1)) {
            for column in max(0, Int(x - radius) - 1)...min(image.width - 1, max(0, Int(x + radius) + 1)) {
                let distance = hypot(Double(column) - x, Double(row) - y)
                let share = min(1, max(0, radius - distance + 0.5)) * (distance < 0.35 * radius ? 0.6 : 1)
                guard share > 0 else { continue }
                for channel in 0..<3 {
                    let index = (row * image.width + column) * 3 + channel
                    let below = Double(image.pixels[index])
                    image.pixels[index] = UInt8((below + (colour[channel] - below) * share).rounded())
                }
            }
        }
    }

    /// Independent noise around one colour, smoothed over `reach` pixels: a texture without cells.
    static func noise(width: Int, height: Int, reach: Int, seed: UInt64) -> RGBImage {
        var random = SplitMix64(seed: seed)
        let raw = (0..<(width * height)).map { _ in random.nextUnit() - 0.5 }
        var image = ImageFixture.flat(width: width, height: height, 190, 140, 170)
        for y in 0..<height {
            for x in 0..<width {
                var sum = 0.0, count = 0.0
                for row in max(0, y - reach)...min(height - 1, y + reach) {
                    for column in max(0, x - reach)...min(width - 1, x + reach) {
                        sum += raw[row * width + column]
                        count += 1
                    }
                }
                let value = sum / count.squareRoot() * 140
                for channel in 0..<3 {
                    let index = (y * width + x) * 3 + channel
                    image.pixels[index] = UInt8(min(255, max(0, Double(image.pixels[index]) + value)))
                }
            }
        }
        return image
    }

    /// The eight turns and mirror images, the image itself first.
    static func symmetries(_ image: RGBImage) -> [RGBImage] {
        var all = [image]
        for _ in 0..<3 { all.append(turned(all[all.count - 1])) }
        return all + all.map(mirrored)
    }

    static func turned(_ image: RGBImage) -> RGBImage {
        remade(image, width: image.height, height: image.width) { ($1, image.height - 1 - $0) }
    }

    static func mirrored(_ image: RGBImage) -> RGBImage {
        remade(image, width: image.width, height: image.height) { (image.width - 1 - $0, $1) }
    }

    /// Images side by side, `columns` in a row.
    static func mosaic(_ images: [RGBImage], columns: Int) -> RGBImage {
        let (width, height) = (images[0].width, images[0].height)
        let size = (width: columns * width, height: images.count / columns * height)
        var pixels = [UInt8](repeating: 0, count: size.width * size.height * 3)
        for (index, image) in images.enumerated() {
            let (left, top) = (index % columns * width, index / columns * height)
            for row in 0..<height {
                let to = ((top + row) * size.width + left) * 3
                pixels.replaceSubrange(
                    to..<(to + width * 3), with: image.pixels[(row * width * 3)..<((row + 1) * width * 3)])
            }
        }
        return RGBImage(width: size.width, height: size.height, pixels: pixels)
    }

    private static func remade(
        _ image: RGBImage, width: Int, height: Int, from place: (Int, Int) -> (x: Int, y: Int)
    ) -> RGBImage {
        var result = RGBImage(
            width: width, height: height, pixels: [UInt8](repeating: 0, count: width * height * 3))
        for y in 0..<height {
            for x in 0..<width {
                let from = place(x, y)
                for channel in 0..<3 {
                    result.pixels[(y * width + x) * 3 + channel] =
                        image.pixels[(from.y * image.width + from.x) * 3 + channel]
                }
            }
        }
        return result
    }
}
