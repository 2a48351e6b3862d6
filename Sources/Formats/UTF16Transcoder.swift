/// Makes UTF-8 of UTF-16 (RFC 2781) that comes in pieces, whose ends may lie within a character.
///
/// Half a surrogate pair becomes a byte that is no UTF-8, so that whoever reads on sees that something is wrong.
struct UTF16Transcoder: Sendable {
    private let isBigEndian: Bool
    private var odd: UInt8?
    private var high: UInt16?
    private static let notUTF8 = UInt8(0xFF)
    /// How many bytes tell whether a text is UTF-16.
    static let beginningLength = 2

    /// - Parameter bytes: The beginning of a text; nil where it is no UTF-16: it has no byte-order mark, and its first
    ///   character is none of ASCII in two bytes.
    init?(beginning bytes: [UInt8]) {
        guard bytes.count >= Self.beginningLength else { return nil }
        switch (bytes[0], bytes[1]) {
        case (0xFE, 0xFF), (0, 1...0x7F): isBigEndian = true
        case (0xFF, 0xFE), (1...0x7F, 0): isBigEndian = false
        default: return nil
        }
    }

    /// The UTF-8 of the next bytes, the byte-order mark among them.
    mutating func utf8(of bytes: some Sequence<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        for byte in bytes {
            guard let first = odd else {
                odd = byte
                continue
            }
            odd = nil
            take(UInt16(isBigEndian ? first : byte) << 8 | UInt16(isBigEndian ? byte : first), &text)
        }
        return text
    }

    /// What is left at the end: a byte that is no UTF-8 where a character was cut.
    mutating func finish() -> [UInt8] {
        defer { (odd, high) = (nil, nil) }
        return odd == nil && high == nil ? [] : [Self.notUTF8]
    }

    private mutating func take(_ unit: UInt16, _ text: inout [UInt8]) {
        if let first = high {
            high = nil
            guard UTF16.isTrailSurrogate(unit) else {
                text.append(Self.notUTF8)
                return take(unit, &text)
            }
            let scalar = 0x10000 + (UInt32(first) & 0x3FF) << 10 + UInt32(unit) & 0x3FF
            append(scalar, &text)
        } else if UTF16.isLeadSurrogate(unit) {
            high = unit
        } else {
            append(UInt32(unit), &text)
        }
    }

    private func append(_ value: UInt32, _ text: inout [UInt8]) {
        if let scalar = Unicode.Scalar(value) {
            text += UTF8.encode(scalar).map(Array.init) ?? []
        } else {
            text.append(Self.notUTF8)
        }
    }
}
