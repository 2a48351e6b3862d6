import CVision
import NativeCalls

/// How a square image lies: one of the eight turns and mirror images.
public struct SquareTurn: Sendable, Equatable {
    private let isMirrored: Bool
    private let isUpsideDown: Bool
    private let isTransposed: Bool

    init(_ turn: CVTurn) {
        (isMirrored, isUpsideDown) = (turn.isMirrored != 0, turn.isUpsideDown != 0)
        isTransposed = turn.isTransposed != 0
    }

    /// Where a place of the image lies in the turned one.
    /// - Parameters:
    ///   - x: As a share of the side from the left, 0 to 1.
    ///   - y: Likewise, from the top.
    public func place(x: Double, y: Double) -> (x: Double, y: Double) {
        let (across, down) = (isMirrored ? 1 - x : x, isUpsideDown ? 1 - y : y)
        return isTransposed ? (down, across) : (across, down)
    }
}

extension RGBImage {
    /// A square image turned so that its light falls to the right and the bottom: all eight turns and mirror images of it end
    /// as the same pixels, as long as its light is not exactly even.
    /// - Throws: `ImagingError` `processingFailed` for an image that is not square, `invalidParameter` for an empty one.
    public func upright() throws -> (image: RGBImage, turn: SquareTurn) {
        var turn = CVTurn()
        let image = try mapped { cv_scale_upright($0, $1, $2, &turn, $3, $4) }
        return (image, SquareTurn(turn))
    }

    /// Share of the area that lets the light of empty glass through in its own colour, 0 to 1.
    ///
    /// Red cells take away more green light than red, whatever lamp and camera; so a place counts as open where green is
    /// weakened by at most 8 % more than red, beside the glass of the whole image, and red by at most 30 %: corners that the lamp
    /// leaves darker stay open, nuclei and dirt do not.
    /// - Parameter glass: As in `CutImage.glass`.
    public func openShare(glass: [UInt8]) -> Double {
        var open = 0
        let (red, green) = (Double(glass[0]) + 1, Double(glass[1]) + 1)
        // Light through red and green, in glasses, for each of the 256 values.
        let through = (0..<256).map { (red: (Double($0) + 1) / red, green: (Double($0) + 1) / green) }
        pixels.withUnsafeBufferPointer { pixels in
            for start in stride(from: 0, to: pixels.count, by: 3) {
                let lit = through[Int(pixels[start])].red
                if lit >= 0.7, through[Int(pixels[start + 1])].green >= lit * 0.92 { open += 1 }
            }
        }
        return Double(open) / Double(max(1, width * height))
    }
}
