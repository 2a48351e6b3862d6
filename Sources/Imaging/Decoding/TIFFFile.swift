import Findings

/// A TIFF or BigTIFF file of one or several pages; also the form in which EXIF data comes.
struct TIFFFile {
    private typealias Tag = TIFFDirectory.Tag

    /// Pages beyond these are not looked at.
    private static let maximumPages = 4096

    private let reader: ByteReader
    private let isBig: Bool

    /// - Throws: `ImagingError` `corrupt` when the byte-order mark is missing.
    init(_ bytes: [UInt8]) throws {
        var reader = ByteReader(bytes: bytes, format: .tiff)
        if reader.has("II", at: 0) {
            reader.isBigEndian = false
        } else if !reader.has("MM", at: 0) {
            throw reader.corrupt("the byte-order mark is missing")
        }
        self.reader = reader
        isBig = try reader.uint16(2) == 43
    }

    static func hasHeader(_ bytes: [UInt8]) -> Bool {
        [[0x49, 0x49, 0x2A, 0], [0x4D, 0x4D, 0, 0x2A], [0x49, 0x49, 0x2B, 0], [0x4D, 0x4D, 0, 0x2B]]
            .contains { bytes.starts(with: $0) }
    }

    func header() throws -> ImageHeader {
        let pages = try self.pages()
        let (number, page) = try largest(of: pages)
        let width = try page.first(Tag.width) ?? 0
        let height = try page.first(Tag.height) ?? 0
        guard width > 0, height > 0, width <= Int(Int32.max), height <= Int(Int32.max) else {
            throw reader.corrupt("a size of \(width)x\(height)")
        }
        var header = ImageHeader(format: .tiff, width: width, height: height)
        header.place = .directory(page.offset)
        header.orientation = page.orientation
        if page[Tag.colourProfile] != nil {
            header.colourSource =
                page.bytes(Tag.colourProfile).map { .profile(Array($0), isDeflated: false) } ?? .incomplete
        }
        header.bitsPerSample = try page.first(Tag.bitsPerSample) ?? 1
        header.channels = try page.first(Tag.samplesPerPixel) ?? 1
        guard header.bitsPerSample <= 16, try [1, 4].contains(page.first(Tag.sampleFormat) ?? 1) else {
            throw reader.unsupported("TIFF files of floating-point, signed or more than 16-bit samples")
        }
        try readExtraSamples(of: page, into: &header)
        header.notes += stackNotes(of: pages, shown: number + 1)
        header.workingBytes = try workingBytes(of: page, header)
        return header
    }

    /// Checks that every strip or tile of the page that is read lies inside the file.
    func checkComplete() throws {
        let page = try largest(of: pages()).page
        let isTiled = page[Tag.tileOffsets] != nil
        guard let offsets = page[isTiled ? Tag.tileOffsets : Tag.stripOffsets] else {
            throw reader.corrupt("it holds no image data")
        }
        guard let counts = page[isTiled ? Tag.tileByteCounts : Tag.stripByteCounts], counts.count == offsets.count
        else { throw reader.corrupt("the lengths of its strips are missing") }
        for index in 0..<offsets.count {
            try reader.require(page.value(offsets, index), page.value(counts, index))
        }
    }

    /// The orientation tag alone, 1 when it is missing or invalid.
    func orientation() throws -> Int { try directory(at: firstOffset()).orientation }

    private func firstOffset() throws -> Int { try isBig ? reader.number(8, 8) : reader.uint32(4) }

    private func directory(at offset: Int) throws -> TIFFDirectory {
        try TIFFDirectory(reader, at: offset, isBig: isBig)
    }

    /// The pages in their order. Damage behind the first one ends the list: what can be read is read.
    private func pages() throws -> [TIFFDirectory] {
        var pages = [try directory(at: firstOffset())]
        var seen: Set = [pages[0].offset]
        while let next = pages.last?.next, next > 0, pages.count < Self.maximumPages, seen.insert(next).inserted,
            let page = try? directory(at: next)
        {
            pages.append(page)
        }
        return pages
    }

