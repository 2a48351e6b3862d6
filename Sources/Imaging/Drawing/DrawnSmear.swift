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
        guard (0..<4).contains(label), (32...2048).contains(side) else {
            throw ImagingError(
                .invalidParameter,
                "class \(label) at \(side) pixels cannot be drawn; classes are 0 to 3, sides 32 to 2048")
        }
        let pixels = try Native.pixels(width: side, height: side) { output, error in
            cv_draw_smear(Int32(label), seed, Int32(side), output, error)
        }
        return RGBImage(width: side, height: side, pixels: pixels)
    }
}
