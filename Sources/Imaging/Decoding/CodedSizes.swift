import Foundation

/// The sizes of the pictures that a HEIC file holds as its decoder will find them, whatever its boxes say of the image.
///
/// The boxes of a hostile file may promise a small image while the pictures in it are of gigabytes.
enum CodedSizes {
    /// - Returns: Pixels of the largest picture whose parameters stand in the file's properties or among its pictures; 0 where
    ///   none do.
    static func largest(in bytes: [UInt8]) -> Int {
        let reader = ByteReader(bytes: bytes, format: .heic)
        return bytes.withUnsafeBufferPointer { buffer in
            var largest = largestAmongPictures(buffer)
            visit(["meta", "iprp", "ipco", "hvcC"], in: 0..<bytes.count, reader) { record in
                visitSets(reader, record) { largest = max(largest, pixels(buffer, $0) ?? 0) }
            }
            return largest
        }
    }

    /// Sequence parameter sets in the data of the pictures, which the decoder takes in place of those in the properties: units of
    /// type 33 of the first layer (ITU-T H.265, 7.3.1.2) behind their length in four bytes, as libheif hands them on. The decoder
    /// minds neither the first bit of a unit nor its temporal layer, and a unit may be padded: any is read whose length fits in
    /// two bytes. Longer ones would make false matches in compressed data likely; so, such bytes come about by chance once in
    /// dozens of photographs, and what is then read as a size is hardly ever a large one.
    private static func largestAmongPictures(_ buffer: UnsafeBufferPointer<UInt8>) -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        var largest = 0
        for first: Int32 in [0x42, 0xC2] {
            var offset = 4
            // memchr looks at many bytes at once: this runs over all of a photograph.
            while offset + 1 < buffer.count, let place = memchr(base + offset, first, buffer.count - 1 - offset) {
                offset = UnsafeRawPointer(place) - UnsafeRawPointer(base)
                let length = Int(buffer[offset - 2]) << 8 | Int(buffer[offset - 1])
                if buffer[offset + 1] & 0xF8 == 0, buffer[offset - 4] == 0, buffer[offset - 3] == 0,
                    length >= 4, length <= buffer.count - offset
                {
                    largest = max(largest, pixels(buffer, offset..<(offset + length)) ?? 0)
                }
                offset += 1
            }
        }
        return largest
    }

    /// Goes through what the boxes at the end of a path of types hold (ISO/IEC 14496-12, 4.2); a damaged list ends early, and
    /// the decoder tells of it, so `try?` is meant.
    private static func visit(
        _ path: ArraySlice<String>, in range: Range<Int>, _ reader: ByteReader, _ body: (Range<Int>) -> Void
    ) {
        guard let type = path.first else { return body(range) }
        var offset = range.lowerBound
        while offset < range.upperBound, let short = try? reader.uint32(offset) {
            let header = short == 1 ? 16 : 8
            guard let length = short == 1 ? try? reader.number(offset + 8, 8) : short else { break }
            let end = length == 0 ? range.upperBound : length < 1 << 40 ? offset + length : .max
            guard length == 0 || length >= header, end <= range.upperBound, offset + header <= end else { break }
            if reader.has(type, at: offset + 4) {
                // Version and flags stand before the boxes in this one.
                let start = min(offset + header + (type == "meta" ? 4 : 0), end)
                visit(path.dropFirst(), in: start..<end, reader, body)
            }
            offset = end
        }
    }

    /// Goes through the sequence parameter sets of a decoder configuration record (ISO/IEC 14496-15, 8.3.3.1).
    private static func visitSets(_ reader: ByteReader, _ range: Range<Int>, _ body: (Range<Int>) -> Void) {
        var offset = range.lowerBound + 23
        guard offset <= range.upperBound else { return }
        for _ in 0..<reader.bytes[offset - 1] {
            guard offset + 3 <= range.upperBound, let count = try? reader.uint16(offset + 1) else { return }
            let isSequence = reader.bytes[offset] & 0x3F == 33
            offset += 3
            for _ in 0..<count {
                guard offset + 2 <= range.upperBound, let length = try? reader.uint16(offset),
                    offset + 2 + length <= range.upperBound
                else { return }
                if isSequence { body((offset + 2)..<(offset + 2 + length)) }
                offset += 2 + length
            }
        }
    }

    /// Width times height in a sequence parameter set (ITU-T H.265, 7.3.2.2); nil for a damaged one.
    private static func pixels(_ buffer: UnsafeBufferPointer<UInt8>, _ unit: Range<Int>) -> Int? {
        var bits = BitReader(UnsafeBufferPointer(rebasing: buffer[unit]))
        // The header of the unit (7.3.1.2), and which video parameters it goes with.
        bits.skip(16 + 4)
        guard let layers = bits.read(3) else { return nil }
        // Whether layers are nested; profile, tier and level of the whole, then of the layers (7.3.3).
        bits.skip(1 + 88 + 8)
        if layers > 0 {
            guard let present = bits.read(2 * layers) else { return nil }
            bits.skip(2 * (8 - layers))
            for layer in (0..<layers).reversed() {
                let (profile, level) = (present >> (2 * layer + 1) & 1, present >> (2 * layer) & 1)
                bits.skip(88 * profile + 8 * level)
            }
        }
        guard bits.readExponential() != nil, let chroma = bits.readExponential() else { return nil }
        if chroma == 3 { bits.skip(1) }
        guard let width = bits.readExponential(), let height = bits.readExponential() else { return nil }
        return width.multipliedReportingOverflow(by: height).partialValue
    }
}

/// Bits of a network abstraction layer unit, without the bytes that keep start codes out (ITU-T H.265, 7.3.1.1).
private struct BitReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var offset = 0
    /// Zeros right before the next byte.
    private var zeros = 0
    /// The byte that is being read, and how many of its bits are left.
    private var byte: UInt8 = 0
    private var left = 0

    /// Width and height stand within 140 bytes of a unit, and so within 210 with those that keep start codes out: 256 are read
    /// at most, so that many units over one another cost little.
    init(_ unit: UnsafeBufferPointer<UInt8>) { bytes = UnsafeBufferPointer(rebasing: unit.prefix(256)) }

    private mutating func advance() -> Bool {
        if zeros >= 2, offset < bytes.count, bytes[offset] == 3 { (offset, zeros) = (offset + 1, 0) }
        guard offset < bytes.count else { return false }
        byte = bytes[offset]
        zeros = byte == 0 ? zeros + 1 : 0
        (offset, left) = (offset + 1, 8)
        return true
    }

    mutating func skip(_ count: Int) {
        var rest = count
        while rest > left {
            (rest, left) = (rest - left, 0)
            guard advance() else { return }
        }
        left -= rest
    }

    mutating func read(_ count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard left > 0 || advance() else { return nil }
            left -= 1
            value = value << 1 | Int(byte >> UInt8(left) & 1)
        }
        return value
    }

    /// An unsigned number in Exp-Golomb code (ITU-T H.265, 9.2), of at most 32 bits.
    mutating func readExponential() -> Int? {
        for length in 0...32 {
            guard let bit = read(1) else { return nil }
            if bit == 1 { return read(length).map { (1 << length) - 1 + $0 } }
        }
        return nil
    }
}
