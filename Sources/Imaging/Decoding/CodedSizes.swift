import Foundation

/// The sizes of the pictures that a HEIC file holds as its decoder will find them, whatever its boxes say of the image.
///
/// The boxes of a hostile file may promise a small image while the pictures in it are of gigabytes.
enum CodedSizes {
    /// - Returns: Pixels of the largest picture whose parameters stand in the file's properties or among its pictures; 0 where
    ///   none do.
    static func largest(in bytes: [UInt8]) -> Int {
        let reader = ByteReader(bytes: bytes, format: .heic)
        // Version and flags stand before the boxes in this one.
        let metadata = boxes(reader, 0..<bytes.count, "meta").map {
            min($0.lowerBound + 4, $0.upperBound)..<$0.upperBound
        }
        var found = metadata
        for type in ["iprp", "ipco", "hvcC"] { found = found.flatMap { boxes(reader, $0, type) } }
        let sets = found.flatMap { parameterSets(reader, $0) } + setsAmongPictures(bytes)
        return sets.compactMap { pixels($0) }.max() ?? 0
    }

    /// Sequence parameter sets in the data of the pictures, which the decoder takes in place of those in the properties: units of
    /// type 33 of the first layer (ITU-T H.265, 7.3.1.2) behind their length in four bytes, as libheif hands them on. They are
    /// short, and such six bytes come about by chance once in thousands of photographs.
    private static func setsAmongPictures(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.withUnsafeBufferPointer { buffer -> [Range<Int>] in
            guard let base = buffer.baseAddress else { return [] }
            var found: [Range<Int>] = []
            var offset = 4
            // memchr looks at many bytes at once: this runs over all of a photograph.
            while offset + 1 < buffer.count, let place = memchr(base + offset, 0x42, buffer.count - 1 - offset) {
                offset = UnsafeRawPointer(place) - UnsafeRawPointer(base)
                let length = Int(buffer[offset - 2]) << 8 | Int(buffer[offset - 1])
                if (1...7).contains(buffer[offset + 1]), buffer[offset - 4] == 0, buffer[offset - 3] == 0,
                    (4...1024).contains(length), length <= buffer.count - offset
                {
                    found.append(offset..<(offset + length))
                }
                offset += 1
            }
            return found
        }.map { bytes[$0] }
    }

    /// What the boxes of a type hold (ISO/IEC 14496-12, 4.2); a damaged list ends early, and the decoder tells of it,
    /// so `try?` is meant.
    private static func boxes(_ reader: ByteReader, _ range: Range<Int>, _ type: String) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var offset = range.lowerBound
        while offset < range.upperBound, let short = try? reader.uint32(offset) {
            let header = short == 1 ? 16 : 8
            guard let length = short == 1 ? try? reader.number(offset + 8, 8) : short else { break }
            let end = length == 0 ? range.upperBound : length < 1 << 40 ? offset + length : .max
            guard length == 0 || length >= header, end <= range.upperBound, offset + header <= end else { break }
            if reader.has(type, at: offset + 4) { found.append((offset + header)..<end) }
            offset = end
        }
        return found
    }

    /// The sequence parameter sets of a decoder configuration record (ISO/IEC 14496-15, 8.3.3.1).
    private static func parameterSets(_ reader: ByteReader, _ range: Range<Int>) -> [ArraySlice<UInt8>] {
        var found: [ArraySlice<UInt8>] = []
        var offset = range.lowerBound + 23
        guard offset <= range.upperBound else { return [] }
        for _ in 0..<reader.bytes[offset - 1] {
            guard offset + 3 <= range.upperBound, let count = try? reader.uint16(offset + 1) else { return found }
            let isSequence = reader.bytes[offset] & 0x3F == 33
            offset += 3
            for _ in 0..<count {
                guard offset + 2 <= range.upperBound, let length = try? reader.uint16(offset),
                    offset + 2 + length <= range.upperBound
                else { return found }
                if isSequence { found.append(reader.bytes[(offset + 2)..<(offset + 2 + length)]) }
                offset += 2 + length
            }
        }
        return found
    }

    /// Width times height in a sequence parameter set (ITU-T H.265, 7.3.2.2); nil for a damaged one.
    private static func pixels(_ unit: ArraySlice<UInt8>) -> Int? {
        var bits = BitReader(unit.dropFirst(2))
        _ = bits.read(4)
        guard let layers = bits.read(3) else { return nil }
        // Whether layers are nested; profile, tier and level of the whole, then of the layers (7.3.3).
        bits.skip(1 + 88 + 8)
        if layers > 0 {
            let present = (0..<layers).map { _ in (bits.read(1) ?? 0, bits.read(1) ?? 0) }
            bits.skip(2 * (8 - layers))
            for (profile, level) in present { bits.skip(88 * profile + 8 * level) }
        }
        guard bits.readExponential() != nil, let chroma = bits.readExponential() else { return nil }
        if chroma == 3 { bits.skip(1) }
        guard let width = bits.readExponential(), let height = bits.readExponential() else { return nil }
        return width.multipliedReportingOverflow(by: height).partialValue
    }
}

/// Bits of a network abstraction layer unit, without the bytes that keep start codes out (ITU-T H.265, 7.3.1.1).
private struct BitReader {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ unit: ArraySlice<UInt8>) {
        var (bytes, zeros): ([UInt8], Int) = ([], 0)
        for byte in unit {
            if zeros >= 2, byte == 3 {
                zeros = 0
                continue
            }
            zeros = byte == 0 ? zeros + 1 : 0
            bytes.append(byte)
        }
        self.bytes = bytes
    }

    mutating func skip(_ count: Int) { offset += count }

    mutating func read(_ count: Int) -> Int? {
        guard offset + count <= 8 * bytes.count else { return nil }
        var value = 0
        for _ in 0..<count {
            value = value << 1 | Int(bytes[offset / 8] >> UInt8(7 - offset % 8) & 1)
            offset += 1
        }
        return value
    }

    /// An unsigned number in Exp-Golomb code (ITU-T H.265, 9.2), of at most 32 bits.
    mutating func readExponential() -> Int? {
        var zeros = 0
        while let bit = read(1), bit == 0 { zeros += 1 }
        guard zeros <= 32, let rest = read(zeros) else { return nil }
        return (1 << zeros) - 1 + rest
    }
}
