/// The shape of the pixels of a set whose images were squeezed or stretched before they were given away.
public struct PixelAspect: Sendable, Equatable {
    /// How many times as wide as high a pixel is, 0.25 to 4.
    public let widthPerHeight: Double

    /// Pixels as high as wide.
    public static let square = PixelAspect(checked: 1)
    /// Fields of a camera of 4 to 3 that were squeezed into a square.
    public static let squeezedFourToThree = PixelAspect(checked: 4.0 / 3)

    /// - Throws: `ImagingError` `invalidParameter` for an aspect out of range.
    public init(widthPerHeight: Double) throws {
        guard (0.25...4).contains(widthPerHeight) else {
            throw ImagingError(.invalidParameter, "pixels are 0.25 to 4 times as wide as high, not \(widthPerHeight)")
        }
        self.init(checked: widthPerHeight)
    }

    private init(checked widthPerHeight: Double) {
        self.widthPerHeight = widthPerHeight
    }

    /// The image in its true shape: the shorter direction is widened, so that nothing is lost.
    /// - Throws: `ImagingError` `invalidParameter` for an image that becomes larger than 8192 pixels.
    public func widened(_ image: RGBImage) throws -> RGBImage {
        if widthPerHeight == 1 { return image }
        let width = Int((Double(image.width) * max(1, widthPerHeight)).rounded())
        let height = Int((Double(image.height) / min(1, widthPerHeight)).rounded())
        return try image.resized(width: width, height: height)
    }
}
