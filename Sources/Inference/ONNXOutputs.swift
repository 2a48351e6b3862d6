import Formats
import Foundation
import Packaging

/// Makes outputs of results inside an ONNX network, without a reader of the format.
///
/// An ONNX file is a protocol buffer, and two of them one after the other are one with the fields merged, lists
/// appended (<https://protobuf.dev/programming-guides/encoding/#last-one-wins>). So a few bytes at the end of the file add to
/// `ModelProto.graph` (field 7) an `output` (field 12) with a `name` (field 1). The file itself stays as it is, and the
/// network that only predicts does not pay for results that it does not show.
public enum ONNXOutputs {
    /// The network with the stages of its description among its outputs.
    /// - Parameters:
    ///   - description: Of the package that the network is of.
    ///   - network: The content of its file.
    public static func adding(stagesOf description: ModelDescription, to network: Data) -> Data {
        let outputs = description.outputs
        let present = [outputs.logits, outputs.embedding, outputs.featureMap]
        return adding((outputs.stages ?? []).map(\.tensor).filter { !present.contains($0) }, to: network)
    }

    private static func adding(_ names: [String], to network: Data) -> Data {
        network + ProtobufField.encode(names.map { .message(7, [.message(12, [.text(1, $0)])]) })
    }
}
