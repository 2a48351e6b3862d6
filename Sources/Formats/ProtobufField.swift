/// A field of a protocol buffer as it stands in the file (<https://protobuf.dev/programming-guides/encoding/>): its number in
/// the schema and its value. A message is the list of its fields, a repeated one stands there once for each element.
public struct ProtobufField: Sendable, Equatable {
    /// What the file tells of a value; what it means, the schema says.
    public enum Value: Sendable, Equatable {
        /// A whole number of any width, signed or not, or a case of an enumeration.
        case integer(Int)
        case fixed64(UInt64)
        /// Bytes, a text in UTF-8, or a message.
        case bytes(ArraySlice<UInt8>)
        case fixed32(UInt32)
    }

    /// Why bytes are no message.
    public struct Malformed: Error {}

    public let number: Int
    public let value: Value

    public static func integer(_ number: Int, _ integer: Int) -> Self { Self(number: number, value: .integer(integer)) }

    public static func float(_ number: Int, _ float: Float) -> Self {
        Self(number: number, value: .fixed32(float.bitPattern))
    }

    public static func bytes(_ number: Int, _ bytes: [UInt8]) -> Self {
        Self(number: number, value: .bytes(bytes[...]))
    }

    public static func text(_ number: Int, _ text: String) -> Self { bytes(number, Array(text.utf8)) }

    public static func message(_ number: Int, _ fields: [Self]) -> Self { bytes(number, encode(fields)) }

    /// Whole numbers one after the other, as lists of them are written.
    public static func packed(_ number: Int, _ integers: [Int]) -> Self {
        bytes(number, integers.flatMap(variableLength))
    }

    /// The whole numbers of a list, packed or not; none of other values.
    /// - Throws: `Malformed` for bytes that end within a number.
    public func integers() throws -> [Int] {
        switch value {
        case .integer(let integer): return [integer]
        case .bytes(var rest):
            var integers: [Int] = []
            while !rest.isEmpty { integers.append(try Self.integer(&rest)) }
            return integers
        case .fixed32, .fixed64: return []
        }
    }

    /// The bytes of a message, its fields in the order given.
    public static func encode(_ fields: [Self]) -> [UInt8] {
        var bytes: [UInt8] = []
        for field in fields {
            switch field.value {
            case .integer(let integer):
                bytes += variableLength(field.number << 3) + variableLength(integer)
            case .fixed64(let bits):
                bytes += variableLength(field.number << 3 | 1) + withUnsafeBytes(of: bits.littleEndian, Array.init)
            case .bytes(let content):
                bytes += variableLength(field.number << 3 | 2) + variableLength(content.count)
                bytes += content
            case .fixed32(let bits):
                bytes += variableLength(field.number << 3 | 5) + withUnsafeBytes(of: bits.littleEndian, Array.init)
            }
        }
        return bytes
    }

    /// The fields of a message in their order; messages in them stay bytes.
    /// - Throws: `Malformed` for bytes that end within a field, or hold one of another kind (a group).
    public static func decode(_ bytes: ArraySlice<UInt8>) throws -> [Self] {
        var (rest, fields) = (bytes, [Self]())
        while !rest.isEmpty {
            let key = try integer(&rest)
            let value: Value
            switch key & 7 {
            case 0: value = .integer(try integer(&rest))
            case 1: value = .fixed64(try take(8, &rest).reversed().reduce(0) { $0 << 8 | UInt64($1) })
            case 2: value = .bytes(try take(integer(&rest), &rest))
            case 5: value = .fixed32(try take(4, &rest).reversed().reduce(0) { $0 << 8 | UInt32($1) })
            default: throw Malformed()
            }
            fields.append(Self(number: key >> 3, value: value))
        }
        return fields
    }

    /// Seven bits a byte, lowest first; the highest bit says that more follow. Negative numbers take ten bytes.
    private static func variableLength(_ value: Int) -> [UInt8] {
        var (rest, bytes) = (UInt64(bitPattern: Int64(value)), [UInt8]())
        while rest > 0x7F {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    private static func integer(_ rest: inout ArraySlice<UInt8>) throws -> Int {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 70, by: 7) {
            guard let byte = rest.popFirst() else { throw Malformed() }
            value |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte & 0x80 == 0 { return Int(truncatingIfNeeded: value) }
        }
        throw Malformed()
    }

    private static func take(_ count: Int, _ rest: inout ArraySlice<UInt8>) throws -> ArraySlice<UInt8> {
        guard (0...rest.count).contains(count) else { throw Malformed() }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}
