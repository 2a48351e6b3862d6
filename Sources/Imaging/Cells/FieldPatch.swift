import CVision
import NativeCalls

/// A field at the scale of the smear, kept for training: optical densities of 8 bits.
public struct FieldPatch: Sendable, Equatable {
    /// Multiples of 4, in pixels of the smear.
    public let width: Int
    public let height: Int
    /// `[3, height, width]`, 255 is a density of 1.275.
    let bytes: [UInt8]

    public init(_ smear: ScaledSmear) {
        (width, height) = (smear.width, smear.height)
        bytes = smear.densities().map { UInt8(max(0, min(255, ($0 * 200).rounded()))) }
    }

    /// Which square is cut out, and how it is varied. The default takes the field's own colours.
    public struct Variation: Sendable {
        /// The middle, in pixels of the smear.
        public var middle: PixelPlace
        /// How many times larger, across and down.
        public var magnification = (across: 1.0, down: 1.0)
        public var isMirrored = false
        public var isFlipped = false
        public var isTransposed = false
        /// What the densities of red, green and blue become, row by row.
        public var mixing: [Double] = [1, 0, 0, 0, 1, 0, 0, 0, 1]
        /// Added to the densities, red, green, blue.
        public var offset: [Double] = [0, 0, 0]
        public var gamma = 1.0
        /// Deviation of a Gaussian in pixels; under 0.3 none.
        public var blur = 0.0
        /// Deviation of the density.
        public var noise = 0.0
        public var seed: UInt64 = 0

        public init(middle: PixelPlace) { self.middle = middle }
    }

    /// A square that was cut out.
    public struct Square: Sendable {
        /// `[3, side, side]`, optical densities; glass beyond the field's edge.
        public let densities: [Float]
        /// Where a place of the smear lies in the square: two rows of three.
        let map: [Double]

        /// Where a place of the smear lies in the square, in its pixels.
        public func place(of place: PixelPlace) -> PixelPlace {
            PixelPlace(
                x: map[0] * place.x + map[1] * place.y + map[2], y: map[3] * place.x + map[4] * place.y + map[5])
        }
    }

    /// Cuts out a square.
    /// - Parameters:
    ///   - variation: Where, how large and which way round.
    ///   - side: In pixels.
    /// - Throws: `ImagingError` `processingFailed`.
    public func square(_ variation: Variation, side: Int) throws -> Square {
        var asked = CVFieldVariation()
        (asked.x, asked.y) = (variation.middle.x, variation.middle.y)
        (asked.magnificationX, asked.magnificationY) = variation.magnification
        asked.isMirrored = variation.isMirrored ? 1 : 0
        asked.isFlipped = variation.isFlipped ? 1 : 0
        asked.isTransposed = variation.isTransposed ? 1 : 0
        withUnsafeMutableBytes(of: &asked.mixing) { $0.copyBytes(from: variation.mixing.withUnsafeBytes(Array.init)) }
        withUnsafeMutableBytes(of: &asked.offset) { $0.copyBytes(from: variation.offset.withUnsafeBytes(Array.init)) }
        (asked.gamma, asked.blur, asked.noise, asked.seed) =
            (variation.gamma, variation.blur, variation.noise, variation.seed)
        var map = [Double](repeating: 0, count: 6)
        var values = [Float](repeating: 0, count: 3 * side * side)
        try Native.call {
            cv_field_crop(bytes, Int32(width), Int32(height), &asked, Int32(side), &values, &map, $0)
        }
        return Square(densities: values, map: map)
    }
}
