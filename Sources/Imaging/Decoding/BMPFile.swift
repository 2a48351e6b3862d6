/// The file and information headers of a Windows bitmap (Windows GDI, "Bitmap Header Types").
struct BMPFile {
    /// How the pixels lie in the file.
    struct Layout: Sendable, Equatable {
        var pixels = 0
        var palette = 0
        var bitsPerPixel = 24
        var paletteCount = 0
        var paletteStride = 4
        var isRunLength = false
        var isTopDown = false
        /// Which bits of a pixel of 16 or 32 are red, green, blue and alpha.
        var masks: [UInt32] = [0, 0, 0, 0]
    }

    private enum Compression {
        static let none = 0, runs8 = 1, runs4 = 2, masks = 3, masksWithAlpha = 6
    }

    private let reader: ByteReader
    /// Length of the information header, by which its version is told.
    private let length: Int

    init(_ bytes: [UInt8]) throws {
        reader = ByteReader(bytes: bytes, format: .bmp, isBigEndian: false)
        length = try reader.uint32(14)
    }

    /// "BM" also starts plain text, so the length of the information header has to be one that exists.
    static func hasHeader(_ bytes: [UInt8]) -> Bool {
        [12, 16, 40, 52, 56, 64, 108, 124].contains(bytes[14]) && bytes.dropFirst(15).prefix(3).allSatisfy { $0 == 0 }
    }

    private var isCore: Bool { length == 12 }

    func header() throws -> ImageHeader {
        let width = try isCore ? reader.uint16(18) : signed(18)
        // A negative height means that rows run from top to bottom.
        let storedHeight = try isCore ? reader.uint16(20) : signed(22)
        guard width > 0, storedHeight != 0 else { throw reader.corrupt("a size of \(width)x\(storedHeight)") }
        var header = ImageHeader(format: .bmp, width: width, height: abs(storedHeight))
        var layout = try self.layout()
        layout.isTopDown = storedHeight < 0
        header.channels = layout.bitsPerPixel <= 8 ? 1 : 3
        if layout.masks[3] != 0 { (header.alpha, header.channels) = (.straight, 4) }
        header.colourSource = colourSource()
        if layout.isRunLength { header.workingBytes = header.storedPixels }
        header.place = .bitmap(layout)
        return header
    }

    /// Checks that uncompressed rows are all there; run-length coded ones are checked by the decoder.
    func checkComplete() throws {
        let header = try header()
        guard case .bitmap(let layout) = header.place, !layout.isRunLength else { return }
        let stride = (header.storedWidth * layout.bitsPerPixel + 31) / 32 * 4
        try reader.require(layout.pixels, stride * header.storedHeight)
    }

    private func layout() throws -> Layout {
        var layout = Layout()
        layout.pixels = try reader.uint32(10)
        layout.bitsPerPixel = try reader.uint16(isCore ? 24 : 28)
        // The shortest header of all ends before it says how pixels are coded.
        let compression = try length < 20 ? Compression.none : reader.uint32(30)
        try check(compression, bits: layout.bitsPerPixel)
        layout.isRunLength = [Compression.runs4, Compression.runs8].contains(compression)
        // Masks follow the oldest header that knows of them, and are a part of later ones.
        let hasMasks = [Compression.masks, Compression.masksWithAlpha].contains(compression)
        let hasAlpha = compression == Compression.masksWithAlpha || length >= 56
        if [16, 32].contains(layout.bitsPerPixel) {
            layout.masks =
                hasMasks
                ? try (0..<(hasAlpha ? 4 : 3)).map { UInt32(try reader.uint32(54 + 4 * $0)) } + (hasAlpha ? [] : [0])
                : layout.bitsPerPixel == 16
                    ? [0x7C00, 0x03E0, 0x001F, 0] : [0x00FF_0000, 0x0000_FF00, 0x0000_00FF, 0]
        }
        if layout.bitsPerPixel <= 8 {
            let stated = try length < 36 ? 0 : reader.uint32(46)
            let most = 1 << layout.bitsPerPixel
            layout.paletteCount = (1...most).contains(stated) ? stated : most
            layout.paletteStride = isCore ? 3 : 4
            layout.palette = 14 + length
        }
        return layout
    }

    private func check(_ compression: Int, bits: Int) throws {
        switch (compression, bits) {
        case (Compression.none, 1), (Compression.none, 2), (Compression.none, 4), (Compression.none, 8),
            (Compression.none, 16), (Compression.none, 24), (Compression.none, 32), (Compression.runs8, 8),
            (Compression.runs4, 4):
            return
        case (Compression.masks, 16), (Compression.masks, 32), (Compression.masksWithAlpha, 16),
            (Compression.masksWithAlpha, 32):
            guard length != 64 else { throw reader.unsupported("BMP files of OS/2 with this compression") }
        case (4, _), (5, _): throw reader.unsupported("BMP files with embedded JPEG or PNG data")
        default: throw reader.corrupt("\(bits) bits a pixel with compression \(compression)")
        }
    }

    /// The ICC profile in files of version 5 (`PROFILE_EMBEDDED`). Other words for a colour space, of version 4 too, are
    /// written by programs that do not mean them.
    ///
    /// `try?` is meant: a header that ends before these fields states no profile, and the decoder reports the short file.
    private func colourSource() -> ColourSource? {
        guard length == 124, (try? reader.uint32(70)) == 0x4D42_4544, let start = try? reader.uint32(126),
            let count = try? reader.uint32(130)
        else { return nil }
        let end = 14 + start + count
        guard end <= reader.count else { return .incomplete }
        return .profile(Array(reader.bytes[(14 + start)..<end]), isDeflated: false)
    }

    private func signed(_ offset: Int) throws -> Int {
        Int(Int32(truncatingIfNeeded: try reader.uint32(offset)))
    }
}
