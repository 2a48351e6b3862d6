import CVision
import Findings

/// What the first bytes of an image file declare; nothing has been decoded to learn it.
public struct ImageHeader: Sendable, Equatable {
    /// Meaning of the alpha channel.
    enum Alpha: Sendable, Equatable {
        case none, straight, premultiplied
    }

    /// Where the pixels lie, in formats in which the header tells it.
    enum Place: Sendable, Equatable {
        case whole
        /// The directory of a TIFF file's page.
        case directory(Int)
        case bitmap(BMPFile.Layout)
    }

    public let format: ImageFormat
    /// Size of the stored pixel grid, before the orientation is applied; of HEIC files the size as seen.
    public let storedWidth: Int
    public let storedHeight: Int
    /// EXIF orientation, 1 to 8 (TIFF 6.0, tag 274); 1 where the file has none, and in HEIC files, whose own boxes turn
    /// the picture.
    public var orientation = 1
    /// Width of one sample, in bits.
    public var bitsPerSample = 8
    /// Samples a pixel as stored: 1 grey or palette, 3 colour, 4 with alpha or CMYK.
    public var channels = 3
    /// True for an animated PNG, whose default picture is decoded.
    public var isAnimated = false
    /// What whoever sent the file may want to know of it; complete once pixels are decoded.
    public internal(set) var notes: [ImageNote] = []
    var alpha = Alpha.none
    var colourSource: ColourSource?
    var place = Place.whole
    /// The most bytes of memory that decoding takes beside the picture that comes of it.
    var workingBytes = 0
    /// Why `workingBytes` are many.
    var weight = ImagingError.Weight.other
    /// What was done about the file's own colour space; `.assumed` until pixels are decoded.
    public internal(set) var colours = Colours.assumed

    init(format: ImageFormat, width: Int, height: Int) {
        self.format = format
        storedWidth = width
        storedHeight = height
    }

    /// The header of a part of the picture, upright.
    func cropped(width: Int, height: Int, note: ImageNote) -> ImageHeader {
        var header = ImageHeader(format: format, width: width, height: height)
        (header.bitsPerSample, header.channels, header.isAnimated) = (bitsPerSample, channels, isAnimated)
        (header.alpha, header.colours, header.notes) = (alpha, colours, notes + [note])
        return header
    }

    /// Pixels of the stored grid; the limits have looked at it before anything is multiplied with it.
    var storedPixels: Int { storedWidth.multipliedReportingOverflow(by: storedHeight).partialValue }

    /// The most bytes that decoding takes at once: what the library holds, and the picture in 8-bit RGB.
    func decodingBytes(reduction: Int) -> Int {
        let (width, height) = ((storedWidth + reduction - 1) / reduction, (storedHeight + reduction - 1) / reduction)
        return workingBytes + width * height * 3
    }

    public var hasAlpha: Bool { alpha != .none }
    /// Size as seen, after the orientation is applied, in pixels.
    public var width: Int { orientation >= 5 ? storedHeight : storedWidth }
    public var height: Int { orientation >= 5 ? storedWidth : storedHeight }
}
