import Foundation
import Tensors
import Testing

@Suite struct SafetensorsTests {
    private let tensors = [
        "b.weight": Tensor(shape: [2, 3], values: [1, -2.5, 3e-30, .infinity, -0.0, 6]),
        "a": Tensor(shape: [], values: [7]),
        "empty \"quoted\" ä": Tensor(shape: [0, 4], values: []),
    ]

    @Test func `what is written is read back, bit for bit, with its metadata`() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).safetensors")
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: url) } }
        try Safetensors.write(tensors, metadata: ["note": "a/b \"c\"\n", "epoch": "3"], to: url)
        let read = try Safetensors.read(url)
        #expect(read == tensors)
        #expect(read["b.weight"]?.values[4].sign == .minus)
        #expect(try Safetensors.readMetadata(url) == ["note": "a/b \"c\"\n", "epoch": "3"])
    }

    @Test func `equal tensors give equal files, ordered by name, with data aligned to eight bytes`() throws {
        let bytes = try Safetensors.bytes(["z": Tensor(shape: [1], values: [1]), "a": Tensor(shape: [1], values: [2])])
        let header =
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
            + #""z":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#
        let padding = String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
        #expect(String(decoding: bytes[8..<(bytes.count - 8)], as: UTF8.self) == header + padding)
        #expect((bytes.count - 8) % 8 == 0)
        #expect(Array(bytes.suffix(8)) == [0, 0, 0, 0x40, 0, 0, 0x80, 0x3f])
    }

    @Test func `half and brain floats are widened`() throws {
        let header =
            #"{"h":{"dtype":"F16","shape":[3],"data_offsets":[0,6]},"#
            + #""b":{"dtype":"BF16","shape":[2],"data_offsets":[6,10]}}"#
        // IEEE 754 binary16: 1, −2, the smallest subnormal; bfloat16: 1, −3.140625.
        let data: [UInt8] = [0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0x80, 0x3f, 0x49, 0xc0]
        let read = try Safetensors.read(bytes: file(header, data: data))
        #expect(read["h"]?.values == [1, -2, 0x1p-24])
        #expect(read["b"]?.values == [1, -3.140625])
    }

    @Test func `integers, such as the counters of batch norms, and doubles are read as floats`() throws {
        let types: [(type: String, shape: String, bytes: [UInt8], values: [Float])] = [
            ("I64", "[]", [0x40, 0xe2, 0x01, 0, 0, 0, 0, 0], [123_456]),
            ("I32", "[2]", [0xfe, 0xff, 0xff, 0xff, 3, 0, 0, 0], [-2, 3]),
            ("I16", "[1]", [0x00, 0x80], [-32_768]), ("I8", "[2]", [0xff, 0x7f], [-1, 127]),
            ("U64", "[1]", [0, 0, 0, 0, 0, 0, 0, 0x80], [0x1p63]), ("U32", "[1]", [0xff, 0, 0, 0x80], [2_147_483_904]),
            ("U16", "[1]", [0xff, 0xff], [65_535]), ("U8", "[1]", [0xff], [255]), ("BOOL", "[2]", [0, 1], [0, 1]),
            ("F64", "[1]", [0, 0, 0, 0, 0, 0, 0xf8, 0xbf], [-1.5]),
        ]
        var (entries, data): ([String], [UInt8]) = ([], [])
        for (type, shape, bytes, _) in types {
            let offsets = "[\(data.count),\(data.count + bytes.count)]"
            entries.append(Self.entry(type, type: type, shape: shape, offsets: offsets))
            data += bytes
        }
        let read = try Safetensors.read(bytes: file("{\(entries.joined(separator: ","))}", data: data))
        for (type, _, _, values) in types { #expect(read[type]?.values == values, "\(type)") }
        #expect(read["I64"]?.shape == [])
    }

    @Test func `tensors named as half are written in two bytes and read back rounded`() throws {
        let values: [Float] = [1, -0.1, 65504, 0x1p-24, 1 + 0x1p-11]
        let bytes = try Safetensors.bytes(
            ["h": Tensor(shape: [5], values: values), "w": Tensor(shape: [1], values: [0.1])], half: ["h"])
        let read = try Safetensors.read(bytes: bytes)
        // Half a step above 1 is rounded to the even neighbour.
        #expect(read["h"]?.values == [1, -0.0999755859375, 65504, 0x1p-24, 1])
        #expect(read["w"]?.values == [0.1])
    }

    @Test func `a file without tensors is read`() throws {
        #expect(try Safetensors.read(bytes: Safetensors.bytes([:])).isEmpty)
    }

    struct Malformed: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let code: SafetensorsError.Code

        init(_ description: String, _ bytes: [UInt8], _ code: SafetensorsError.Code) {
            (testDescription, self.bytes, self.code) = (description, bytes, code)
        }
    }

    private static func entry(
        _ name: String = "a", type: String = "F32", shape: String = "[2]", offsets: String = "[0,8]"
    ) -> String {
        #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}"#
    }

    private static let malformed: [Malformed] = [
        .init("nothing", [], .truncated),
        .init("seven bytes", [1, 0, 0, 0, 0, 0, 0], .truncated),
        .init("a header that ends early", Array(file("{\(entry())}", data: zeros(8)).prefix(30)), .truncated),
        .init("a header length of 2⁶⁴ − 1", zeros(8).map { _ in 0xff } + zeros(8), .malformedHeader),
        .init("a header that is no JSON", file("{not JSON}", data: []), .malformedHeader),
        .init("a header that is an array", file("[]", data: []), .malformedHeader),
        .init(
            "an entry without a shape", file(#"{"a":{"dtype":"F32","data_offsets":[0,0]}}"#, data: []), .malformedHeader
        ),
        .init("a shape of text", file("{\(entry(shape: "\"2\""))}", data: zeros(8)), .malformedHeader),
        .init("a negative length", file("{\(entry(shape: "[-2]"))}", data: zeros(8)), .malformedHeader),
        .init("a fractional length", file("{\(entry(shape: "[1.5]"))}", data: zeros(8)), .malformedHeader),
        .init("one offset", file("{\(entry(offsets: "[0]"))}", data: zeros(8)), .malformedHeader),
        .init("metadata that is no text", file(#"{"__metadata__":{"a":1}}"#, data: []), .malformedHeader),
        .init("one name twice", file("{\(entry()),\(entry())}", data: zeros(8)), .duplicateName),
        .init(
            "one name twice, spelt differently", file("{\(entry()),\(entry("\\u0061"))}", data: zeros(8)),
            .duplicateName),
        .init("8-bit floats", file("{\(entry(type: "F8_E4M3", offsets: "[0,2]"))}", data: zeros(2)), .unsupportedType),
        .init("integers of another size", file("{\(entry(type: "I64"))}", data: zeros(8)), .sizeMismatch),
        .init("an unknown type", file("{\(entry(type: "f32"))}", data: zeros(8)), .unsupportedType),
        .init("an end outside of the data", file("{\(entry(offsets: "[0,8]"))}", data: zeros(4)), .offsetOutOfRange),
        .init("a begin before the data", file("{\(entry(offsets: "[-8,0]"))}", data: zeros(8)), .offsetOutOfRange),
        .init("an end before the begin", file("{\(entry(offsets: "[8,0]"))}", data: zeros(8)), .offsetOutOfRange),
        .init(
            "overlapping tensors", file("{\(entry()),\(entry("b", offsets: "[4,12]"))}", data: zeros(12)),
            .offsetOutOfRange),
        .init("a hole", file("{\(entry()),\(entry("b", offsets: "[12,20]"))}", data: zeros(20)), .offsetOutOfRange),
        .init("bytes that belong to none", file("{\(entry())}", data: zeros(9)), .offsetOutOfRange),
        .init("too few bytes for the shape", file("{\(entry(shape: "[3]"))}", data: zeros(8)), .sizeMismatch),
        .init("too many bytes for the shape", file("{\(entry(shape: "[1]"))}", data: zeros(8)), .sizeMismatch),
        .init(
            "a shape whose size overflows",
            file("{\(entry(shape: "[4611686018427387904,4]", offsets: "[0,0]"))}", data: []), .sizeMismatch),
    ]

    @Test(arguments: malformed)
    func `malformed bytes are refused`(_ example: Malformed) throws {
        let error = try #require(throws: SafetensorsError.self) { try Safetensors.read(bytes: example.bytes) }
        #expect(error.code == example.code, "\(error)")
    }

    @Test func `no prefix of a file is taken for a file`() throws {
        let bytes = try Safetensors.bytes(tensors)
        for count in bytes.indices {
            #expect(throws: SafetensorsError.self) { try Safetensors.read(bytes: Array(bytes.prefix(count))) }
        }
    }

    @Test func `errors name the file`() throws {
        let missing = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        let unreadable = try #require(throws: SafetensorsError.self) { try Safetensors.read(missing) }
        #expect(unreadable.code == .unreadable && unreadable.path == missing.path)
        let unwritable = try #require(throws: SafetensorsError.self) {
            try Safetensors.write([:], to: missing.appending(path: "in/no/folder"))
        }
        #expect(unwritable.code == .unwritable)
        #expect(unwritable.description.contains(missing.path))
    }

    @Test func `the name of the metadata is refused for a tensor`() throws {
        let error = try #require(throws: SafetensorsError.self) {
            try Safetensors.bytes(["__metadata__": Tensor(shape: [], values: [1])])
        }
        #expect(error.code == .reservedName)
    }
}

private func zeros(_ count: Int) -> [UInt8] { Array(repeating: 0, count: count) }

/// A file with a header and data as given.
private func file(_ header: String, data: [UInt8]) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init) + Array(header.utf8) + data
}
