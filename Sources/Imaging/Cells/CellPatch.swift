import CVision
import NativeCalls

/// A cell cut out at 24 pixels a red cell, six red cells wide, with the place of nucleus and body: what crops are made of.
public struct CellPatch: Sendable, Equatable {
    /// Side of a crop in pixels, four red cells.
    public static let cropSide = CVCropSide
    /// Planes of a crop.
    public static let cropChannels = CVCropChannels
    /// Values of a crop.
    public static let cropCount = cropChannels * cropSide * cropSide
    static let byteCount = 2 * CVPatchSide * CVPatchSide

    /// `[2, 144, 144]`: grey optical density (255 is 2), and the place, 0 outside, 1 body, 2 nucleus.
    let bytes: [UInt8]

    /// How a crop is varied for training. The default leaves the cell as it is.
    public struct Variation: Sendable, Equatable {
        /// How many times larger the cell is drawn.
        public var magnification = 1.0
        /// Radians.
        public var angle = 0.0
        /// Width by height.
        public var stretch = 1.0
        /// Pixels of the crop, across and down.
        public var shift = (x: 0.0, y: 0.0)
        /// Exponent of the density.
        public var gamma = 1.0
        /// Deviation of a Gaussian, in pixels of the crop; under 0.3 none.
        public var blur = 0.0
        /// Deviation, in mean densities of the nucleus.
        public var noise = 0.0
        public var isMirrored = false
        /// How far the outlines move outwards, in pixels of the patch.
        public var maskGrowth = 0
        /// Of the noise.
        public var seed: UInt64 = 0

        public init() {}

        public static func == (a: Self, b: Self) -> Bool {
            a.magnification == b.magnification && a.angle == b.angle && a.stretch == b.stretch && a.shift == b.shift
                && a.gamma == b.gamma && a.blur == b.blur && a.noise == b.noise && a.isMirrored == b.isMirrored
                && a.maskGrowth == b.maskGrowth && a.seed == b.seed
        }
    }

    /// What the reading network sees, `[2, 64, 64]`: optical density by the mean of the nucleus, 0 outside the cell, and
    /// place, 0 outside, ½ in the body, 1 in the nucleus.
    /// - Throws: `ImagingError` `processingFailed`.
    public func crop(_ variation: Variation = Variation()) throws -> [Float] {
        var asked = CVCropVariation(
            magnification: variation.magnification, angle: variation.angle, stretch: variation.stretch,
            shiftX: variation.shift.x, shiftY: variation.shift.y, gamma: variation.gamma, blur: variation.blur,
            noise: variation.noise, isMirrored: variation.isMirrored ? 1 : 0,
            maskGrowth: Int32(clamping: variation.maskGrowth), seed: variation.seed)
        return try [Float](unsafeUninitializedCapacity: Self.cropCount) { buffer, initialized in
            try bytes.withUnsafeBufferPointer { bytes in
                try Native.call { cv_crop(bytes.baseAddress, &asked, buffer.baseAddress, $0) }
            }
            initialized = Self.cropCount
        }
    }
}
