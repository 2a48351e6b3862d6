extension Tensor {
    /// The values as 32-bit floats, the least significant byte first, as files hold them.
    public var littleEndianBytes: [UInt8] {
        #if _endian(little)
            values.withUnsafeBytes { Array($0) }
        #else
            values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian, Array.init) }
        #endif
    }
}
