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
    /// Whether the whole of a JPEG file's coefficients are held while it is decoded.
    var isProgressive = false
    var alpha = Alpha.none
    var colourSource: ColourSource?
    /// What was done about the file's own colour space; `.assumed` until pixels are decoded.
    public internal(set) var colours = Colours.assumed

    init(format: ImageFormat, width: Int, height: Int) {
        self.format = format
        storedWidth = width
        storedHeight = height
    }

    /// The most bytes that decoding takes at once: coefficients or samples as the library holds them, and their copies
    /// down to 8-bit RGB.
    func decodingBytes(reduction: Int) -> Int {
        let pixels = storedWidth * storedHeight
        if format == .jpeg {
            let decoded = pixels / (reduction * reduction) * (channels == 4 ? 7 : 3)
            return decoded + (isProgressive ? pixels * 2 * channels : 0)
        }
        let samples = hasAlpha ? 4 : 3
        return pixels * (samples * (bitsPerSample > 8 ? 2 : 1) + samples + 3)
    }

    public var hasAlpha: Bool { alpha != .none }
    /// Size as seen, after the orientation is applied, in pixels.
    public var width: Int { orientation >= 5 ? storedHeight : storedWidth }
    public var height: Int { orientation >= 5 ? storedWidth : storedHeight }
}
