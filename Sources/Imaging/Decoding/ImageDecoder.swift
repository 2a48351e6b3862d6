import CVision
import Findings
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
/// with several pages the largest one, of a HEIC file the main picture; the header's notes tell so.
public enum ImageDecoder {
    /// Reads the header, and nothing else, of a JPEG, PNG, TIFF, BMP, WebP or HEIC file.
    /// - Throws: `ImagingError` `empty`, `unknownFormat`, `truncated`, `corrupt` or `unsupported`.
    public static func inspect(_ bytes: [UInt8]) throws -> ImageHeader {
        switch try ImageFormat.detect(bytes) {
        case .jpeg: try JPEGFile(bytes).header()
        case .png: try PNGFile(bytes).header()
        case .tiff: try TIFFFile(bytes).header()
        case .bmp: try BMPFile(bytes).header()
        case .webp: try WebPFile(bytes).header()
        case .heic: try HEICFile(bytes).header()
        }
    }

    /// Decodes to sRGB: orientation and colour profile applied, alpha laid over white, grey, palette, 16-bit and CMYK
    /// converted.
    /// - Parameters:
    ///   - bytes: The file; its type is told by its content.
    ///   - limits: Checked on the header, before any pixel is decoded.
    ///   - minimumSide: When given, the image is decoded at 1/2, 1/4 or 1/8 of its size, the smallest
    ///     of these whose sides are both still at least this many pixels. JPEG files then decode much faster, and most
    ///     others need no more memory than the result.
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
        let reduction = reduction(of: header, to: minimumSide)
        let image: RGBImage
        switch header.format {
        case .jpeg:
            image = try jpeg(bytes, &header, reduction: reduction)
        case .png:
            let length = try PNGFile(bytes).completeLength()
            image = try pixels(bytes, length: length, &header, reduction: reduction)
        case .webp:
            let length = try WebPFile(bytes).completeLength()
            image = try pixels(bytes, length: length, &header, reduction: reduction)
        case .tiff, .bmp, .heic:
            if header.format == .tiff { try TIFFFile(bytes).checkComplete() }
            if header.format == .bmp { try BMPFile(bytes).checkComplete() }
            image = try pixels(bytes, length: bytes.count, &header, reduction: reduction)
        }
        if let note = header.colours.note { header.notes.append(note) }
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

    static func reduction(of header: ImageHeader, to minimumSide: Int?) -> Int {
        guard let minimumSide else { return 1 }
        let side = min(header.storedWidth, header.storedHeight)
        return [8, 4, 2].first { side / $0 >= max(minimumSide, 1) } ?? 1
    }

    /// A file without its end is read where all of its image is there.
    private static func jpeg(_ bytes: [UInt8], _ header: inout ImageHeader, reduction: Int) throws -> RGBImage {
        let extent = try JPEGFile(bytes).extent()
        guard !extent.hasEnd else { return try pixels(bytes, length: extent.length, &header, reduction: reduction) }
        let ended = bytes[..<extent.length] + [0xFF, 0xD9]
        do {
            let image = try pixels(Array(ended), length: ended.count, &header, reduction: reduction)
            header.notes.append(.endMissing)
            return image
        } catch let error as ImagingError where error.code == .corrupt {
            throw ByteReader(bytes: [], format: .jpeg).truncated
        }
    }

    private static func pixels(
        _ bytes: [UInt8], length: Int, _ header: inout ImageHeader, reduction: Int
    ) throws -> RGBImage {
        var request = CVDecodeRequest(header, reduction: reduction)
        var report = CVDecodeReport()
        let width = (header.width + reduction - 1) / reduction
        let height = (header.height + reduction - 1) / reduction
        let pixels = try Native.pixels(
            width: width, height: height, failure: .corrupt, refusal: .unsupported, format: header.format
        ) { output, error in
            bytes.withUnsafeBufferPointer { bytes in
                (header.colourSource ?? .sRGB).withNative {
                    cv_decode(
                        bytes.baseAddress, length, &request, $0, output, Int32(width), Int32(height), &report, error)
                }
            }
        }
        switch header.colourSource {
        case .sRGB: header.colours = .sRGB
        case .incomplete: header.colours = .ignored(.incomplete)
        default: header.colours = Colours(report.colours)
        }
        if report.usedBits < 16 { header.notes.append(.fewerBits(bits: Int(report.usedBits))) }
        return RGBImage(width: width, height: height, pixels: pixels)
    }
}

extension CVDecodeRequest {
    fileprivate init(_ header: ImageHeader, reduction: Int) {
        self.init()
        (width, height) = (Int32(header.storedWidth), Int32(header.storedHeight))
        (self.reduction, orientation) = (Int32(reduction), Int32(header.orientation))
        jpegChannels = Int32(header.channels)
        format =
            switch header.format {
            case .jpeg: CVFormatJPEG
            case .png: CVFormatPNG
            case .tiff: CVFormatTIFF
            case .bmp: CVFormatBMP
            case .webp: CVFormatWebP
            case .heic: CVFormatHEIC
            }
        alpha =
            switch header.alpha {
            case .none: CVAlphaNone
            case .straight: CVAlphaStraight
            case .premultiplied: CVAlphaPremultiplied
            }
        switch header.place {
        case .whole: break
        case .directory(let offset): tiffDirectory = UInt64(offset)
        case .bitmap(let layout): bitmap = CVBitmap(layout)
        }
    }
}

extension CVBitmap {
    fileprivate init(_ layout: BMPFile.Layout) {
        self.init()
        (pixels, palette, bitsPerPixel) = (layout.pixels, layout.palette, Int32(layout.bitsPerPixel))
        (paletteCount, paletteStride) = (Int32(layout.paletteCount), Int32(layout.paletteStride))
        (isRunLength, isTopDown) = (layout.isRunLength ? 1 : 0, layout.isTopDown ? 1 : 0)
        masks = (layout.masks[0], layout.masks[1], layout.masks[2], layout.masks[3])
    }
}
