extension Tensor {
    /// The values as 32-bit floats, the least significant byte first, as files hold them.
    public var littleEndianBytes: [UInt8] {
        #if _endian(little)
            values.withUnsafeBytes { Array($0) }
        #else
            values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init) }
        #endif
    }

    /// The values rounded to 16-bit floats, the least significant byte first.
    var littleEndianHalves: [UInt8] {
        values.flatMap { value in
            let bits = Float16(value).bitPattern
            return [UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8)]
        }
    }
}
