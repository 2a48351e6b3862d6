import CVision
import Findings
import NativeCalls

/// What an image looks like, whatever a network makes of it: colours, detail, direction, areas.
///
/// Two images of one laboratory agree in these figures, a photograph, a drawing or a smear under another magnification
/// does not. They depend on the size of the image: compare them only at one size, such as the network's input.
public struct ImageAppearance: Sendable, Equatable {
    /// The number of figures.
    public static let count = CVAppearanceFeatures

    /// What each figure speaks of, in the order of `values`.
    public static let aspects: [AppearanceAspect] =
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

    /// The aspect whose figures are farthest from their means, by their root mean square.
    /// - Parameter standardized: Each figure's distance from its mean, in deviations, in the order of `values`.
    public static func foremostAspect(ofStandardized standardized: [Double]) -> AppearanceAspect? {
        let squares = Dictionary(grouping: zip(aspects, standardized), by: \.0)
            .mapValues { pairs in pairs.reduce(0) { $0 + $1.1 * $1.1 } / Double(pairs.count) }
        // In the order of the cases, so that equal ones are always named alike.
        return AppearanceAspect.allCases.max { squares[$0, default: 0] < squares[$1, default: 0] }
    }

    /// Gets ready what the first measurement would otherwise wait for; to be called beside other work at the start.
    public static func prepare() { cv_appearance_prepare() }

    /// Measures `image` as it is, at its own size.
    /// - Throws: `ImagingError` `invalidParameter` for an empty image, or `processingFailed`.
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
        (self.groundShare, self.groundLightness) = (groundShare, groundLightness)
        (self.groundChroma, self.stainedShare) = (groundChroma, stainedShare)
    }

    /// What is missing of a smear; nil where nothing is.
    public var missing: MissingContent? {
        if groundLightness <= 120 { return .brightGround }
        if groundChroma >= 35 { return .colourlessGround }
        if groundShare < 0.08 { return .evenGround }
        if stainedShare < 0.004 { return .stain }
        if stainedShare > 0.8 { return .unstainedParts }
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
