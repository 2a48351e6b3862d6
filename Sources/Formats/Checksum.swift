import CZlib

extension [UInt8] {
    /// CRC-32 as ZIP and PNG use it (ISO 3309; APPNOTE.TXT, 4.4.7).
    public var crc32: UInt32 {
        withUnsafeBufferPointer { UInt32(truncatingIfNeeded: crc32_z(0, $0.baseAddress, $0.count)) }
    }
}
