import CVision
import Findings
import NativeCalls

/// The picture of a JPEG file and nothing else of it: the same coefficients in a file of their own, so that it decodes to the
/// same pixels, and is stored without loss in less time than it takes to decode and encode it.
public struct JPEGPicture: Sendable {
    /// The most pixels that are copied so: their coefficients take up to six bytes each.
    public static let maximumPixels = 16_000_000
    private static let bytesOfPixel = 6

    /// The file.
    public let bytes: [UInt8]
    /// In pixels.
    public let width: Int
    /// In pixels.
    public let height: Int

    /// - Parameters:
    ///   - file: Its type is told by its content.
    ///   - limits: Checked on the header.
    /// - Returns: Nil for a file whose pixels are to be changed before they are kept: of another format, turned, in other colours
    ///   than sRGB, without its end, or of too many pixels; and for one whose copy would be larger than `limits` let in, for whoever
    ///   reads it again goes by them, or that no usual file can hold.
    /// - Throws: `ImagingError`, as of `ImageDecoder.decode(_:limits:minimumSide:)`.
    public init?(of file: [UInt8], limits: ImageLimits = .default) throws {
        guard let header = try Self.header(of: file, limits: limits) else { return nil }
        let extent = try JPEGFile(file).extent()
        guard extent.hasEnd else { return nil }
        let copied = try ImageEncoder.encodedIfAny { copy in
            try file.withUnsafeBufferPointer { file in
                try Native.call(failure: .corrupt, refusal: .unsupported, format: .jpeg) {
                    cv_copy_jpeg(
                        file.baseAddress, extent.length, Int32(header.storedWidth), Int32(header.storedHeight),
                        limits.maximumBytes, copy, $0)
                }
            }
        }
        guard let copied else { return nil }
        bytes = copied
        (width, height) = (header.width, header.height)
    }

    /// The bytes of memory that it takes at its height; 0 for a file that is not copied so.
    /// - Throws: `ImagingError` for a file that would be refused.
    public static func cost(of file: [UInt8], limits: ImageLimits = .default) throws -> Int {
        try header(of: file, limits: limits).map { $0.width * $0.height * bytesOfPixel } ?? 0
    }

    private static func header(of file: [UInt8], limits: ImageLimits) throws -> ImageHeader? {
        try limits.check(byteCount: file.count)
        let header = try ImageDecoder.inspect(file)
        try limits.check(header)
        let isKept =
            header.format == .jpeg && header.orientation == 1 && header.channels == 3 && header.colourSource == nil
            && header.width * header.height <= maximumPixels
        return isKept ? header : nil
    }
}
