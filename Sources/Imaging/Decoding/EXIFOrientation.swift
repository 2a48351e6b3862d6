/// The orientation tag inside an EXIF block.
enum EXIFOrientation {
    /// - Parameter block: A TIFF structure, as EXIF 2.3 embeds it in JPEG, PNG and WebP files.
    /// - Returns: 1 to 8; 1 (as stored) when the block is damaged, since the picture itself may well be sound.
    static func read(_ block: ArraySlice<UInt8>) -> Int {
        do {
            return try TIFFFile(Array(block)).orientation()
        } catch {
            return 1
        }
    }
}
