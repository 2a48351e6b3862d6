/// Figures that tell whether a picture is in focus, well lit and a stained smear at all; `Imaging` measures them.
///
/// Sharpness depends on the size of the picture: compare values only at one size, such as the network's input.
public struct ImageQuality: Sendable, Equatable, Codable {
    /// Variance of the Laplacian of the grey levels (0 to 255), in grey levels squared, 0 and up; more is sharper
    /// (Pech-Pacheco et al., *Diatom autofocusing in brightfield microscopy*, ICPR 2000).
    public let sharpness: Double
    /// Mean grey level, 0 (black) to 1 (white).
    public let brightness: Double
    /// Standard deviation of the grey level, 0 to 0.5.
    public let contrast: Double
    /// Share of the area in the violet-blue to purple of stained nuclei (hue 220° to 340°, saturation over 24 %), 0 to 1.
    public let stainedFraction: Double
    /// Share of the area that is bright and nearly colourless, as the glass between cells, 0 to 1.
    public let backgroundFraction: Double
    /// Share of the area at the very ends of the grey scale, where exposure has lost all detail, 0 to 1.
    public let clippedFraction: Double

    public init(
        sharpness: Double, brightness: Double, contrast: Double, stainedFraction: Double, backgroundFraction: Double,
        clippedFraction: Double
    ) {
        (self.sharpness, self.brightness) = (sharpness, brightness)
        (self.contrast, self.stainedFraction) = (contrast, stainedFraction)
        (self.backgroundFraction, self.clippedFraction) = (backgroundFraction, clippedFraction)
    }
}

/// The limits of `ImageQuality`, in its units, on the image as the network sees it before normalisation; a limit that is
/// nil is not checked.
public struct QualityLimits: Codable, Sendable, Equatable {
    /// Below it the image is out of focus.
    public var minimumSharpness: Double?
    /// Below it the image is too dark.
    public var minimumBrightness: Double?
    /// Above it the image is too bright.
    public var maximumBrightness: Double?
    /// Below it the image is nearly uniform.
    public var minimumContrast: Double?
    /// Below it too little of the image is stained.
    public var minimumStainedFraction: Double?

    /// The memberwise initialiser; without arguments nothing is checked.
    public init(
        minimumSharpness: Double? = nil, minimumBrightness: Double? = nil, maximumBrightness: Double? = nil,
        minimumContrast: Double? = nil, minimumStainedFraction: Double? = nil
    ) {
        (self.minimumSharpness, self.minimumBrightness) = (minimumSharpness, minimumBrightness)
        (self.maximumBrightness, self.minimumContrast) = (maximumBrightness, minimumContrast)
        self.minimumStainedFraction = minimumStainedFraction
    }

    /// What is wrong with a picture of this quality.
    public func failures(of quality: ImageQuality) -> [Reason] {
        func below(_ found: Double, _ limit: Double?, _ reason: (Double, Double) -> Reason) -> Reason? {
            limit.flatMap { found < $0 ? reason(found, $0) : nil }
        }
        return [
            below(quality.sharpness, minimumSharpness, Reason.blurred),
            below(quality.brightness, minimumBrightness, Reason.tooDark),
            maximumBrightness.flatMap {
                quality.brightness > $0 ? .tooBright(found: quality.brightness, limit: $0) : nil
            },
            below(quality.contrast, minimumContrast, Reason.lowContrast),
            below(quality.stainedFraction, minimumStainedFraction, Reason.littleStained),
        ].compactMap { $0 }
    }
}

extension ImageQuality {
    /// The usual quality of several pictures: of each figure the lower median, so that it passes what all of them pass.
    /// - Parameter all: At least one.
    public static func median(of all: [ImageQuality]) -> ImageQuality {
        precondition(!all.isEmpty, "there is no median of nothing")
        func median(_ figure: (ImageQuality) -> Double) -> Double { all.map(figure).sorted()[(all.count - 1) / 2] }
        return ImageQuality(
            sharpness: median(\.sharpness), brightness: median(\.brightness), contrast: median(\.contrast),
            stainedFraction: median(\.stainedFraction), backgroundFraction: median(\.backgroundFraction),
            clippedFraction: median(\.clippedFraction))
    }
}

/// In what an image may differ from those that a model was trained on.
public enum AppearanceAspect: String, Codable, Sendable, CaseIterable {
    /// Quantiles, mean, spread and correlations of lightness, red-green and blue-yellow.
    case colours
    /// Strength of details of 1 and 2 pixels: grain, focus, compression.
    case fineDetail = "fine-detail"
    /// Strength of details of 4 pixels and more: how large what is shown is, and how crowded.
    case structures
    /// Whether edges prefer a direction.
    case directions
    /// Shares of the area that are violet, deep within violet, and pale.
    case areas
}

/// What a picture lacks to be a stained smear: cells with violet nuclei on a bright, nearly colourless ground.
public enum MissingContent: String, Codable, Sendable, CaseIterable {
    /// Its brightest parts are too dark for the ground between cells.
    case brightGround = "bright-ground"
    /// The ground between cells would be strongly coloured.
    case colourlessGround = "colourless-ground"
    /// There is no even ground between cells.
    case evenGround = "even-ground"
    /// Nothing is stained as nuclei are.
    case stain
    /// Nearly all of it is stained.
    case unstainedParts = "unstained-parts"
}
