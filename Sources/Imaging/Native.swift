import CVision
import NativeCalls

/// Calls into CVision, with status and text turned into `ImagingError`.
extension Native {
    /// Calls `body` with room for an error text.
    /// - Throws: `ImagingError` with `failure`, with `refusal` where the function refuses what it was given, or
    ///   `processingFailed` when memory ran out.
    static func call(
        failure: ImagingError.Code = .processingFailed, refusal: ImagingError.Code? = nil, format: ImageFormat? = nil,
        _ body: (ErrorText) -> CSStatus
    ) throws(ImagingError) {
        try call(body) { status, text in
            let code =
                switch status {
                case CSOutOfMemory: ImagingError.Code.processingFailed
                case CSRefused: refusal ?? failure
                default: failure
                }
            return ImagingError(code, text, format: format)
        }
    }

    /// Calls `body` with room for `width * height` RGB pixels and an error text.
    /// - Returns: `[height, width, 3]` bytes.
    static func pixels(
        width: Int, height: Int, failure: ImagingError.Code = .processingFailed, refusal: ImagingError.Code? = nil,
        format: ImageFormat? = nil,
        _ body: (UnsafeMutablePointer<UInt8>?, ErrorText) -> CSStatus
    ) throws -> [UInt8] {
        let count = width * height * 3
        return try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            try call(failure: failure, refusal: refusal, format: format) { body(buffer.baseAddress, $0) }
            initialized = count
        }
    }
}

extension RGBImage {
    /// Calls a C function that reads the pixels, their width and height.
    /// - Throws: `ImagingError` `invalidParameter` for an empty image, `processingFailed` when the function fails.
    func read(_ body: (UnsafePointer<UInt8>?, Int32, Int32, Native.ErrorText) -> CSStatus) throws {
        guard width > 0, height > 0 else { throw ImagingError(.invalidParameter, "the image is empty") }
        try pixels.withUnsafeBufferPointer { pixels in
            try Native.call { body(pixels.baseAddress, Int32(width), Int32(height), $0) }
        }
    }

    /// The image that a C function makes of the pixels, of their size where no other is given.
    /// - Throws: `ImagingError` `invalidParameter` for an empty image, `processingFailed` when the function fails.
    func mapped(
        width: Int? = nil, height: Int? = nil,
        _ transform: (UnsafePointer<UInt8>?, Int32, Int32, UnsafeMutablePointer<UInt8>?, Native.ErrorText) -> CSStatus
    ) throws -> RGBImage {
        let (newWidth, newHeight) = (width ?? self.width, height ?? self.height)
        guard self.width > 0, self.height > 0 else { throw ImagingError(.invalidParameter, "the image is empty") }
        let result = try pixels.withUnsafeBufferPointer { input in
            try Native.pixels(width: newWidth, height: newHeight) { output, error in
                transform(input.baseAddress, Int32(self.width), Int32(self.height), output, error)
            }
        }
        return RGBImage(width: newWidth, height: newHeight, pixels: result)
    }

    /// Resized without keeping the aspect ratio: by area when both sides shrink, else bilinearly.
    /// - Parameters:
    ///   - width: In pixels, 1 to 8192.
    ///   - height: In pixels, 1 to 8192.
    /// - Throws: `ImagingError` `invalidParameter` for an impossible size.
    public func resized(width: Int, height: Int) throws -> RGBImage {
        guard (1...8192).contains(width), (1...8192).contains(height) else {
            throw ImagingError(.invalidParameter, "an image cannot be resized to \(width)x\(height)")
        }
        return try reduced(width: width, height: height)
    }

    /// Reduced by area, whatever the size.
    func reduced(width: Int, height: Int) throws -> RGBImage {
        try mapped(width: width, height: height) { cv_resize($0, $1, $2, $3, Int32(width), Int32(height), $4) }
    }
}
