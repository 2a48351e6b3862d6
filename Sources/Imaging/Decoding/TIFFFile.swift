/// The first image file directory of a TIFF file (TIFF 6.0, section 2); also the form in which EXIF data comes.
struct TIFFFile {
    private enum Tag {
        static let width = 256, height = 257, bitsPerSample = 258, stripOffsets = 273, orientation = 274
        static let samplesPerPixel = 277, stripByteCounts = 279, tileWidth = 322, tileHeight = 323
        static let tileOffsets = 324, tileByteCounts = 325, extraSamples = 338, sampleFormat = 339
        static let colourProfile = 34675
    }

    private let reader: ByteReader

    /// - Throws: `ImagingError` `corrupt` when the byte-order mark is missing.
    init(_ bytes: [UInt8]) throws {
        var reader = ByteReader(bytes: bytes, format: .tiff)
        if reader.has("II", at: 0) {
            reader.isBigEndian = false
        } else if !reader.has("MM", at: 0) {
            throw reader.corrupt("the byte-order mark is missing")
        }
        self.reader = reader
    }

    func header() throws -> ImageHeader {
        let entries = try directory()
        let width = try first(Tag.width, in: entries) ?? 0
        let height = try first(Tag.height, in: entries) ?? 0
        guard width > 0, height > 0, width <= Int(Int32.max), height <= Int(Int32.max) else {
            throw reader.corrupt("a size of \(width)x\(height)")
        }
        var header = ImageHeader(format: .tiff, width: width, height: height)
        header.orientation = orientation(in: entries)
        header.colourSource = colourSource(in: entries)
        header.bitsPerSample = try first(Tag.bitsPerSample, in: entries) ?? 1
        header.channels = try first(Tag.samplesPerPixel, in: entries) ?? 1
        guard header.bitsPerSample <= 16, try first(Tag.sampleFormat, in: entries) ?? 1 == 1 else {
            throw reader.unsupported("TIFF files of floating-point, signed or more than 16-bit samples")
        }
        // libtiff multiplies the colours by alpha itself, whichever kind of alpha the file declares.
        if header.channels == 4, entries[Tag.extraSamples] != nil { header.alpha = .premultiplied }
        return header
    }

    /// Checks that every strip or tile lies inside the file and that no tile is larger than the image needs.
    func checkComplete() throws {
        let entries = try directory()
        let isTiled = entries[Tag.tileOffsets] != nil
        if isTiled { try checkTileSize(in: entries) }
        guard let offsets = entries[isTiled ? Tag.tileOffsets : Tag.stripOffsets] else {
            throw reader.corrupt("it holds no image data")
        }
        guard let counts = entries[isTiled ? Tag.tileByteCounts : Tag.stripByteCounts], counts.count == offsets.count
        else { throw reader.corrupt("the lengths of its strips are missing") }
        for index in 0..<offsets.count {
            try reader.require(value(offsets, index), value(counts, index))
        }
    }

    /// The orientation tag alone, 1 when it is missing or invalid.
    func orientation() throws -> Int { orientation(in: try directory()) }

    private func checkTileSize(in entries: [Int: Entry]) throws {
        let width = try first(Tag.tileWidth, in: entries) ?? 0
        let height = try first(Tag.tileHeight, in: entries) ?? 0
        guard (1...8192).contains(width), (1...8192).contains(height) else {
            throw reader.corrupt("tiles of \(width)x\(height)")
        }
    }

    private struct Entry {
        /// Bytes a value: 1 (byte, undefined), 2 or 4.
        let size: Int
        let count: Int
        /// Where the values lie.
        let offset: Int
    }

    private func directory() throws -> [Int: Entry] {
        let start = try reader.uint32(4)
        let entryCount = try reader.uint16(start)
        try reader.require(start + 2, entryCount * 12)
        var entries: [Int: Entry] = [:]
        for index in 0..<entryCount {
            let at = start + 2 + index * 12
            guard let size = [1: 1, 3: 2, 4: 4, 7: 1][try reader.uint16(at + 2)] else { continue }
            let count = try reader.uint32(at + 4)
            let offset = size * count <= 4 ? at + 8 : try reader.uint32(at + 8)
            entries[try reader.uint16(at)] = Entry(size: size, count: count, offset: offset)
        }
        return entries
    }

    private func first(_ tag: Int, in entries: [Int: Entry]) throws -> Int? {
        guard let entry = entries[tag], entry.count > 0 else { return nil }
        return try value(entry, 0)
    }

    private func value(_ entry: Entry, _ index: Int) throws -> Int {
        try reader.number(entry.offset + index * entry.size, entry.size)
    }

    private func colourSource(in entries: [Int: Entry]) -> ColourSource? {
        guard let entry = entries[Tag.colourProfile] else { return nil }
        let end = entry.offset + entry.count
        guard entry.size == 1, entry.offset < end, end <= reader.count else { return .incomplete }
        return .profile(Array(reader.bytes[entry.offset..<end]), isDeflated: false)
    }

    /// An orientation that cannot be read counts as upright, as one that is missing does (TIFF 6.0, tag 274).
    private func orientation(in entries: [Int: Entry]) -> Int {
        guard let entry = entries[Tag.orientation], entry.count == 1, let value = try? value(entry, 0),
            (1...8).contains(value)
        else { return 1 }
        return value
    }
}
