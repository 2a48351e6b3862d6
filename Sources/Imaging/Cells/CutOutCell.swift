/// A picture of one cell that a program cut out and laid on black, as collections of single cells have them: no glass and no red
/// cells are left to tell light and scale.
public struct CutOutCell: Sendable, Equatable {
    /// No channel of a pixel that is black reaches this, of 255; cut out pictures that were compressed are not quite 0.
    static let blackBelow: UInt8 = 8
    /// Share of the rim that is black at least.
    static let leastBlackRim = 0.75
    /// How wide a lymphoid cell is, in red cells: 8 to 13 µm for 7.5, small lymphocytes less, blasts more.
    static let redCellsAcross = 1.4
    /// The grey that black becomes: usual for glass.
    static let glass: UInt8 = 235

    /// The picture with glass in place of black.
    public let onGlass: RGBImage
    /// Diameter of a disc of the cell's area, in pixels.
    public let diameter: Double

    /// About how wide a red cell would be, in pixels, from the usual size of a white cell: worth little, since size is most of what
    /// tells a blast.
    public var assumedRedCellPixels: Double { diameter / Self.redCellsAcross }

    /// - Returns: nil for a picture that is not black all around.
    public init?(_ image: RGBImage) {
        guard image.width > 2, image.height > 2, Self.blackRim(of: image) >= Self.leastBlackRim else { return nil }
        var (picture, area) = (image, 0)
        for start in stride(from: 0, to: image.pixels.count, by: 3) {
            guard Self.isBlack(image, start) else {
                area += 1
                continue
            }
            for channel in start..<start + 3 { picture.pixels[channel] = Self.glass }
        }
        guard area > 0 else { return nil }
        (onGlass, diameter) = (picture, (4 * Double(area) / .pi).squareRoot())
    }

    private static func isBlack(_ image: RGBImage, _ start: Int) -> Bool {
        image.pixels[start] < blackBelow && image.pixels[start + 1] < blackBelow
            && image.pixels[start + 2] < blackBelow
    }

    private static func blackRim(of image: RGBImage) -> Double {
        let (width, height) = (image.width, image.height)
        let rows = (0..<height).flatMap { [$0 * width, $0 * width + width - 1] }
        let rim = rows + (1..<width - 1).flatMap { [$0, (height - 1) * width + $0] }
        return Double(rim.count { isBlack(image, 3 * $0) }) / Double(rim.count)
    }
}
