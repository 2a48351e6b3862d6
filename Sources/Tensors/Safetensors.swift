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

    /// The tensors of a file, by name; F16 and BF16 are widened to 32 bits, F64 and integers, such as the counters
    /// (`num_batches_tracked`, I64) of PyTorch's batch norms, are rounded to the nearest 32-bit float.
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

    /// The free text that the writer put in the header of a file's bytes; empty if none.
    /// - Throws: `SafetensorsError` for malformed bytes.
    public static func readMetadata(bytes: [UInt8]) throws -> [String: String] {
        try bytes.withUnsafeBytes { try SafetensorsHeader(fileBytes: $0).metadata }
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

extension Safetensors {
    /// Writes 32-bit floats, ordered by name, so that equal tensors give equal files; the file appears whole or not at all.
    /// - Parameters:
    ///   - tensors: The tensors by name; `__metadata__` is not a name.
    ///   - metadata: Free text kept in the header.
    /// - Throws: `SafetensorsError` with the code `reservedName` or `unwritable`.
    public static func write(_ tensors: [String: Tensor], metadata: [String: String] = [:], to url: URL) throws {
        do {
            try Data(bytes(tensors, metadata: metadata)).write(to: url, options: .atomic)
        } catch let error as SafetensorsError {
            throw error.inFile(url.path)
        } catch {
            throw SafetensorsError(.unwritable, "cannot be written", path: url.path, underlying: error)
        }
    }

    /// The bytes of a file that holds the tensors.
    /// - Parameter half: Names of the tensors to round to 16-bit floats, which hold 3 decimal digits up to 65,504.
    /// - Throws: `SafetensorsError` with the code `reservedName`.
    public static func bytes(
        _ tensors: [String: Tensor], half: Set<String> = [], metadata: [String: String] = [:]
    ) throws -> [UInt8] {
        let ordered = tensors.sorted { $0.key < $1.key }
        var header: [String] = []
        if !metadata.isEmpty {
            let items = try metadata.sorted { $0.key < $1.key }.map { "\(try quoted($0.key)):\(try quoted($0.value))" }
            header.append("\"\(metadataKey)\":{\(items.joined(separator: ","))}")
        }
        var position = 0
        for (name, tensor) in ordered {
            guard name != metadataKey else {
                throw SafetensorsError(.reservedName, "the name is kept for metadata", tensor: name)
            }
            let type = half.contains(name) ? ElementType.float16 : .float32
            let end = position + type.byteCount * tensor.values.count
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            header.append(
                "\(try quoted(name)):{\"dtype\":\"\(type.rawValue)\",\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(position),\(end)]}")
            position = end
        }
        // Spaces align the data to eight bytes, as the reference implementation does.
        var json = Array("{\(header.joined(separator: ","))}".utf8)
        json += Array(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8)

        var file: [UInt8] = []
        file.reserveCapacity(8 + json.count + position)
        withUnsafeBytes(of: UInt64(json.count).littleEndian) { file.append(contentsOf: $0) }
        file += json
        for (name, tensor) in ordered {
            file += half.contains(name) ? tensor.littleEndianHalves : tensor.littleEndianBytes
        }
        return file
    }

    /// A JSON string literal.
    private static func quoted(_ text: String) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return String(decoding: try encoder.encode(text), as: UTF8.self)
    }
}
