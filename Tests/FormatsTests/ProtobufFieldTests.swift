import Formats
import Testing

@Suite struct ProtobufFieldTests {
    @Test(arguments: [
        (ProtobufField.integer(1, 150), [UInt8]([0x08, 0x96, 0x01])),
        (.text(2, "testing"), [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6E, 0x67]),
        (.message(3, [.integer(1, 150)]), [0x1A, 0x03, 0x08, 0x96, 0x01]),
        (.integer(1, -2), [0x08, 0xFE] + [UInt8](repeating: 0xFF, count: 8) + [0x01]),
        (.integer(20, 0), [0xA0, 0x01, 0x00]), (.text(1, ""), [0x0A, 0x00]),
        (.float(2, 1), [0x15, 0x00, 0x00, 0x80, 0x3F]),
    ])
    func `fields are written as the format says, and read back`(field: ProtobufField, bytes: [UInt8]) throws {
        #expect(ProtobufField.encode([field]) == bytes)
        #expect(try ProtobufField.decode(bytes[...]) == [field])
        #expect(try ProtobufField.decode((bytes + bytes)[...]) == [field, field])
    }

    @Test func `numbers of 64 bits are read`() throws {
        let bytes: [UInt8] = [0x09, 0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23, 0x01]
        let fields = try ProtobufField.decode(bytes[...])
        #expect(fields.map(\.value) == [.fixed64(0x0123_4567_89AB_CDEF)])
        #expect(ProtobufField.encode(fields) == bytes)
    }

    @Test(arguments: [
        [0x08], [0x08, 0x96], [0x12, 0x07, 0x74], [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        [0x15, 0, 0, 0], [0x09, 0], [0x0B, 0x0C], [0x08] + [UInt8](repeating: 0x80, count: 10),
    ])
    func `bytes that end within a field, and groups, are refused`(bytes: [UInt8]) {
        #expect(throws: ProtobufField.Malformed.self) { try ProtobufField.decode(bytes[...]) }
    }

    @Test func `lists of whole numbers are written packed, and read packed or not`() throws {
        let field = ProtobufField.packed(3, [1, 300, -1])
        #expect(
            ProtobufField.encode([field])
                == [0x1A, 0x0D, 0x01, 0xAC, 0x02] + [UInt8](repeating: 0xFF, count: 9) + [0x01])
        #expect(try field.integers() == [1, 300, -1])
        #expect(try ProtobufField.integer(3, 7).integers() == [7])
        #expect(try ProtobufField.float(3, 7).integers() == [])
        #expect(throws: ProtobufField.Malformed.self) { try ProtobufField.bytes(3, [0x01, 0x80]).integers() }
    }
}
