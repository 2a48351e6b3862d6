import Foundation

/// Reads and writes named tensors in the safetensors format.
///
/// A file is the length of the header (64 bits, little-endian), the header (a JSON object that gives each tensor's
/// element type, shape and byte range) and the tensors' bytes, little-endian and row-major, without holes.
/// Format: <https://huggingface.co/docs/safetensors>, section "Format".
public enum Safetensors {
    /// The header key that holds free text instead of a tensor.
    static let metadataKey = "__metadata__"
    /// The largest header accepted, as in the reference implementation.
    static let maximumHeaderBytes = 100_000_000

    /// The tensors of a file, by name; F16 and BF16 are widened to 32 bits.
    /// - Throws: `SafetensorsError` for an unreadable or malformed file.
    public static func read(_ url: URL) throws -> [String: Tensor] {
        try open(url) { bytes in try tensors(in: bytes) }
    }

    /// The tensors in the bytes of a file, by name.
    /// - Throws: `SafetensorsError` for malformed bytes.
    public static func read(bytes: [UInt8]) throws -> [String: Tensor] {
        try bytes.withUnsafeBytes { try tensors(in: $0) }
    }

    /// The free text that the writer of a file put in its header; empty if none.
    /// - Throws: `SafetensorsError` for an unreadable or malformed file.
    public static func readMetadata(_ url: URL) throws -> [String: String] {
        try open(url) { bytes in try SafetensorsHeader(fileBytes: bytes).metadata }
    }

    private static func open<Result>(_ url: URL, _ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
        let data: Data
        do {
            data = try Data(contentsOf: url, options: .mappedIfSafe)
        } catch {
            throw SafetensorsError(.unreadable, "cannot be read", path: url.path, underlying: error)
        }
        do {
            return try data.withUnsafeBytes { try body($0) }
        } catch let error as SafetensorsError {
            throw error.inFile(url.path)
        }
    }

    private static func tensors(in file: UnsafeRawBufferPointer) throws -> [String: Tensor] {
        let header = try SafetensorsHeader(fileBytes: file)
        let data = UnsafeRawBufferPointer(rebasing: file[header.dataStart...])
        var result = [String: Tensor](minimumCapacity: header.entries.count)
        for (name, entry) in header.entries {
            let bytes = UnsafeRawBufferPointer(rebasing: data[entry.begin..<entry.end])
            result[name] = Tensor(shape: entry.shape, values: entry.elementType.floats(in: bytes))
        }
        return result
    }
}

/// The element types that are read.
enum ElementType: String, Sendable {
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"

    var byteCount: Int { self == .float32 ? 4 : 2 }

    /// The values of little-endian bytes, a whole number of elements.
    func floats(in bytes: UnsafeRawBufferPointer) -> [Float] {
        let count = bytes.count / byteCount
        return Array(unsafeUninitializedCapacity: count) { values, initialized in
            for index in 0..<count {
                switch self {
                case .float32:
                    let bits = bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
                    values[index] = Float(bitPattern: UInt32(littleEndian: bits))
                case .float16:
                    let bits = bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
                    values[index] = Float(Float16(bitPattern: UInt16(littleEndian: bits)))
                case .bfloat16:
                    // bfloat16 is the upper half of a 32-bit float.
                    let bits = bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)
                    values[index] = Float(bitPattern: UInt32(UInt16(littleEndian: bits)) << 16)
                }
            }
            initialized = count
        }
    }
}
