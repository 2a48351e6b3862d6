/// Why an image could not be read, processed or written.
public struct ImagingError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable, Codable, CaseIterable {
        /// No bytes at all.
        case empty
        /// The first bytes belong to none of the accepted formats.
        case unknownFormat
        /// The file ends before the image does.
        case truncated
        /// The structure or the compressed data contradicts itself.
        case corrupt
        case tooManyBytes
        case tooManyPixels
        /// A side is under the minimum.
        case tooSmall
        /// An accepted format in a variant that is not read, such as an animated WebP.
        case unsupported
        /// The way the file is written takes more memory than one image may have, such as a large interlaced PNG.
        case tooMuchMemory
        /// A parameter of a processing step is outside its range.
        case invalidParameter
        /// The image library failed on valid input, for instance for want of memory.
        case processingFailed
    }

    /// Why decoding a file takes much memory.
    public enum Weight: Sendable {
        /// A PNG whose rows are complete at its end alone.
        case interlaced
        /// A JPEG whose first row is complete at its end alone.
        case progressive
        case other
    }

    public let code: Code
    /// One plain English sentence part, fit to be shown to the person who sent the image.
    public let message: String
    /// The format found by content, where one was recognised.
    public var format: ImageFormat?
    /// The size that the header declares, in pixels.
    public var width: Int?
    public var height: Int?
    /// The limit that was broken: bytes, pixels, or pixels of a side, by `code`.
    public var limit: Int?
    /// What the file is, where it is none of the accepted formats and yet known.
    public var foreign: ForeignFormat?
    /// Why the file takes too much memory.
    public var weight = Weight.other

    public init(
        _ code: Code, _ message: String, format: ImageFormat? = nil, width: Int? = nil, height: Int? = nil,
        limit: Int? = nil, foreign: ForeignFormat? = nil
    ) {
        (self.code, self.message, self.format) = (code, message, format)
        (self.width, self.height, self.limit, self.foreign) = (width, height, limit, foreign)
    }

    public var description: String { "\(code.rawValue): \(message)" }
}
