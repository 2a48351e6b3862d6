import CSlides
import Imaging
import NativeCalls

/// An open slide. Reading blocks, and a broken file may end the process: `SlideWorker` reads in one of its own.
public final class SlideFile {
    /// The version of OpenSlide that runs, such as `3.4.1`.
    public static var libraryVersion: String { String(cString: csl_version()) }

    /// What was asked for.
    public let path: String
    public let shape: SlideShape
    public let limits: SlideLimits
    private let handle: OpaquePointer
    /// OpenSlide's number of each level.
    private let numbers: [Int32]

    /// Opens a slide.
    /// - Parameters:
    ///   - path: SVS, NDPI, SCN, a tiled TIFF pyramid or another file of OpenSlide's; for MRXS the file or its folder.
    ///   - limits: What it may ask for.
    /// - Throws: `SlideError` `unreadable`, `unknownFormat`, `dicom`, `damaged` or `beyondLimits`.
    public init(path: String, limits: SlideLimits = SlideLimits()) throws(SlideError) {
        let file = try SlideLocation.file(for: path)
        var opened: OpaquePointer?
        try Native.call {
            csl_open(file, &opened, $0)
        } orThrow: { status, text in
            status == CSRefused
                ? SlideLocation.unknown(path)
                : SlideError(.damaged, "\(path) cannot be opened: \(text)")
        }
        guard let opened else { throw SlideError(.damaged, "\(path) cannot be opened") }
        do { (shape, numbers) = try SlideShape.read(opened, path: path, limits: limits) } catch {
            csl_close(opened)
            throw error
        }
        (self.path, self.limits, handle) = (path, limits, opened)
    }

    deinit { csl_close(handle) }

    /// Reads a part of a level onto white.
    /// - Parameters:
    ///   - x: Column of its left edge in pixels of level 0; it may lie outside of the slide.
    ///   - y: Row of its upper edge, likewise.
    ///   - level: From 0, the largest.
    ///   - width: In pixels of the level, at least 1.
    ///   - height: Likewise.
    /// - Throws: `SlideError` `notThere`, `beyondLimits`, `outOfMemory` or `damaged`, after which nothing more can be read of
    ///   the file.
    public func read(x: Int, y: Int, level: Int, width: Int, height: Int) throws(SlideError) -> RGBImage {
        guard shape.levels.indices.contains(level) else {
            throw SlideError(
                .notThere, "\(path) has no level \(level); its levels are 0 to \(shape.levels.count - 1)")
        }
        let places = -limits.side...limits.side
        guard width > 0, height > 0, places.contains(x), places.contains(y) else {
            throw SlideError(.notThere, "\(width)x\(height) pixels at \(x),\(y) are no part of a slide")
        }
        try check(width: width, height: height, what: "a part")
        return try pixels(width: width, height: height, what: "level \(level) at \(x),\(y)") {
            csl_read(handle, numbers[level], Int64(x), Int64(y), Int64(width), Int64(height), $0, $1)
        }
    }

    /// Reads a rectangle so that a pixel is `downsample` pixels of level 0 wide, from the smallest level that is fine enough.
    /// - Parameters:
    ///   - rectangle: In pixels of level 0.
    ///   - downsample: 1 or more.
    /// - Returns: An image of the rectangle's size divided by `downsample`, at least a pixel each way.
    /// - Throws: As `read(x:y:level:width:height:)`.
    public func read(_ rectangle: SlideRectangle, downsample: Double) throws(SlideError) -> RGBImage {
        let lengths = 1...limits.side
        guard downsample >= 1, downsample.isFinite, lengths.contains(rectangle.width),
            lengths.contains(rectangle.height)
        else {
            throw SlideError(
                .notThere,
                "\(rectangle.width)x\(rectangle.height) pixels at 1/\(downsample) of their size are no part of a slide")
        }
        let level = shape.level(downsampledAtMost: downsample)
        let factor = shape.levels[level].downsample
        func length(_ pixels: Int, _ share: Double) -> Int { max(1, Int((Double(pixels) / share).rounded())) }
        let image = try read(
            x: rectangle.x, y: rectangle.y, level: level, width: length(rectangle.width, factor),
            height: length(rectangle.height, factor))
        let (width, height) = (length(rectangle.width, downsample), length(rectangle.height, downsample))
        if (width, height) == (image.width, image.height) { return image }
        do { return try image.resized(width: width, height: height) } catch {
            throw SlideError(.outOfMemory, "a part of \(path) cannot be reduced: \(error)")
        }
    }

    /// Reads an associated image onto white. A label may name a person.
    /// - Parameter name: One of `shape.associatedImages`.
    /// - Throws: `SlideError` `notThere`, `beyondLimits`, `outOfMemory` or `damaged`.
    public func associatedImage(_ name: String) throws(SlideError) -> RGBImage {
        guard let image = shape.associatedImages.first(where: { $0.name == name }) else {
            let known = shape.associatedImages.map(\.name).joined(separator: ", ")
            throw SlideError(.notThere, "\(path) has no image “\(name)”; it has \(known.isEmpty ? "none" : known)")
        }
        try check(width: image.width, height: image.height, what: "the image “\(name)”")
        return try pixels(width: image.width, height: image.height, what: "the image “\(name)”") {
            csl_read_associated(handle, name, $0, $1)
        }
    }

    private func check(width: Int, height: Int, what: String) throws(SlideError) {
        let (count, isTooMuch) = width.multipliedReportingOverflow(by: height)
        guard !isTooMuch, count <= limits.pixelsPerRead else {
            throw SlideError(
                .beyondLimits,
                "\(what) of \(width)x\(height) pixels of \(path) is too large; \(limits.pixelsPerRead) pixels are read at once"
            )
        }
    }

    private func pixels(
        width: Int, height: Int, what: String, _ body: (UnsafeMutablePointer<UInt8>?, Native.ErrorText) -> CSStatus
    ) throws(SlideError) -> RGBImage {
        let count = width * height * 3
        var failure: SlideError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(SlideError) {
                try Native.call {
                    body(buffer.baseAddress, $0)
                } orThrow: { status, text in
                    SlideError(
                        status == CSOutOfMemory ? .outOfMemory : .damaged, "\(what) of \(path) cannot be read: \(text)")
                }
                initialized = count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return RGBImage(width: width, height: height, pixels: bytes)
    }
}
