import CVision
import NativeCalls

/// Writes RGB pixels as files; nothing but the pixels goes in, so no metadata leaves with them.
public enum ImageEncoder {
    /// A lossless PNG file, 8 bits a channel.
    /// - Parameter level: zlib's effort, 0 (stored) to 9 (smallest).
    /// - Throws: ``ImagingError`` `invalidParameter` for an empty image or level, or `processingFailed`.
    public static func png(_ image: RGBImage, level: Int = 6) throws -> [UInt8] {
        guard (0...9).contains(level) else { throw ImagingError(.invalidParameter, "PNG level \(level) is not 0 to 9") }
        return try encode(image) { pixels, width, height, encoded, error in
            cv_encode_png(pixels, width, height, Int32(level), encoded, error)
        }
    }

    /// A baseline JPEG file with 4:2:0 chroma.
    /// - Parameter quality: 1 to 100, libjpeg's scale.
    /// - Throws: ``ImagingError`` `invalidParameter` for an empty image or quality, or `processingFailed`.
    public static func jpeg(_ image: RGBImage, quality: Int = 90) throws -> [UInt8] {
        guard (1...100).contains(quality) else {
            throw ImagingError(.invalidParameter, "JPEG quality \(quality) is not 1 to 100")
        }
        return try encode(image) { pixels, width, height, encoded, error in
            cv_encode_jpeg(pixels, width, height, Int32(quality), encoded, error)
        }
    }

    private typealias Encode = (
        UnsafePointer<UInt8>?, Int32, Int32, UnsafeMutablePointer<OpaquePointer?>, Native.ErrorText
    ) -> CSStatus

    private static func encode(_ image: RGBImage, _ body: Encode) throws -> [UInt8] {
        guard image.width > 0, image.height > 0 else {
            throw ImagingError(.invalidParameter, "an empty image has no file")
        }
        var encoded: OpaquePointer?
        try image.pixels.withUnsafeBufferPointer { pixels in
            try Native.call { error in
                body(pixels.baseAddress, Int32(image.width), Int32(image.height), &encoded, error)
            }
        }
        defer { cv_encoded_free(encoded) }
        return Array(UnsafeBufferPointer(start: cv_encoded_bytes(encoded), count: cv_encoded_count(encoded)))
    }
}
