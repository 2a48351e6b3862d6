/// The RIFF structure of a WebP file (RFC 9649).
struct WebPFile {
    private let reader: ByteReader

    init(_ bytes: [UInt8]) {
        reader = ByteReader(bytes: bytes, format: .webp, isBigEndian: false)
    }

    func header() throws -> ImageHeader {
        try reader.require(12, 8)
        if reader.has("VP8 ", at: 12) { return try lossy() }
        if reader.has("VP8L", at: 12) { return try lossless() }
        if reader.has("VP8X", at: 12) { return try extended() }
        throw reader.corrupt("an unknown first chunk")
    }

    /// - Returns: Bytes of the RIFF container; what follows is no part of the image.
    func completeLength() throws -> Int {
        let length = try reader.uint32(4) + 8
        try reader.require(0, length)
        var offset = 12
        while offset < length {
            offset = try chunkEnd(at: offset)
        }
        return length
    }

    private func chunkEnd(at offset: Int) throws -> Int {
        let length = try reader.uint32(offset + 4)
        try reader.require(offset + 8, length)
        return offset + 8 + length + length % 2
    }

    private func lossy() throws -> ImageHeader {
        guard try reader.number(23, 3) == 0x2A_01_9D else { throw reader.corrupt("the frame's start code is missing") }
        let width = try reader.uint16(26) & 0x3FFF
        let height = try reader.uint16(28) & 0x3FFF
        return try checked(width: width, height: height)
    }

    private func lossless() throws -> ImageHeader {
        guard try reader.byte(20) == 0x2F else { throw reader.corrupt("the frame's signature is missing") }
        let bits = try reader.uint32(21)
        var header = try checked(width: bits & 0x3FFF + 1, height: (bits >> 14) & 0x3FFF + 1)
        if bits >> 28 & 1 == 1 { header.alpha = .straight }
        return header
    }

    private func extended() throws -> ImageHeader {
        let flags = try reader.byte(20)
        if flags & 0x02 != 0 { throw reader.unsupported("animated WebP files") }
        var header = try checked(width: reader.number(24, 3) + 1, height: reader.number(27, 3) + 1)
        if flags & 0x10 != 0 { header.alpha = .straight }
        if flags & 0x08 != 0, let block = chunk("EXIF") { header.orientation = EXIFOrientation.read(block) }
        if flags & 0x20 != 0 {
            header.colourSource = chunk("ICCP").map { .profile(Array($0), isDeflated: false) } ?? .incomplete
        }
        return header
    }

    private func checked(width: Int, height: Int) throws -> ImageHeader {
        guard width > 0, height > 0 else { throw reader.corrupt("a size of \(width)x\(height)") }
        var header = ImageHeader(format: .webp, width: width, height: height)
        // The picture whole, and of a lossless one its samples before.
        header.workingBytes = header.storedPixels &* 8
        return header
    }

    /// What the first chunk of this type holds; a damaged chunk list has none, and `completeLength` reports the damage.
    private func chunk(_ type: String) -> ArraySlice<UInt8>? {
        var offset = 12
        while let end = try? chunkEnd(at: offset), end <= reader.count {
            if reader.has(type, at: offset), let length = try? reader.uint32(offset + 4) {
                return reader.bytes[(offset + 8)..<(offset + 8 + length)]
            }
            offset = end
        }
        return nil
    }
}
