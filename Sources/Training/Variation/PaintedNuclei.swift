import Imaging

/// An image with its nuclei painted over in the colour of their surroundings, and for comparison the same shapes painted
/// where there are no nuclei: what only the first loses was read from the nuclei.
struct PaintedNuclei: Sendable {
    let withoutNuclei: RGBImage
    let withoutOther: RGBImage

    /// Side of the fields in which a place for the other shapes is sought, in pixels.
    private static let field = 8
    /// Softness of the brush in pixels; the paint is full up to the outline and fades outside of it.
    private static let softness = 2.0

    /// - Parameter nuclei: `[height, width]` of the image.
    /// - Returns: Nil where the shapes fit nowhere else.
    /// - Throws: `ImagingError`.
    init?(_ image: RGBImage, nuclei: [Bool]) throws {
        guard let other = Self.other(nuclei, width: image.width, height: image.height) else { return nil }
        let surroundings = Self.median(image, outside: nuclei)
        withoutNuclei = try Self.painted(image, nuclei, surroundings)
        withoutOther = try Self.painted(image, other, surroundings)
    }

    /// The shapes of the nuclei where there are none.
    /// - Returns: Nil where nuclei cover so much that the shapes fit nowhere else: over half of them would be lost.
    static func other(_ nuclei: [Bool], width: Int, height: Int) -> [Bool]? {
        let other = moved(nuclei, width: width, height: height)
        return other.count { $0 } * 2 > nuclei.count { $0 } ? other : nil
    }

    /// The image with shapes painted over in the middle colour of what lies outside of the nuclei.
    static func painted(_ image: RGBImage, _ shapes: [Bool], outside nuclei: [Bool]) throws -> RGBImage {
        try painted(image, shapes, median(image, outside: nuclei))
    }

    /// The shapes shifted, around the edges, to where they meet the fewest nuclei; what still meets one is left out.
    private static func moved(_ mask: [Bool], width: Int, height: Int) -> [Bool] {
        let (columns, rows) = (max(1, width / field), max(1, height / field))
        var coarse = [Int](repeating: 0, count: columns * rows)
        for (place, isNucleus) in mask.enumerated() where isNucleus {
            let (row, column) = (min(rows - 1, place / width / field), min(columns - 1, place % width / field))
            coarse[row * columns + column] += 1
        }
        let filled = coarse.indices.filter { coarse[$0] > 0 }
        var best = (shift: (0, 0), overlap: Int.max)
        for down in 0..<rows {
            for right in 0..<columns {
                let overlap = filled.reduce(0) { sum, cell in
                    let (row, column) = ((cell / columns + down) % rows, (cell % columns + right) % columns)
                    return sum + coarse[cell] * coarse[row * columns + column]
                }
                if overlap < best.overlap { best = ((down * field, right * field), overlap) }
            }
        }
        var result = [Bool](repeating: false, count: mask.count)
        for (place, isNucleus) in mask.enumerated() where isNucleus {
            let (row, column) = ((place / width + best.shift.0) % height, (place % width + best.shift.1) % width)
            if !mask[row * width + column] { result[row * width + column] = true }
        }
        return result
    }

    private static func median(_ image: RGBImage, outside mask: [Bool]) -> [Float] {
        (0..<3).map { channel in
            var counts = [Int](repeating: 0, count: 256)
            for (place, isNucleus) in mask.enumerated() where !isNucleus {
                counts[Int(image.pixels[3 * place + channel])] += 1
            }
            let half = (counts.reduce(0, +) + 1) / 2
            var sum = 0
            return Float(
                counts.firstIndex { count in
                    sum += count
                    return sum >= half
                } ?? 0)
        }
    }

    private static func painted(_ image: RGBImage, _ mask: [Bool], _ colour: [Float]) throws -> RGBImage {
        let brush = try RGBImage(
            width: image.width, height: image.height,
            pixels: mask.flatMap { [UInt8](repeating: $0 ? 255 : 0, count: 3) }
        ).blurred(deviation: softness)
        var result = image
        for place in result.pixels.indices where brush.pixels[place] > 0 {
            // Half of the blurred brush reaches the outline.
            let cover = min(1, Float(brush.pixels[place]) / 127.5)
            let value = Float(image.pixels[place]) * (1 - cover) + colour[place % 3] * cover
            result.pixels[place] = UInt8(max(0, min(255, value.rounded())))
        }
        return result
    }
}
