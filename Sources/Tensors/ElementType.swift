/// The element types that are read: all of the format but those of 8-bit floats and less.
enum ElementType: String, Sendable, CaseIterable {
    case float64 = "F64"
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case int64 = "I64"
    case int32 = "I32"
    case int16 = "I16"
    case int8 = "I8"
    case uint64 = "U64"
    case uint32 = "U32"
    case uint16 = "U16"
    case uint8 = "U8"
    case bool = "BOOL"

    /// All of them, for messages.
    static var named: String { "one of " + allCases.map(\.rawValue).joined(separator: ", ") }

    var byteCount: Int {
        switch self {
        case .float64, .int64, .uint64: 8
        case .float32, .int32, .uint32: 4
        case .float16, .bfloat16, .int16, .uint16: 2
        case .int8, .uint8, .bool: 1
        }
    }

    /// The values of little-endian bytes, a whole number of elements.
    func floats(in bytes: UnsafeRawBufferPointer) -> [Float] {
        switch self {
        case .float64: read(bytes) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
        case .float32: read(bytes) { (bits: UInt32) in Float(bitPattern: bits) }
        case .float16: read(bytes) { (bits: UInt16) in Float(Float16(bitPattern: bits)) }
        // bfloat16 is the upper half of a 32-bit float.
        case .bfloat16: read(bytes) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
        case .int64: read(bytes) { (value: Int64) in Float(value) }
        case .int32: read(bytes) { (value: Int32) in Float(value) }
        case .int16: read(bytes) { (value: Int16) in Float(value) }
        case .int8: read(bytes) { (value: Int8) in Float(value) }
        case .uint64: read(bytes) { (value: UInt64) in Float(value) }
        case .uint32: read(bytes) { (value: UInt32) in Float(value) }
        case .uint16: read(bytes) { (value: UInt16) in Float(value) }
        case .uint8: read(bytes) { (value: UInt8) in Float(value) }
        case .bool: read(bytes) { (value: UInt8) in value == 0 ? 0 : 1 }
        }
    }

    private func read<Bits: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, _ value: (Bits) -> Float
    ) -> [Float] {
        let size = MemoryLayout<Bits>.size
        let count = bytes.count / size
        return Array(unsafeUninitializedCapacity: count) { values, initialized in
            for index in 0..<count {
                values[index] = value(
                    Bits(littleEndian: bytes.loadUnaligned(fromByteOffset: index * size, as: Bits.self)))
            }
            initialized = count
        }
    }
}
