import CVision
import NativeCalls

/// Writes RGB pixels as files; nothing but the pixels goes in, so no metadata leaves with them.
public enum ImageEncoder {
    /// A lossless PNG file, 8 bits a channel.
    /// - Parameters:
    ///   - image: What is written.
    ///   - level: 0 (stored) to 9 (smallest); 1 to 3 take half the time for 15 % more bytes.
    /// - Throws: `ImagingError` `invalidParameter` for an empty image or level, or `processingFailed`.
    public static func png(_ image: RGBImage, level: Int = 6) throws -> [UInt8] {
        guard (0...9).contains(level) else { throw ImagingError(.invalidParameter, "PNG level \(level) is not 0 to 9") }
        return try encoded { file in try image.read { cv_encode_png($0, $1, $2, Int32(level), file, $3) } }
    }

    /// A PNG file of one channel, as small as it gets.
    /// - Parameters:
    ///   - grey: `[height, width]`, 0 to 255.
    ///   - width: In pixels, at least 1; `height` likewise.
    /// - Throws: `ImagingError` `invalidParameter` when the sizes do not fit, or `processingFailed`.
    static func png(grey: [UInt8], width: Int, height: Int) throws -> [UInt8] {
        guard width > 0, height > 0, grey.count == width * height else {
            throw ImagingError(.invalidParameter, "\(grey.count) grey levels are no image of \(width)x\(height)")
        }
        return try encoded { file in
            try Native.call { cv_encode_grey_png(grey, Int32(width), Int32(height), file, $0) }
        }
    }

    /// A baseline JPEG file with 4:2:0 chroma.
    /// - Parameters:
    ///   - image: What is written.
    ///   - quality: 1 to 100, libjpeg's scale.
    /// - Throws: `ImagingError` `invalidParameter` for an empty image or quality, or `processingFailed`.
    public static func jpeg(_ image: RGBImage, quality: Int = 90) throws -> [UInt8] {
        guard (1...100).contains(quality) else {
            throw ImagingError(.invalidParameter, "JPEG quality \(quality) is not 1 to 100")
        }
        return try encoded { file in try image.read { cv_encode_jpeg($0, $1, $2, Int32(quality), file, $3) } }
    }

    /// - Parameter body: Hands out an encoded file through its first argument.
    static func encoded(_ body: (UnsafeMutablePointer<OpaquePointer?>) throws -> Void) rethrows -> [UInt8] {
        try encodedIfAny(body) ?? []
    }

    /// - Returns: Nil where `body` hands out nothing.
    static func encodedIfAny(_ body: (UnsafeMutablePointer<OpaquePointer?>) throws -> Void) rethrows -> [UInt8]? {
        var file: OpaquePointer?
        try body(&file)
        guard let file else { return nil }
        defer { cv_encoded_free(file) }
        return Array(UnsafeBufferPointer(start: cv_encoded_bytes(file), count: cv_encoded_count(file)))
    }
}
