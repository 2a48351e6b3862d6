/// One image file directory of a TIFF or BigTIFF file (TIFF 6.0, section 2; BigTIFF Design, Adobe and Aware Systems).
struct TIFFDirectory {
    enum Tag {
        static let subfileType = 254, width = 256, height = 257, bitsPerSample = 258, compression = 259
        static let photometric = 262, description = 270, stripOffsets = 273, orientation = 274, samplesPerPixel = 277
        static let rowsPerStrip = 278, stripByteCounts = 279, tileWidth = 322, tileHeight = 323, tileOffsets = 324
        static let tileByteCounts = 325, subDirectories = 330, extraSamples = 338, sampleFormat = 339
        static let colourProfile = 34675, rawVersion = 50706
    }

    struct Entry {
        /// Bytes a value: 1 (byte, text, undefined), 2, 4 or 8.
        let size: Int
        let count: Int
        /// Where the values lie.
        let offset: Int
    }

    /// Where it lies in the file.
    let offset: Int
    /// Where the next one lies; 0 after the last.
    let next: Int
    private let reader: ByteReader
    private let entries: [Int: Entry]

    /// - Throws: `ImagingError` `truncated` when the entries are not all there.
    init(_ reader: ByteReader, at offset: Int, isBig: Bool) throws {
        let (word, inline) = isBig ? (8, 12) : (4, 8)
        let entryLength = inline + word
        let entryCount = try reader.number(offset, isBig ? 8 : 2)
        let start = offset + (isBig ? 8 : 2)
        guard (0...65_535).contains(entryCount) else { throw reader.corrupt("a directory of \(entryCount) entries") }
        try reader.require(start, entryCount * entryLength)
        var entries: [Int: Entry] = [:]
        for index in 0..<entryCount {
            let at = start + index * entryLength
            guard let size = [1: 1, 2: 1, 3: 2, 4: 4, 7: 1, 13: 4, 16: 8][try reader.uint16(at + 2)] else { continue }
            let count = try reader.number(at + 4, word)
            guard count >= 0, count <= reader.count else { continue }
            let place = try size * count <= word ? at + inline : reader.number(at + inline, word)
            // A place beyond the end is told when the tag is wanted; one that no file has would overflow.
            guard (0...Int(Int32.max) * 2).contains(place) else { continue }
            entries[try reader.uint16(at)] = Entry(size: size, count: count, offset: place)
        }
        let end = start + entryCount * entryLength
        // A block of EXIF may end here.
        next = end + word <= reader.count ? try reader.number(end, word) : 0
        (self.offset, self.reader, self.entries) = (offset, reader, entries)
    }

    subscript(tag: Int) -> Entry? { entries[tag] }

    /// The first value of a tag; nil where the tag is missing.
    func first(_ tag: Int) throws -> Int? {
        guard let entry = entries[tag], entry.count > 0 else { return nil }
        return try value(entry, 0)
    }

    func value(_ entry: Entry, _ index: Int) throws -> Int {
        try reader.number(entry.offset + index * entry.size, entry.size)
    }

    /// All values of a tag; none where it is missing.
    func values(_ tag: Int) throws -> [Int] {
        guard let entry = entries[tag] else { return [] }
        return try (0..<entry.count).map { try value(entry, $0) }
    }

    /// The bytes of a tag; nil where it is missing, or not all of it is there.
    func bytes(_ tag: Int) -> ArraySlice<UInt8>? {
        guard let entry = entries[tag], entry.size == 1, entry.offset >= 0, entry.count > 0,
            entry.offset <= reader.count, entry.count <= reader.count - entry.offset
        else { return nil }
        return reader.bytes[entry.offset..<(entry.offset + entry.count)]
    }

    /// An orientation that cannot be read counts as upright, as one that is missing does (TIFF 6.0, tag 274).
    var orientation: Int {
        guard let entry = entries[Tag.orientation], entry.count == 1, let value = try? value(entry, 0),
            (1...8).contains(value)
        else { return 1 }
        return value
    }

    /// Width times height, 0 where they make no sense.
    var pixels: Int {
        guard let width = try? first(Tag.width), let height = try? first(Tag.height), width > 0, height > 0 else {
            return 0
        }
        let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
        return overflow ? 0 : pixels
    }

    /// Whether the page is a smaller copy of another one, or a mask (TIFF 6.0, tag 254).
    var isSecondary: Bool { ((try? first(Tag.subfileType)) ?? 0) & 0b101 != 0 }
}
