import CVision
import NativeCalls

/// How an image is cut into fields in which a red cell has one size.
///
/// The image is resized as a whole, its shape kept, and cut into as few fields as show all of it: beside each other where
/// they fit, else overlapping evenly; a rim of up to a twentieth of a field on each side may be left out. An image smaller
/// than a field is one field. A turn by 90° or a mirror image gives the same fields, turned, in another order: the image is
/// resized upright (`cv_scale_resize`), and fields lie evenly from both sides.
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

    /// Size of the image in pixels.
    public let width: Int
    public let height: Int
    /// Size of the resized image in pixels; its shape is kept to two pixels.
    public let resizedWidth: Int
    public let resizedHeight: Int
    /// Row by row.
    public let fields: [Field]
    private let across: Axis
    private let down: Axis

    /// Share of the image's area that lies in a field, 0 to 1.
    public var covered: Double {
        Double(across.covered * down.covered) / Double(resizedWidth * resizedHeight)
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
        (self.width, self.height) = (width, height)
        across = Axis(length: Double(width) * factor, side: side, smallImages)
        down = Axis(length: Double(height) * factor, side: side, smallImages)
        (resizedWidth, resizedHeight) = (across.length, down.length)
        fields = down.starts.flatMap { [across, down] y in
            across.starts.map { Field(x: $0, y: y, width: across.side, height: down.side) }
        }
    }

    /// Which field answers for a place: the one whose middle is nearest, so that what lies in several belongs to one.
    /// - Parameters:
    ///   - x: In pixels of the image, from the left.
    ///   - y: Likewise, from the top.
    /// - Returns: Its place in `fields`.
    public func field(atX x: Double, y: Double) -> Int {
        let (column, row) = (
            across.nearest(x * Double(resizedWidth) / Double(width)),
            down.nearest(y * Double(resizedHeight) / Double(height))
        )
        return row * across.starts.count + column
    }

    /// Where a field lies in the image, as far as it does, in pixels of the image.
    public func rectangle(of field: Field) -> (x: Double, y: Double, width: Double, height: Double) {
        func part(_ start: Int, _ side: Int, _ length: Int, of whole: Int) -> (Double, Double) {
            let (from, to) = (max(0, start), min(length, start + side))
            let scale = Double(whole) / Double(length)
            return (Double(from) * scale, Double(to - from) * scale)
        }
        let (x, wide) = part(field.x, field.width, resizedWidth, of: width)
        let (y, high) = part(field.y, field.height, resizedHeight, of: height)
        return (x, y, wide, high)
    }

    /// The fields of an image, cut one by one.
    /// - Parameter image: Of the size that the plan was made for.
    /// - Throws: `ImagingError` `processingFailed`.
    public func fields(of image: RGBImage) throws -> CutImage {
        let resized = try image.mapped(width: resizedWidth, height: resizedHeight) { [self] in
            cv_scale_resize($0, $1, $2, $3, Int32(resizedWidth), Int32(resizedHeight), $4)
        }
        return CutImage(plan: self, resized: resized, glass: try image.glass())
    }

    /// One side of the plan.
    private struct Axis: Equatable {
        /// What may be left out, as a share of a field: about a red cell, half of it on each side.
        static let rim = 0.1

        let length: Int
        let side: Int
        let starts: [Int]

        init(length: Double, side: Int, _ smallImages: SmallImages) {
            if length < Double(side), smallImages == .asTheyAre {
                let whole = max(1, Int(length.rounded()))
                (self.length, self.side, starts) = (whole, whole, [0])
                return
            }
            let count = max(1, Int((length / Double(side) - Self.rim).rounded(.up)))
            // As even or odd as the fields together are, so that both sides are equal.
            let total = count * side, parity = total % 2
            let even = 2 * Int(((length - Double(parity)) / 2).rounded()) + parity
            let kept = max(even, parity == 0 ? 2 : 1), span = kept - side
            (self.length, self.side) = (kept, side)
            guard total > kept, count > 1 else {
                starts = (0..<count).map { (kept - total) / 2 + $0 * side }
                return
            }
            // Counted from the nearer end, so that the image from behind gives the same.
            starts = (0..<count).map {
                2 * $0 < count ? span * $0 / (count - 1) : span - span * (count - 1 - $0) / (count - 1)
            }
        }

        /// How much of the length lies in fields.
        var covered: Int { min(length, starts[starts.count - 1] + side) - max(0, starts[0]) }

        /// The field whose middle is nearest.
        func nearest(_ place: Double) -> Int {
            starts.indices.min { distance(of: $0, from: place) < distance(of: $1, from: place) } ?? 0
        }

        private func distance(of index: Int, from place: Double) -> Double {
            abs(Double(starts[index]) + Double(side) / 2 - place)
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
}
