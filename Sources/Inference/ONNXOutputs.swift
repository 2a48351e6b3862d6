import Foundation

/// Makes outputs of results inside an ONNX network, without a reader of the format.
///
/// An ONNX file is a protocol buffer, and two of them one after the other are one with the fields merged, lists
/// appended (<https://protobuf.dev/programming-guides/encoding/#last-one-wins>). So a few bytes at the end of the file add to
/// `ModelProto.graph` (field 7) an `output` (field 12) with a `name` (field 1). The file itself stays as it is, and the
/// network that only predicts does not pay for results that it does not show.
enum ONNXOutputs {
    /// The network with the results of these names as further outputs.
    static func adding(_ names: [String], to network: Data) -> Data {
        names.reduce(into: network) { $0.append(contentsOf: field(7, field(12, field(1, Array($1.utf8))))) }
    }

    /// A field of wire type 2: its key, its length, its bytes.
    private static func field(_ number: Int, _ payload: [UInt8]) -> [UInt8] {
        variableLength(number << 3 | 2) + variableLength(payload.count) + payload
    }

    /// Seven bits a byte, lowest first; the highest bit says that more follow.
    private static func variableLength(_ value: Int) -> [UInt8] {
        var rest = value
        var bytes: [UInt8] = []
        while rest > 0x7F {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
