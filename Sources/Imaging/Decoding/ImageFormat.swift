/// The image formats that are read, told apart by their first bytes and never by a file name.
public enum ImageFormat: String, Sendable, Codable, CaseIterable {
    case jpeg, png, tiff, bmp, webp, heic

    /// Endings of file names, in lower case, under which such images are looked for in folders.
    public static let fileExtensions: Set<String> = [
        "jpg", "jpeg", "jpe", "jfif", "png", "tif", "tiff", "bmp", "dib", "webp", "heic", "heif",
    ]

    /// Name for people.
    public var displayName: String { self == .webp ? "WebP" : rawValue.uppercased() }

    /// - Throws: `ImagingError` `empty` or `unknownFormat`, with what the file is where that is known.
    static func detect(_ bytes: [UInt8]) throws -> ImageFormat {
        guard !bytes.isEmpty else { throw ImagingError(.empty, "the file is empty") }
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
        if bytes.starts(with: PNGFile.signature) { return .png }
        if TIFFFile.hasHeader(bytes) { return .tiff }
        if bytes.starts(with: Array("BM".utf8)), bytes.count > 18, BMPFile.hasHeader(bytes) { return .bmp }
        if bytes.starts(with: Array("RIFF".utf8)), bytes.dropFirst(8).starts(with: Array("WEBP".utf8)) { return .webp }
        if case .heic? = ISOBrand(bytes) { return .heic }
        if let foreign = ForeignFormat(bytes) {
            throw ImagingError(.unknownFormat, foreign.explanation, foreign: foreign)
        }
        throw ImagingError(
            .unknownFormat,
            "the file is not an image of an accepted format; send JPEG, PNG, TIFF, BMP, WebP or HEIC")
    }
}
