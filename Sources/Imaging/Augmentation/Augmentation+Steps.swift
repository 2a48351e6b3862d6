extension Augmentation {
    /// Flips, quarter turns and a small affine map with reflected borders.
    public struct Geometry: Codable, Sendable, Equatable {
        /// Probability of mirroring left and right, 0...1.
        public var horizontalFlip: Float = 0
        /// Probability of mirroring top and bottom, 0...1.
        public var verticalFlip: Float = 0
        /// Probability of a turn by 90 degrees (by 180 where the image is not square), 0...1.
        public var quarterTurn: Float = 0
        /// Probability of the affine map, 0...1.
        public var affine: Float = 0
        /// Largest rotation to either side in degrees, 0...180.
        public var rotationDegrees: Float = 0
        /// Smallest magnification, 0.25...4.
        public var minimumScale: Float = 1
        /// Largest magnification, 0.25...4.
        public var maximumScale: Float = 1
        /// Largest shift as a share of the side, 0...0.5.
        public var shiftFraction: Float = 0
        /// With the affine map, logarithm of the largest factor between width and height, as of images whose pixels are not
        /// square, 0...1. Not part of the recorded value: `TrainingConfiguration/shapeJitter` sets it.
        public var stretch: Float = 0

        public init() {}

        private enum CodingKeys: CodingKey {
            case horizontalFlip, verticalFlip, quarterTurn, affine, rotationDegrees, minimumScale, maximumScale
            case shiftFraction
        }
    }

    /// Gain and shift of haematoxylin, eosin and residual in optical density (Ruifrok and Johnston 2001).
    public struct Stain: Codable, Sendable, Equatable {
        /// Probability, 0...1.
        public var probability: Float = 0
        /// Half-width of the gain around 1, 0...1.
        public var gain: Float = 0
        /// Half-width of the shift in units of optical density, 0...0.5.
        public var bias: Float = 0

        public init() {}
    }

    /// Hue, saturation, value, channel gains, gamma; now and then a grey or channel-mixed image.
    public struct Colour: Codable, Sendable, Equatable {
        /// Probability of the hue, saturation, value and gain step, and of the gamma step, 0...1.
        public var probability: Float = 0
        /// Largest turn of the hue circle to either side in degrees, 0...180.
        public var hueDegrees: Float = 0
        /// Half-width of the saturation around 1, 0...1.
        public var saturation: Float = 0
        /// Half-width of the value around 1, 0...1.
        public var value: Float = 0
        /// Half-width of each channel's gain around 1, 0...1.
        public var channelGain: Float = 0
        /// Half-width of the exponent around 1, 0...0.9.
        public var gamma: Float = 0
        /// Probability of a grey image, 0...1.
        public var greyscale: Float = 0
        /// Probability of mixed channels, 0...1.
        public var channelMix: Float = 0
        /// Share of the mix in the mixed channels, 0...1.
        public var channelMixStrength: Float = 0

        public init() {}
    }

    /// Brightness and contrast.
    public struct Light: Codable, Sendable, Equatable {
        /// Probability, 0...1.
        public var probability: Float = 0
        /// Half-width of the offset as a share of the value range, 0...0.5.
        public var brightness: Float = 0
        /// Half-width of the contrast around 1, 0...0.9.
        public var contrast: Float = 0

        public init() {}
    }

    /// Gaussian blur, or unsharp masking where the image is not blurred.
    public struct Focus: Codable, Sendable, Equatable {
        /// Probability of blurring, 0...1.
        public var blur: Float = 0
        /// Largest standard deviation of the blur in pixels, 0...10.
        public var blurDeviation: Float = 0
        /// Probability of sharpening, 0...1.
        public var sharpen: Float = 0
        /// Largest weight of the unsharp mask, 0...3.
        public var sharpenAmount: Float = 0

        public init() {}
    }

    /// Gaussian noise, independent in each value.
    public struct Noise: Codable, Sendable, Equatable {
        /// Probability, 0...1.
        public var probability: Float = 0
        /// Largest standard deviation as a share of the value range, 0...0.5.
        public var deviation: Float = 0

        public init() {}
    }

    /// JPEG compression.
    public struct Compression: Codable, Sendable, Equatable {
        /// Probability, 0...1.
        public var probability: Float = 0
        /// Lowest quality, 5...100.
        public var minimumQuality: Float = 100
        /// Highest quality, 5...100.
        public var maximumQuality: Float = 100

        public init() {}
    }

    /// A rectangle filled with one colour (random erasing, Zhong et al. 2020).
    public struct Erasing: Codable, Sendable, Equatable {
        /// Probability, 0...1.
        public var probability: Float = 0
        /// Smallest area as a share of the image, 0...0.5.
        public var minimumArea: Float = 0
        /// Largest area as a share of the image, 0...0.5.
        public var maximumArea: Float = 0

        public init() {}
    }
}
