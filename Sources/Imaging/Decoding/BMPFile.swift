/// The file and information headers of a Windows bitmap.
struct BMPFile {
    private let reader: ByteReader

    init(_ bytes: [UInt8]) {
        reader = ByteReader(bytes: bytes, format: .bmp, isBigEndian: false)
    }

    /// "BM" also starts plain text, so the length of the information header has to be one that exists.
    static func hasHeader(_ bytes: [UInt8]) -> Bool {
        [12, 40, 52, 56, 64, 108, 124].contains(bytes[14]) && bytes.dropFirst(15).prefix(3).allSatisfy { $0 == 0 }
    }

    func header() throws -> ImageHeader {
        let isCore = try reader.uint32(14) == 12
        let width = try isCore ? reader.uint16(18) : signed(18)
        // A negative height means that rows run from top to bottom.
        let height = try isCore ? reader.uint16(20) : abs(signed(22))
        guard width > 0, height > 0 else { throw reader.corrupt("a size of \(width)x\(height)") }
        var header = ImageHeader(format: .bmp, width: width, height: height)
        let bits = try reader.uint16(isCore ? 24 : 28)
        header.channels = bits <= 8 ? 1 : 3
        return header
    }

    /// Checks that uncompressed rows are all there; run-length coded ones are checked by the decoder.
    func checkComplete() throws {
        let isCore = try reader.uint32(14) == 12
        let compression = try isCore ? 0 : reader.uint32(30)
        guard compression <= 3 else { throw reader.unsupported("BMP files with embedded JPEG or PNG data") }
        guard compression == 0 || compression == 3 else { return }
        let header = try header()
        let bits = try reader.uint16(isCore ? 24 : 28)
        let stride = (header.storedWidth * bits + 31) / 32 * 4
        try reader.require(reader.uint32(10), stride * header.storedHeight)
    }

    private func signed(_ offset: Int) throws -> Int {
        Int(Int32(truncatingIfNeeded: try reader.uint32(offset)))
    }
}
