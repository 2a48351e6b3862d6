import CVision
import NativeCalls

/// Drawn blood smears: fields of red and white cells in four classes that differ in morphology alone.
///
/// The classes differ in size, roundness and relative size of the nucleus, in nucleoli, in the grain of the chromatin
/// and in crowding. Stain, background, focus, light, noise, compression, scale bar and the density of red cells vary
/// with the seed whatever the class. A real learning problem that anyone may have and share; no model of the disease.
public enum DrawnSmear {
    /// One field.
    ///
    /// - Parameters:
    ///   - label: The class, 0 benign, 1 early pre-B, 2 pre-B, 3 pro-B.
    ///   - seed: The same label, seed and side always give the same image; two classes of one seed share all conditions.
    ///   - side: Width and height in pixels, 32...2048; the field is the same at any size.
    /// - Throws: `ImagingError` `invalidParameter` for a label or side out of range.
    public static func draw(class label: Int, seed: UInt64, side: Int = 224) throws -> RGBImage {
        try drawMeasured(class: label, seed: seed, side: side).image
    }

    /// Red cells side by side along a side of a usual drawing, as `ScaleEstimate.redCellPixels` takes their width.
    public static let redCellsAcross = 10.0

    /// One field, and how large its red cells were drawn.
    ///
    /// - Parameters:
    ///   - label: The class, 0 to 3, as in `draw(class:seed:side:)`.
    ///   - seed: Likewise.
    ///   - side: Width and height in pixels, 32...2048.
    ///   - redCellScale: How much larger than usual the red cells are, 0.5...2; nothing else becomes larger.
    /// - Returns: The image, and the median diameter of the red cells wholly in it from edge to edge, in pixels; nil where
    ///   there is none.
    /// - Throws: `ImagingError` `invalidParameter` for a parameter out of range.
    public static func drawMeasured(
        class label: Int, seed: UInt64, side: Int = 224, redCellScale: Double = 1
    ) throws -> (image: RGBImage, redCellEdgePixels: Double?) {
        guard (0..<4).contains(label), (32...2048).contains(side), (0.5...2).contains(redCellScale) else {
            throw ImagingError(
                .invalidParameter,
                "class \(label) at \(side) pixels with red cells times \(redCellScale) cannot be drawn; classes are 0 to 3, "
                    + "sides 32 to 2048, red cells times 0.5 to 2")
        }
        var diameter = 0.0
        let pixels = try Native.pixels(width: side, height: side) { output, error in
            cv_draw_smear(Int32(label), seed, Int32(side), redCellScale, output, &diameter, error)
        }
        return (RGBImage(width: side, height: side, pixels: pixels), diameter > 0 ? diameter : nil)
    }
}
