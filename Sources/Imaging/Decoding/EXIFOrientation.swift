/// The orientation tag inside an EXIF block.
enum EXIFOrientation {
    private static let prefix = Array("Exif\0\0".utf8)

    /// - Parameter block: A TIFF structure, as EXIF 2.3 embeds it in JPEG, PNG and WebP files; many writers put the prefix
    ///   of JPEG before it in the other two as well.
    /// - Returns: 1 to 8; 1 (as stored) when the block is damaged, since the picture itself may well be sound.
    static func read(_ block: ArraySlice<UInt8>) -> Int {
        do {
            return try TIFFFile(Array(block.starts(with: prefix) ? block.dropFirst(prefix.count) : block)).orientation()
        } catch {
            return 1
        }
    }
}