    /// The first of the largest pages that are no copies of others.
    private func largest(of pages: [TIFFDirectory]) throws -> (number: Int, page: TIFFDirectory) {
        let full = pages.indices.filter { !pages[$0].isSecondary }
        // Raw files of cameras are TIFF files with a small copy in front, or say so.
        let isRaw =
            try pages[0].first(Tag.rawVersion) != nil || (reader.has("CR\u{2}\0", at: 8) && firstOffset() == 16)
            || (full.isEmpty && pages[0][Tag.subDirectories] != nil)
        guard !isRaw else {
            throw ImagingError(.unknownFormat, ForeignFormat.cameraRaw.explanation, foreign: .cameraRaw)
        }
        let candidates = full.isEmpty ? Array(pages.indices) : full
        let most = candidates.map { pages[$0].pixels }.max()
        let number = candidates.first { pages[$0].pixels == most } ?? 0
        return (number, pages[number])
    }

    /// What lies beside the colours: alpha, or samples without a meaning, which are left out (TIFF 6.0, tag 338).
    private func readExtraSamples(of page: TIFFDirectory, into header: inout ImageHeader) throws {
        let colours = [2: 3, 5: 4, 6: 3, 8: 3, 9: 3][try page.first(Tag.photometric) ?? 0] ?? 1
        let extra = header.channels - colours
        guard extra > 0 else { return }
        let kinds = try page.values(Tag.extraSamples).prefix(extra)
        switch kinds.first(where: { $0 == 1 || $0 == 2 }) {
        case 1: header.alpha = .premultiplied
        case 2: header.alpha = .straight
        default: break
        }
        let dropped = extra - (header.hasAlpha ? 1 : 0)
        if dropped > 0 { header.notes.append(.samplesDropped(count: dropped)) }
    }

    /// What is told of several pages: OME and ImageJ say in the first one's description what they are.
    private func stackNotes(of pages: [TIFFDirectory], shown: Int) -> [ImageNote] {
        let description = String(decoding: pages[0].bytes(Tag.description) ?? [], as: UTF8.self)
        let stack = TIFFStack(description: description, pages: pages.count)
        guard max(pages.count, stack?.pages ?? 1) > 1 else { return [] }
        guard let stack else { return [.pages(count: pages.count, shown: shown)] }
        return [.stack(stack.form, pages: stack.pages, channels: stack.channels)]
    }

    /// A line, a row of tiles, or where colour is stored smaller than brightness a strip turned into RGB.
    private func workingBytes(of page: TIFFDirectory, _ header: ImageHeader) throws -> Int {
        let pixel = header.channels * (header.bitsPerSample > 8 ? 2 : 1)
        var width = header.storedWidth
        let isSubsampled = try page.first(Tag.photometric) == 6 && page.first(Tag.compression) != 7
        var rows = 1
        if page[Tag.tileOffsets] != nil {
            let tileWidth = try page.first(Tag.tileWidth) ?? 0
            rows = try page.first(Tag.tileHeight) ?? 0
            guard (1...8192).contains(tileWidth), (1...8192).contains(rows) else {
                throw reader.corrupt("tiles of \(tileWidth)x\(rows)")
            }
            width = (width + tileWidth - 1) / tileWidth * tileWidth
        } else if isSubsampled {
            rows = min(header.storedHeight, max(1, try page.first(Tag.rowsPerStrip) ?? header.storedHeight))
        }
        // Wrong for sizes that the limit of pixels refuses.
        return reader.count &+ 2 &* rows &* (isSubsampled ? 4 * width : pixel * width)
    }
}

/// What the description of a TIFF file says of its pages, where a program for microscopes wrote it.
private struct TIFFStack {
    let form: ImageNote.StackForm
    let pages: Int
    let channels: Int

    /// - Parameter pages: How many directories there are; ImageJ writes large stacks with one alone.
    init?(description: String, pages: Int) {
        func number(_ name: String, _ text: Substring) -> Int? {
            guard let start = text.firstRange(of: name)?.upperBound else { return nil }
            return Int(text[start...].prefix { $0.isASCII && $0.isNumber }.prefix(9))
        }
        let text = description.prefix(20_000)
        if text.hasPrefix("ImageJ=") {
            (form, channels) = (.imageJ, number("\nchannels=", text) ?? 1)
            self.pages = max(pages, number("\nimages=", text) ?? 1)
        } else if text.contains("<OME ") {
            (form, channels) = (.ome, number(" SizeC=\"", text) ?? 1)
            self.pages = pages
        } else {
            return nil
        }
    }
}
