/// What an image file may cost, checked before any pixel is decoded.
public struct ImageLimits: Sendable, Equatable {
    /// Largest file, in bytes.
    public var maximumBytes: Int
    /// Largest width times height that a header may declare.
    public var maximumPixels: Int
    /// Smallest width and height, in pixels.
    public var minimumSide: Int
    /// Most bytes of memory that decoding may take beside the picture itself: an interlaced PNG and a progressive JPEG
    /// are held whole before their first row is known.
    public var maximumWorkingBytes: Int

    public init(
        maximumBytes: Int = 20_000_000, maximumPixels: Int = 60_000_000, minimumSide: Int = 32,
        maximumWorkingBytes: Int = 400_000_000
    ) {
        (self.maximumBytes, self.maximumPixels, self.minimumSide) = (maximumBytes, maximumPixels, minimumSide)
        self.maximumWorkingBytes = maximumWorkingBytes
    }

    /// 20 MB, 60 megapixels, 32 pixels a side, 400 MB of memory.
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
        guard header.workingBytes <= maximumWorkingBytes else { throw tooHeavy(header) }
    }

    private func tooHeavy(_ header: ImageHeader) -> ImagingError {
        let (name, megabytes) = (header.format.displayName, header.workingBytes / 1_000_000)
        let kind =
            switch header.weight {
            case .interlaced: "the \(name) file is interlaced: save it without"
            case .progressive: "the \(name) file is progressive: save it as baseline"
            case .other: "the \(name) file is large: make it smaller, or save it as baseline JPEG"
            }
        var error = ImagingError(
            .tooMuchMemory,
            "\(kind) (it takes \(megabytes) MB of memory, and at most \(maximumWorkingBytes / 1_000_000) MB are given)",
            format: header.format, width: header.width, height: header.height, limit: maximumWorkingBytes)
        error.weight = header.weight
        return error
    }
}
