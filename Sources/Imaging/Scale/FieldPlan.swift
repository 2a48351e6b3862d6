import CVision
import NativeCalls

/// How an image is cut into fields in which a red cell has one size.
///
/// The image is resized as a whole, its shape kept, and cut in its middle into as many fields as fit beside each other; a
/// rim narrower than a field is left out. An image smaller than a field is one field. A turn by 90° or a mirror image
/// gives the same fields, turned, in another order: the image is resized upright (`cv_scale_resize`), and the rims on
/// both sides are equal.
public struct FieldPlan: Sendable, Equatable {
    /// What becomes of an image that is smaller than a field.
    public enum SmallImages: Sendable {
        /// Laid into the middle of a field of empty glass, in the colour of its own.
        case padded
        /// Left at its size.
        case asTheyAre
    }

    /// A rectangle in the resized image, in pixels; outside of it where padding is wanted.
    public struct Field: Sendable, Equatable {
        public let x: Int
        public let y: Int
        public let width: Int
        public let height: Int
    }

    /// Size of the resized image in pixels; its shape is kept to two pixels.
    public let resizedWidth: Int
    public let resizedHeight: Int
    /// Row by row.
    public let fields: [Field]

    /// Share of the image's area that lies in a field, 0 to 1.
    public var covered: Double {
        let area = fields.reduce(0) { $0 + min($1.width, resizedWidth) * min($1.height, resizedHeight) }
        return Double(area) / Double(resizedWidth * resizedHeight)
    }

    /// - Parameters:
    ///   - width: Of the image in pixels.
    ///   - height: Likewise.
    ///   - redCellPixels: Diameter of a red cell in the image.
    ///   - target: Diameter of a red cell in the fields, in pixels.
    ///   - side: Of a field, in pixels.
    ///   - smallImages: What becomes of an image smaller than a field.
    /// - Throws: `ImagingError` `invalidParameter` for a size or scale that is not above 0, or a resized image of more than
    ///   8192 pixels a side.
    public init(
        width: Int, height: Int, redCellPixels: Double, target: Double = 14, side: Int = 224,
        smallImages: SmallImages = .padded
    ) throws {
        let factor = target / redCellPixels
        guard width > 0, height > 0, side > 0, redCellPixels > 0, target > 0, factor.isFinite,
            Double(max(width, height)) * factor <= 8192
        else {
            throw ImagingError(
                .invalidParameter,
                "an image of \(width)x\(height) pixels cannot be brought from \(redCellPixels) to \(target) pixels a red "
                    + "cell in fields of \(side)")
        }
        let across = Axis(length: Double(width) * factor, side: side, smallImages)
        let down = Axis(length: Double(height) * factor, side: side, smallImages)
        (resizedWidth, resizedHeight) = (across.length, down.length)
        fields = down.starts.flatMap { y in
            across.starts.map { Field(x: $0, y: y, width: across.side, height: down.side) }
        }
    }

    /// The fields of an image.
    /// - Parameter image: Of the size that the plan was made for.
    /// - Throws: `ImagingError` `processingFailed`.
    public func fields(of image: RGBImage) throws -> [RGBImage] {
        let resized = try image.mapped(width: resizedWidth, height: resizedHeight) { [self] in
            cv_scale_resize($0, $1, $2, $3, Int32(resizedWidth), Int32(resizedHeight), $4)
        }
        let glass = try image.glass()
        return fields.map { resized.cut($0, over: glass) }
    }

    /// One side of the plan.
    private struct Axis {
        let length: Int
        let side: Int
        let starts: [Int]

        init(length: Double, side: Int, _ smallImages: SmallImages) {
            let count = Int(length) / side
            if count == 0, smallImages == .asTheyAre {
                let whole = max(1, Int(length.rounded()))
                (self.length, self.side, starts) = (whole, whole, [0])
                return
            }
            // As even or odd as the fields together are, so that both rims are equal.
            let total = max(1, count) * side, parity = total % 2
            let even = 2 * Int(((length - Double(parity)) / 2).rounded()) + parity
            let kept = max(even, parity == 0 ? 2 : 1)
            (self.length, self.side) = (kept, side)
            starts = (0..<max(1, count)).map { (kept - total) / 2 + $0 * side }
        }
    }
}

extension RGBImage {
    /// The colour of empty glass, red first, 0 to 255: the median of the brightest fifth.
    /// - Throws: `ImagingError` `invalidParameter` for an empty image, or `processingFailed`.
    func glass() throws -> [UInt8] {
        var colour = [UInt8](repeating: 0, count: 3)
        try read { cv_scale_glass($0, $1, $2, &colour, $3) }
        return colour
    }

    fileprivate func cut(_ field: FieldPlan.Field, over colour: [UInt8]) -> RGBImage {
        var result = RGBImage(
            width: field.width, height: field.height,
            pixels: [[UInt8]](repeating: colour, count: field.width * field.height).flatMap { $0 })
        let columns = max(0, field.x)..<min(width, field.x + field.width)
        for row in max(0, field.y)..<min(height, field.y + field.height) {
            let from = (row * width + columns.lowerBound) * 3
            let to = ((row - field.y) * field.width + columns.lowerBound - field.x) * 3
            result.pixels.replaceSubrange(
                to..<(to + columns.count * 3), with: pixels[from..<(from + columns.count * 3)])
        }
        return result
    }
}
