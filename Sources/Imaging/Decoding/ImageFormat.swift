/// The image formats that are read, told apart by their first bytes and never by a file name.
public enum ImageFormat: String, Sendable, Codable, CaseIterable {
    case jpeg, png, tiff, bmp, webp

    /// Name for people.
    public var displayName: String { self == .webp ? "WebP" : rawValue.uppercased() }

    /// - Throws: `ImagingError` `empty` or `unknownFormat`; GIF is named, as it is the likeliest stray.
    static func detect(_ bytes: [UInt8]) throws -> ImageFormat {
        guard !bytes.isEmpty else { throw ImagingError(.empty, "the file is empty") }
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
        if bytes.starts(with: PNGFile.signature) { return .png }
        if bytes.starts(with: [0x49, 0x49, 0x2A, 0]) || bytes.starts(with: [0x4D, 0x4D, 0, 0x2A]) { return .tiff }
        if bytes.starts(with: Array("BM".utf8)), bytes.count > 14, BMPFile.hasHeader(bytes) { return .bmp }
        if bytes.starts(with: Array("RIFF".utf8)), bytes.dropFirst(8).starts(with: Array("WEBP".utf8)) { return .webp }
        let accepted = "send JPEG, PNG, TIFF, BMP or WebP"
        if bytes.starts(with: Array("GIF8".utf8)) {
            throw ImagingError(.unknownFormat, "GIF images are not accepted; \(accepted)")
        }
        throw ImagingError(.unknownFormat, "the file is not an image of an accepted format; \(accepted)")
    }
}
