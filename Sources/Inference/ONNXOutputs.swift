import Formats
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
        network + ProtobufField.encode(names.map { .message(7, [.message(12, [.text(1, $0)])]) })
    }
}
