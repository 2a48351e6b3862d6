/// Bounds-checked reading of numbers from a file in memory.
struct ByteReader {
    let bytes: [UInt8]
    let format: ImageFormat
    var isBigEndian = true

    var count: Int { bytes.count }

    /// - Throws: `ImagingError` `truncated` when `length` bytes at `offset` are not all there.
    func require(_ offset: Int, _ length: Int) throws {
        guard offset >= 0, length >= 0, offset <= count, length <= count - offset else { throw truncated }
    }

    func byte(_ offset: Int) throws -> Int {
        try require(offset, 1)
        return Int(bytes[offset])
    }

    func uint16(_ offset: Int) throws -> Int { try number(offset, 2) }

    func uint32(_ offset: Int) throws -> Int { try number(offset, 4) }

    func number(_ offset: Int, _ length: Int) throws -> Int {
        try require(offset, length)
        let part = bytes[offset..<(offset + length)]
        return isBigEndian
            ? part.reduce(0) { $0 << 8 | Int($1) } : part.reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    func has(_ text: String, at offset: Int) -> Bool {
        offset >= 0 && offset <= count && bytes[offset...].starts(with: Array(text.utf8))
    }

    var truncated: ImagingError {
        ImagingError(.truncated, "the \(format.displayName) file ends before the image does", format: format)
    }

    func corrupt(_ what: String) -> ImagingError {
        ImagingError(.corrupt, "the \(format.displayName) file is damaged: \(what)", format: format)
    }

    func unsupported(_ what: String) -> ImagingError {
        ImagingError(.unsupported, "\(what) are not read", format: format)
    }
}
