import Foundation

/// The parsed and checked header of a safetensors file.
struct SafetensorsHeader {
    /// Where one tensor's bytes lie, counted from the end of the header.
    struct Entry {
        let elementType: ElementType
        let shape: [Int]
        let begin: Int
        let end: Int
    }

    let entries: [String: Entry]
    let metadata: [String: String]
    /// The first byte after the header.
    let dataStart: Int

    /// Checks everything that the reading of tensors relies on.
    init(fileBytes file: UnsafeRawBufferPointer) throws {
        guard file.count >= 8 else {
            throw SafetensorsError(.truncated, "\(file.count) bytes are too few for a safetensors file")
        }
        let length = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
        guard length <= UInt64(Safetensors.maximumHeaderBytes) else {
            throw SafetensorsError(
                .malformedHeader, "a header of \(length) bytes is over \(Safetensors.maximumHeaderBytes)")
        }
        dataStart = 8 + Int(length)
        guard dataStart <= file.count else {
            throw SafetensorsError(.truncated, "the header needs \(length) bytes, \(file.count - 8) are there")
        }
        let json = UnsafeRawBufferPointer(rebasing: file[8..<dataStart])
        let raw: RawHeader
        do {
            raw = try JSONDecoder().decode(RawHeader.self, from: Data(json))
        } catch {
            throw SafetensorsError(.malformedHeader, "the header is not as the format asks", underlying: error)
        }
        guard Self.keyCount(in: json) == raw.keyCount else {
            throw SafetensorsError(.duplicateName, "a name appears twice in the header")
        }
        metadata = raw.metadata
        entries = try raw.entries.reduce(into: [:]) { entries, item in
            entries[item.key] = try Self.checked(item.value, name: item.key, dataBytes: file.count - 8 - Int(length))
        }
        try Self.checkContiguous(entries, dataBytes: file.count - dataStart)
    }

    private static func checked(_ raw: RawEntry, name: String, dataBytes: Int) throws -> Entry {
        guard let elementType = ElementType(rawValue: raw.dtype) else {
            throw SafetensorsError(
                .unsupportedType, "element type \(raw.dtype) is not \(ElementType.named)", tensor: name)
        }
        guard raw.offsets.count == 2, raw.shape.allSatisfy({ $0 >= 0 }) else {
            throw SafetensorsError(
                .malformedHeader, "shape \(raw.shape) or offsets \(raw.offsets) are impossible", tensor: name)
        }
        let (begin, end) = (raw.offsets[0], raw.offsets[1])
        guard 0 <= begin, begin <= end, end <= dataBytes else {
            throw SafetensorsError(
                .offsetOutOfRange, "bytes \(begin) to \(end) are outside of the \(dataBytes) data bytes", tensor: name)
        }
        var bytes = elementType.byteCount
        for length in raw.shape {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: length)
            guard !overflow else {
                throw SafetensorsError(.sizeMismatch, "shape \(raw.shape) is too large", tensor: name)
            }
            bytes = product
        }
        guard bytes == end - begin else {
            throw SafetensorsError(
                .sizeMismatch,
                "shape \(raw.shape) of \(raw.dtype) needs \(bytes) bytes, the offsets give \(end - begin)",
                tensor: name)
        }
        return Entry(elementType: elementType, shape: raw.shape, begin: begin, end: end)
    }

    /// The format forbids overlaps, holes and bytes that belong to no tensor.
    private static func checkContiguous(_ entries: [String: Entry], dataBytes: Int) throws {
        var position = 0
        for (name, entry) in entries.sorted(by: { ($0.value.begin, $0.value.end) < ($1.value.begin, $1.value.end) }) {
            guard entry.begin == position else {
                throw SafetensorsError(
                    .offsetOutOfRange, "begins at byte \(entry.begin) instead of \(position)", tensor: name)
            }
            position = entry.end
        }
        guard position == dataBytes else {
            throw SafetensorsError(
                .offsetOutOfRange, "\(dataBytes - position) bytes after the last tensor belong to none")
        }
    }

    /// The keys of all objects in valid JSON: its colons outside of strings. The parser keeps one of two equal keys,
    /// so that a duplicate shows only in this count.
    private static func keyCount(in json: UnsafeRawBufferPointer) -> Int {
        var (count, inString, escaped) = (0, false, false)
        for byte in json {
            if escaped {
                escaped = false
            } else if byte == UInt8(ascii: "\\") {
                escaped = inString
            } else if byte == UInt8(ascii: "\"") {
                inString.toggle()
            } else if byte == UInt8(ascii: ":"), !inString {
                count += 1
            }
        }
        return count
    }
}

/// The header as it stands in the file.
private struct RawHeader: Decodable {
    var entries: [String: RawEntry] = [:]
    var metadata: [String: String] = [:]
    /// Keys of the object and of every object in it.
    var keyCount = 0

    struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { return nil }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        for name in container.allKeys {
            if name.stringValue == Safetensors.metadataKey {
                metadata = try container.decode([String: String].self, forKey: name)
                keyCount += 1 + metadata.count
            } else {
                entries[name.stringValue] = try container.decode(RawEntry.self, forKey: name)
                keyCount += 4
            }
        }
    }
}

private struct RawEntry: Codable {
    let dtype: String
    let shape: [Int]
    let offsets: [Int]

    enum CodingKeys: String, CodingKey {
        case dtype
        case shape
        case offsets = "data_offsets"
    }
}
