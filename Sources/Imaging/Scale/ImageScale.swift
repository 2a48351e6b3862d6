import Findings

/// What is known of a microscope with its camera.
public enum SiteScale: Sendable, Equatable, Codable {
    /// Diameter of a red cell as boxes are drawn (`RedCell`), in pixels.
    case redCellPixels(Double)
    /// Measured with a stage micrometer.
    case micrometresPerPixel(Double)

    /// Diameter of a red cell as boxes are drawn, in pixels.
    public var redCellPixels: Double {
        switch self {
        case .redCellPixels(let pixels): pixels
        case .micrometresPerPixel(let micrometres): RedCell.boxPerEdge * RedCell.edgeMicrometres / micrometres
        }
    }

    /// The same in an image of which one pixel is as wide as so many of the original.
    public func reduced(by reduction: Double) -> SiteScale {
        switch self {
        case .redCellPixels(let pixels): .redCellPixels(pixels / reduction)
        case .micrometresPerPixel(let micrometres): .micrometresPerPixel(micrometres * reduction)
        }
    }
}

/// The scale that an image is read at.
public struct ImageScale: Sendable, Equatable {
    /// What a red cell can be wide in an image that is worth reading, in pixels.
    public static let range = 4.0...2000.0

    /// Diameter of a red cell as boxes are drawn (`RedCell`), in pixels of the image.
    public let redCellPixels: Double
    public let source: ScaleSource
    /// One standard deviation as a share of the diameter, where it was estimated over several images.
    public let relativeUncertainty: Double?

    /// About how many micrometres a pixel is wide, by the convention of `RedCell.edgeMicrometres`.
    public var aboutMicrometresPerPixel: Double { RedCell.edgeMicrometres * RedCell.boxPerEdge / redCellPixels }

    /// The best scale there is: what a person gave, then what is known of the site, then what was measured.
    /// - Parameters:
    ///   - given: Diameter of a red cell in pixels, by hand.
    ///   - site: What is known of the microscope.
    ///   - pooled: The scale of the images of a case.
    ///   - estimate: That of the image itself.
    ///   - fallback: Diameter of a red cell in pixels, where nothing else tells it.
    /// - Throws: `ImagingError` `invalidParameter` for a scale outside of `range`.
    public static func choosing(
        given: Double? = nil, site: SiteScale? = nil, pooled: PooledScale? = nil, estimate: ScaleEstimate? = nil,
        default fallback: Double
    ) throws -> ImageScale {
        if let given { return try ImageScale(given, .given) }
        if let site { return try ImageScale(site.redCellPixels, .site) }
        if let pooled { return try ImageScale(pooled.redCellPixels, .measured, pooled.relativeUncertainty) }
        if let pixels = estimate?.redCellPixels { return try ImageScale(pixels, .measured) }
        return try ImageScale(fallback, .unknown)
    }

    private init(_ pixels: Double, _ source: ScaleSource, _ uncertainty: Double? = nil) throws {
        guard Self.range.contains(pixels) else {
            throw ImagingError(
                .invalidParameter,
                "a red cell of \(pixels) pixels (\(source.rawValue)) is outside of \(Int(Self.range.lowerBound)) to "
                    + "\(Int(Self.range.upperBound))")
        }
        (redCellPixels, self.source, relativeUncertainty) = (pixels, source, uncertainty)
    }
}
