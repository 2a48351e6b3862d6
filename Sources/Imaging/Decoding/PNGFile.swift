import Findings

/// The chunk structure of a PNG file (ISO/IEC 15948, clause 5), animated ones included.
struct PNGFile {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    private let reader: ByteReader

    init(_ bytes: [UInt8]) {
        reader = ByteReader(bytes: bytes, format: .png)
    }

    /// Reads up to the image data.
    func header() throws -> ImageHeader {
        let first = try chunk(at: Self.signature.count)
        guard first.type == "IHDR", first.end - first.payload == 17 else {
            throw reader.corrupt("the header chunk is missing")
        }
        let width = try reader.uint32(first.payload)
        let height = try reader.uint32(first.payload + 4)
        guard width > 0, height > 0, width <= Int(Int32.max), height <= Int(Int32.max) else {
            throw reader.corrupt("a size of \(width)x\(height)")
        }
        var header = ImageHeader(format: .png, width: width, height: height)
        header.bitsPerSample = try reader.byte(first.payload + 8)
        let colourType = try reader.byte(first.payload + 9)
        guard let channels = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][colourType] else {
            throw reader.corrupt("a colour type of \(colourType)")
        }
        header.channels = channels
        if colourType >= 4 { header.alpha = .straight }
        // As decoded: palettes become colours. An interlaced file is held whole, of others a few rows.
        let samples = (header.channels % 2 == 0 || colourType == 3 ? 4 : 3) * (header.bitsPerSample > 8 ? 2 : 1)
        let isInterlaced = try reader.byte(first.payload + 12) != 0
        header.workingBytes = (isInterlaced ? header.storedPixels : 4 * width) &* samples
        header.weight = isInterlaced ? .interlaced : .other
        try readAncillary(from: first.end, isPalette: colourType == 3, into: &header)
        return header
    }

    /// Walks every chunk to IEND.
    /// - Returns: Bytes up to the end of IEND; what follows is no part of the image.
    func completeLength() throws -> Int {
        var offset = Self.signature.count
        var hasData = false
        while true {
            let chunk = try chunk(at: offset)
            offset = chunk.end
            if chunk.type == "IDAT" { hasData = true }
            if chunk.type == "IEND" {
                guard hasData else { throw reader.corrupt("it holds no image data") }
                return chunk.end
            }
        }
    }

    private func readAncillary(from start: Int, isPalette: Bool, into header: inout ImageHeader) throws {
        var offset = start
        var colours = PNGColours()
        defer { header.colourSource = colours.source }
        // A size over the limits must be reported as such even when the file has nothing but its header; a damaged chunk
        // ends this walk and is reported by `completeLength`.
        while offset < reader.count, let chunk = try? chunk(at: offset) {
            switch chunk.type {
            case "tRNS" where isPalette: header.alpha = .straight
            case "acTL":
                header.isAnimated = true
                header.notes.append(.animation)
            case "eXIf": header.orientation = EXIFOrientation.read(reader.bytes[chunk.payload..<(chunk.end - 4)])
            case "IDAT", "IEND": return
            default: colours.read(chunk.type, reader.bytes[chunk.payload..<(chunk.end - 4)])
            }
            offset = chunk.end
        }
    }

    private struct Chunk {
        let type: String
        let payload: Int
        /// First byte after the checksum.
        let end: Int
    }

    private func chunk(at offset: Int) throws -> Chunk {
        let length = try reader.uint32(offset)
        try reader.require(offset, 12 + length)
        let type = String(decoding: reader.bytes[(offset + 4)..<(offset + 8)], as: UTF8.self)
        return Chunk(type: type, payload: offset + 8, end: offset + 12 + length)
    }
}
