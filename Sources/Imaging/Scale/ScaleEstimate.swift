import CVision
import Foundation
import NativeCalls

/// How many pixels wide a red cell is in one image, or why that cannot be told.
///
/// Two ways measure it. One finds round **outlines**: edges vote for middles along their gradients, as in the Hough
/// transform for circles, over all sizes, and ellipses are fitted around the winners. The other finds **discs** in the
/// stained area that meet its border on most sides. In both, what has the colour of nuclei is left out, and the usual
/// size is the peak of the others' sizes. An estimate is given only where both see enough red cells and agree.
///
/// The same pixels always give the same estimate, and so does any turn by 90° and any mirror image of them.
public struct ScaleEstimate: Sendable, Equatable {
    /// Limits of the gate, chosen on a half of the images of `docs/scale.md`.
    public enum Limits {
        /// Fewest red cells in the outlines, and in the discs.
        public static let outlines = 4
        public static let discs = 3
        /// Greatest difference of the two, in natural logarithms.
        public static let difference = 0.18
        /// Greatest distance of the quartiles of the sizes, in natural logarithms.
        public static let spread = 0.36
        /// Least median share of the outlines that was seen: textures without cells reach 0.61.
        public static let coverage = 0.62
        /// How near to their median the parts of a large image have to be, as a share of it, and how many of the five.
        public static let partDifference = 0.15
        public static let parts = 3
    }

    /// Size of the image in pixels.
    public let width: Int
    public let height: Int
    public let outlines: ScaleReading
    public let discs: ScaleReading
    /// Diameter of a red cell as boxes are drawn (`RedCell`), in pixels of the image; nil where it is refused.
    public let redCellPixels: Double?
    /// nil where an estimate is given.
    public let refusal: ScaleRefusal?

    /// Diameter of a red cell from edge to edge, in pixels of the image.
    public var edgePixels: Double? { redCellPixels.map { $0 / RedCell.boxPerEdge } }

    /// The best there is where the estimate is refused: what one of the two ways found, if any did.
    public var guess: Double? {
        redCellPixels ?? (outlines.edgePixels ?? discs.edgePixels).map { $0 * RedCell.boxPerEdge }
    }

    /// Measures an image of any size.
    ///
    /// It is looked at as a whole, reduced to 448 pixels; where that tells nothing, five parts of it are looked at, reduced
    /// half as much each time until they are not reduced at all.
    /// - Parameter image: An image as it was decoded.
    /// - Throws: `ImagingError` `invalidParameter` for an empty image, or `processingFailed`.
    public static func measure(_ image: RGBImage) throws -> ScaleEstimate {
        let whole = try parts(of: image, level: 0)[0]
        guard whole.refusal != nil else { return whole }
        for level in 1..<max(1, Int(cv_scale_levels(Int32(image.width), Int32(image.height)))) {
            if let agreed = agreement(of: try parts(of: image, level: level)) { return agreed }
        }
        return whole
    }

    /// Judges what two ways of measuring found in an image.
    /// - Parameters:
    ///   - width: Of the image in pixels.
    ///   - height: Likewise.
    ///   - outlines: What the outlines say.
    ///   - discs: What the discs say.
    public init(width: Int, height: Int, outlines: ScaleReading, discs: ScaleReading) {
        (self.width, self.height, self.outlines, self.discs) = (width, height, outlines, discs)
        switch Self.judge(outlines, discs) {
        case .success(let edge): (redCellPixels, refusal) = (edge * RedCell.boxPerEdge, nil)
        case .failure(let judgement): (redCellPixels, refusal) = (nil, judgement.refusal)
        }
    }

    private struct Judgement: Error {
        let refusal: ScaleRefusal
    }

    /// The outlines lie nearer to the truth and count twice.
    private static func judge(_ outlines: ScaleReading, _ discs: ScaleReading) -> Result<Double, Judgement> {
        func refused(_ refusal: ScaleRefusal) -> Result<Double, Judgement> { .failure(Judgement(refusal: refusal)) }
        let white = max(outlines.whiteCells, discs.whiteCells)
        guard let outer = outlines.edgePixels, let inner = discs.edgePixels else {
            return refused(white > 0 ? .mostlyWhiteCells(red: 0, white: white) : .noCells)
        }
        guard outlines.redCells >= Limits.outlines, discs.redCells >= Limits.discs else {
            let red = min(outlines.redCells, discs.redCells)
            return refused(
                white > red
                    ? .mostlyWhiteCells(red: red, white: white)
                    : .fewRedCells(outlines: outlines.redCells, discs: discs.redCells))
        }
        let spread = max(outlines.spread, discs.spread)
        guard spread <= Limits.spread else { return refused(.unevenSizes(spread: spread)) }
        guard outlines.coverage >= Limits.coverage else {
            return refused(.faintOutlines(coverage: outlines.coverage))
        }
        guard abs(log(outer / inner)) <= Limits.difference else {
            return refused(
                .disagreement(outlines: outer * RedCell.boxPerEdge, discs: inner * RedCell.boxPerEdge))
        }
        return .success(exp((2 * log(outer) + log(inner)) / 3))
    }

    private static func parts(of image: RGBImage, level: Int) throws -> [ScaleEstimate] {
        var fields = [CVScaleField](repeating: CVScaleField(), count: Int(CVScaleFields))
        var count: Int32 = 0
        try image.read { cv_scale_measure($0, $1, $2, Int32(level), &fields, &count, $3) }
        return fields.prefix(Int(count)).map {
            ScaleEstimate(
                width: image.width, height: image.height, outlines: ScaleReading($0.outlines),
                discs: ScaleReading($0.discs))
        }
    }

    /// The middle one of the parts' estimates, where most of the parts agree with it.
    private static func agreement(of parts: [ScaleEstimate]) -> ScaleEstimate? {
        let told = parts.filter { $0.refusal == nil }.sorted { ($0.redCellPixels ?? 0) < ($1.redCellPixels ?? 0) }
        guard told.count >= Limits.parts, let usual = told[told.count / 2].redCellPixels else { return nil }
        let near = told.count { abs(($0.redCellPixels ?? 0) / usual - 1) <= Limits.partDifference }
        return near >= Limits.parts ? told[told.count / 2] : nil
    }
}
