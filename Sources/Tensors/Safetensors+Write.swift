import Foundation

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
