/// What the first bytes of an image file declare; nothing has been decoded to learn it.
public struct ImageHeader: Sendable, Equatable {
    /// Meaning of the alpha channel.
    enum Alpha: Sendable, Equatable {
        case none, straight, premultiplied
    }

    public let format: ImageFormat
    /// Size of the stored pixel grid, before the orientation is applied.
    public let storedWidth: Int
    public let storedHeight: Int
    /// EXIF orientation, 1 to 8 (TIFF 6.0, tag 274); 1 where the file has none.
    public var orientation = 1
    /// Width of one sample, in bits.
    public var bitsPerSample = 8
    /// Samples a pixel as stored: 1 grey or palette, 3 colour, 4 with alpha or CMYK.
    public var channels = 3
    /// True for an animated PNG, whose default picture is decoded.
    public var isAnimated = false
    var alpha = Alpha.none

    init(format: ImageFormat, width: Int, height: Int) {
        self.format = format
        storedWidth = width
        storedHeight = height
    }

    public var hasAlpha: Bool { alpha != .none }
    /// Size as seen, after the orientation is applied, in pixels.
    public var width: Int { orientation >= 5 ? storedHeight : storedWidth }
    public var height: Int { orientation >= 5 ? storedWidth : storedHeight }
}
