import CVision
import NativeCalls

/// What a smear looks like beside its nucleated cells: ground, red cells, detail, scale bar. It tells slide, stain, lamp and
/// camera, and nothing of the diagnosis.
///
/// Whether compression could tell more was looked at: the files of one data set have one quantisation table.
public struct ImageBackdrop: Sendable, Equatable {
    /// The lines in the lower right corner, by which microscope software labels its pictures.
    public enum ScaleBar: String, Sendable, Codable, CaseIterable {
        /// No line.
        case none
        /// Black, a few pixels.
        case small
        /// Black, over more than a twenty-fifth of the corner.
        case large
        /// Red.
        case red
    }

    /// Names of `values`, in their order.
    public static let names = [
        "ground lightness", "ground red-green", "ground blue-yellow", "red cells' lightness",
        "red cells' red-green", "red cells' blue-yellow", "spread of lightness", "spread of red-green",
        "spread of blue-yellow", "ground detail", "red cells' detail",
    ]

    /// `[11]`: the ground in CIE Lab; red cells as their distance from the ground in it; the natural logarithm of the
    /// standard deviation of red cells in each of the three; the logarithm of the mean size of the Laplacian of lightness,
    /// on the ground and on red cells.
    public let values: [Double]
    public let scaleBar: ScaleBar

    /// The six figures of `values` that are colours: ground and red cells, CIE Lab.
    public var stain: [Double] { Array(values[0..<6]) }

    public init(values: [Double], scaleBar: ScaleBar) {
        precondition(values.count == Self.names.count, "\(values.count) figures are no backdrop")
        (self.values, self.scaleBar) = (values, scaleBar)
    }

    /// Measures `image` as it is, at its own size; compare backdrops of one size only.
    /// - Throws: `ImagingError` `invalidParameter` for an image that is empty or has fewer than 64 pixels, or
    ///   `processingFailed`.
    public static func measure(_ image: RGBImage) throws -> ImageBackdrop {
        guard image.width * image.height >= 64 else {
            throw ImagingError(.invalidParameter, "an image of fewer than 64 pixels shows no background")
        }
        var measured = CVBackdrop()
        try image.read { cv_backdrop($0, $1, $2, &measured, $3) }
        let (ground, cells, spread) = (measured.ground, measured.redCells, measured.redCellSpread)
        return ImageBackdrop(
            values: [
                ground.0, ground.1, ground.2, cells.0, cells.1, cells.2, spread.0, spread.1, spread.2,
                measured.groundDetail, measured.redCellDetail,
            ],
            scaleBar: ScaleBar(red: measured.barRed, black: measured.barBlack))
    }
}

extension ImageBackdrop.ScaleBar {
    /// - Parameters:
    ///   - red: Share of the corner that is red, 0 to 1.
    ///   - black: Share of the corner that is black, 0 to 1.
    fileprivate init(red: Double, black: Double) {
        if red > 0.0012 {
            self = .red
        } else if black > 0.04 {
            self = .large
        } else {
            self = black > 0.004 ? .small : .none
        }
    }
}
