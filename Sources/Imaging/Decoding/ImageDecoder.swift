import CVision
import NativeCalls

/// A decoded image and what its header said.
public struct DecodedImage: Sendable, Equatable {
    public let image: RGBImage
    public let header: ImageHeader
    /// Size of the photograph as seen, before any reduction, in pixels.
    public var originalWidth: Int { header.width }
    public var originalHeight: Int { header.height }
}

/// Turns an image file in memory into RGB pixels, within limits, and refuses what is damaged.
///
/// Bytes after the end of the image (a second picture, a script, an archive) are tolerated but never reach the decoder,
/// and nothing of the file but its pixels is kept. Of an animated PNG the default picture is decoded, of a TIFF file
/// with several pages the first one.
public enum ImageDecoder {
    /// Reads the header, and nothing else, of a JPEG, PNG, TIFF, BMP or WebP file.
    /// - Throws: `ImagingError` `empty`, `unknownFormat`, `truncated`, `corrupt` or `unsupported`.
    public static func inspect(_ bytes: [UInt8]) throws -> ImageHeader {
        switch try ImageFormat.detect(bytes) {
        case .jpeg: try JPEGFile(bytes).header()
        case .png: try PNGFile(bytes).header()
        case .tiff: try TIFFFile(bytes).header()
        case .bmp: try BMPFile(bytes).header()
        case .webp: try WebPFile(bytes).header()
        }
    }

    /// Decodes to sRGB: the EXIF orientation and the colour profile applied, alpha laid over white, grey, palette, 16-bit
    /// and CMYK converted.
    /// - Parameters:
    ///   - limits: Checked on the header, before any pixel is decoded.
    ///   - minimumSide: When given, the image is decoded at 1/2, 1/4 or 1/8 of its size, the smallest
    ///     of these whose sides are both still at least this many pixels. JPEG files then decode much faster.
    /// - Throws: `ImagingError`, also for files that end early or hold damaged data.
    public static func decode(_ bytes: [UInt8], limits: ImageLimits = .default, minimumSide: Int? = nil) throws
        -> RGBImage
    {
        try decodeWithHeader(bytes, limits: limits, minimumSide: minimumSide).image
    }

    /// As `decode(_:limits:minimumSide:)`, with the original size and format beside the pixels.
    public static func decodeWithHeader(
        _ bytes: [UInt8], limits: ImageLimits = .default, minimumSide: Int? = nil
    ) throws -> DecodedImage {
        try limits.check(byteCount: bytes.count)
        var header = try inspect(bytes)
        try limits.check(header)
        let length = try completeLength(bytes, format: header.format)
        var image = try pixels(bytes, length: length, header: header, reduction: reduction(of: header, to: minimumSide))
        header.colours = try image.turnIntoSRGB(from: header.colourSource)
        return DecodedImage(image: image, header: header)
    }

    /// The bytes of memory that decoding takes at its height, told by the header.
    /// - Parameters: As of `decode(_:limits:minimumSide:)`.
    /// - Throws: `ImagingError` for a file that would be refused before a pixel is decoded.
    public static func cost(
        of bytes: [UInt8], limits: ImageLimits = .default, minimumSide: Int? = nil
    ) throws -> Int {
        try limits.check(byteCount: bytes.count)
        let header = try inspect(bytes)
        try limits.check(header)
        return header.decodingBytes(reduction: reduction(of: header, to: minimumSide))
    }

    /// - Returns: How many of the bytes belong to the image.
    private static func completeLength(_ bytes: [UInt8], format: ImageFormat) throws -> Int {
        switch format {
        case .jpeg: return try JPEGFile(bytes).completeLength()
        case .png: return try PNGFile(bytes).completeLength()
        case .webp: return try WebPFile(bytes).completeLength()
        case .tiff: try TIFFFile(bytes).checkComplete()
        case .bmp: try BMPFile(bytes).checkComplete()
        }
        return bytes.count
    }

    static func reduction(of header: ImageHeader, to minimumSide: Int?) -> Int {
        guard let minimumSide else { return 1 }
        let side = min(header.storedWidth, header.storedHeight)
        return [8, 4, 2].first { side / $0 >= max(minimumSide, 1) } ?? 1
    }

    private static func pixels(_ bytes: [UInt8], length: Int, header: ImageHeader, reduction: Int) throws -> RGBImage {
        // OpenCV's TIFF decoder applies the orientation itself, whatever it is asked.
        let isUpright = header.format == .tiff
        var request = CVDecodeRequest(
            width: Int32(isUpright ? header.width : header.storedWidth),
            height: Int32(isUpright ? header.height : header.storedHeight), reduction: Int32(reduction),
            orientation: isUpright ? 1 : Int32(header.orientation), alpha: header.nativeAlpha,
            jpegChannels: header.format == .jpeg ? Int32(header.channels) : 0)
        let width = (header.width + reduction - 1) / reduction
        let height = (header.height + reduction - 1) / reduction
        let pixels = try Native.pixels(width: width, height: height, failure: .corrupt, format: header.format) {
            output, error in
            bytes.withUnsafeBufferPointer {
                cv_decode($0.baseAddress, length, &request, output, Int32(width), Int32(height), error)
            }
        }
        return RGBImage(width: width, height: height, pixels: pixels)
    }
}

extension ImageHeader {
    fileprivate var nativeAlpha: CVAlpha {
        switch alpha {
        case .none: CVAlphaNone
        case .straight: CVAlphaStraight
        case .premultiplied: CVAlphaPremultiplied
        }
    }
}
