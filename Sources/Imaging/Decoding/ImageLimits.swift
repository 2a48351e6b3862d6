/// What an image file may cost, checked before any pixel is decoded.
public struct ImageLimits: Sendable, Equatable {
    /// Largest file, in bytes.
    public var maximumBytes: Int
    /// Largest width times height that a header may declare.
    public var maximumPixels: Int
    /// Smallest width and height, in pixels.
    public var minimumSide: Int

    public init(maximumBytes: Int = 20_000_000, maximumPixels: Int = 60_000_000, minimumSide: Int = 32) {
        (self.maximumBytes, self.maximumPixels, self.minimumSide) = (maximumBytes, maximumPixels, minimumSide)
    }

    /// 20 MB, 60 megapixels, 32 pixels a side.
    public static let `default` = ImageLimits()

    func check(byteCount: Int) throws {
        guard byteCount <= maximumBytes else {
            throw ImagingError(
                .tooManyBytes, "the file has \(byteCount) bytes; at most \(maximumBytes) are accepted",
                limit: maximumBytes)
        }
    }

    func check(_ header: ImageHeader) throws {
        let (width, height) = (header.storedWidth, header.storedHeight)
        let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
        guard !overflow, pixels <= maximumPixels else {
            throw ImagingError(
                .tooManyPixels, "the image is \(width)x\(height); at most \(maximumPixels) pixels are accepted",
                format: header.format, width: width, height: height, limit: maximumPixels)
        }
        guard min(width, height) >= minimumSide else {
            throw ImagingError(
                .tooSmall, "the image is \(width)x\(height); each side needs at least \(minimumSide) pixels",
                format: header.format, width: width, height: height, limit: minimumSide)
        }
    }
}
