import CVision

/// What an image looks like, whatever a network makes of it: colours, detail, direction, areas.
///
/// Two images of one laboratory agree in these figures, a photograph, a drawing or a smear under another magnification
/// does not. They depend on the size of the image: compare them only at one size, such as the network's input.
public struct ImageAppearance: Sendable, Equatable {
    /// What a figure speaks of.
    public enum Aspect: String, Sendable, CaseIterable {
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

    /// The number of figures.
    public static let count = CVAppearanceFeatures

    /// What each figure speaks of, in the order of ``values``.
    public static let aspects: [Aspect] =
        Array(repeating: .colours, count: 21)  // 5 quantiles of 3 channels, 3 means, 3 log deviations
        + Array(repeating: .fineDetail, count: 6)  // 2 levels of 3 channels
        + Array(repeating: .structures, count: 12)  // 3 levels of 3 channels, and what is coarser
        + Array(repeating: .colours, count: 3)  // correlations
        + Array(repeating: .directions, count: 2)
        + Array(repeating: .areas, count: 6)

    /// The figures, `count` of them: CIE Lab in 8 bits, natural logarithms of standard deviations, square roots of shares.
    public let values: [Double]

    /// What tells a stained smear from other pictures at a glance.
    public let content: SmearContent

    /// Gets ready what the first measurement would otherwise wait for; to be called beside other work at the start.
    public static func prepare() { cv_appearance_prepare() }

    /// Measures `image` as it is, at its own size.
    /// - Throws: ``ImagingError`` `invalidParameter` for an empty image, or `processingFailed`.
    public static func measure(_ image: RGBImage) throws -> ImageAppearance {
        var measured = CVAppearance()
        try image.read { cv_appearance($0, $1, $2, &measured, $3) }
        let values = withUnsafeBytes(of: measured.features) { Array($0.bindMemory(to: Double.self)) }
        return ImageAppearance(values: values, content: SmearContent(measured))
    }
}

/// Whether a picture can be a stained smear at all: cells with violet nuclei on a bright, nearly colourless ground.
///
/// The limits are wide on purpose. They stand beside what smears of three laboratories and drawn ones show: a ground of at
/// least 0.21 of the area, at least 193 of 255 light and at most 26 from grey, and 0.017 to 0.64 of the area stained.
public struct SmearContent: Sendable, Equatable {
    /// Share of the area that has the colour of the ground, 0 to 1. The ground is the median of the brightest fifth.
    public let groundShare: Double
    /// Lightness of the ground in 8-bit CIE Lab, 0 to 255.
    public let groundLightness: Double
    /// Distance of the ground from grey in 8-bit CIE Lab, 0 and up.
    public let groundChroma: Double
    /// Share of the area that is both redder and bluer than the ground, as azure-stained nuclei are, 0 to 1.
    public let stainedShare: Double

    public init(groundShare: Double, groundLightness: Double, groundChroma: Double, stainedShare: Double) {
        self.groundShare = groundShare
        self.groundLightness = groundLightness
        self.groundChroma = groundChroma
        self.stainedShare = stainedShare
    }

    /// What is missing of a smear, in words that continue "this is no stained blood smear: "; nil where nothing is.
    public var missing: String? {
        if groundLightness <= 120 { return "its brightest parts are too dark for the ground between cells" }
        if groundChroma >= 35 { return "the ground between cells would be strongly coloured" }
        if groundShare < 0.08 { return "there is no even ground between cells" }
        if stainedShare < 0.004 { return "nothing in it is stained as nuclei are" }
        if stainedShare > 0.8 { return "nearly all of it is stained" }
        return nil
    }
}

extension SmearContent {
    fileprivate init(_ measured: CVAppearance) {
        self.init(
            groundShare: measured.groundShare, groundLightness: measured.groundLightness,
            groundChroma: measured.groundChroma, stainedShare: measured.stainedShare)
    }
}
