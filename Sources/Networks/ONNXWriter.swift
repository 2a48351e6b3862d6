import Formats
import Foundation
import Tensors

/// Writes a network as an ONNX model: operator set 17, IR version 8, batch axis free, weights inside.
///
/// The image enters as `image`, `[batch, C, H, W]`; the results leave as `logits` `[batch, classes]`, `embedding`
/// `[batch, E]` and `features` `[batch, E, h, w]`. Format: <https://onnx.ai/onnx/repo-docs/IR.html>.
public enum ONNXWriter {
    /// Writes the file whole or not at all; equal networks give equal files.
    /// - Parameters:
    ///   - weights: Exactly those of the graph.
    ///   - inputHeight: The height of the image, in pixels.
    ///   - inputWidth: The width of the image, in pixels.
    ///   - metadata: Texts that ONNX tools show, such as version and classes.
    /// - Throws: `NetworkError` for a graph or weights that do not fit together, or a file that cannot be written.
    public static func write(
        _ graph: Graph, _ weights: [String: Tensor], inputHeight: Int, inputWidth: Int,
        metadata: [String: String] = [:],
        to url: URL
    ) throws {
        let bytes = try bytes(
            graph, weights, inputHeight: inputHeight, inputWidth: inputWidth, metadata: metadata)
        do {
            try Data(bytes).write(to: url, options: .atomic)
        } catch {
            throw NetworkError(.unwritable, "the ONNX file cannot be written", name: url.path, underlying: error)
        }
    }

    /// The bytes of the file that `write(_:_:inputHeight:inputWidth:metadata:to:)` writes.
    /// - Throws: `NetworkError` for a graph or weights that do not fit together.
    public static func bytes(
        _ graph: Graph, _ weights: [String: Tensor], inputHeight: Int, inputWidth: Int, metadata: [String: String] = [:]
    ) throws -> [UInt8] {
        try graph.validate(weights)
        let shapes = try graph.shapes(inputHeight: inputHeight, inputWidth: inputWidth)
        var translation = try ONNXTranslation(graph, weights: weights, shapes: shapes)
        for node in graph.nodes { translation.append(node) }
        return ProtobufField.encode(
            // ModelProto: ir_version, producer_name, graph, opset_import (of the domain "", ONNX's own), metadata_props.
            [
                .integer(1, 8), .text(2, "leukoscope"), .message(7, translation.graphProto),
                .message(8, [.text(1, ""), .integer(2, 17)]),
            ]
                + metadata.sorted { $0.key < $1.key }.map { .message(14, [.text(1, $0.key), .text(2, $0.value)]) })
    }
}

/// The messages inside a graph, by the names and field numbers of the ONNX IR specification.
extension [ProtobufField] {
    /// `TensorProto` of 32-bit floats: dims, data_type, name, raw_data.
    static func tensor(_ name: String, _ tensor: Tensor) -> Self {
        tensor.shape.map { .integer(1, $0) } + [.integer(2, 1), .text(8, name), .bytes(9, tensor.littleEndianBytes)]
    }

    /// `TensorProto` of one axis of 64-bit integers.
    static func tensor(_ name: String, _ integers: [Int64]) -> Self {
        let bytes = integers.flatMap { value in Swift.withUnsafeBytes(of: value.littleEndian, [UInt8].init) }
        return [.integer(1, integers.count), .integer(2, 7), .text(8, name), .bytes(9, bytes)]
    }

    /// `ValueInfoProto` of a float tensor whose first axis is the free batch axis, followed by `shape`: name, type.
    static func values(_ name: String, shape: [Int]) -> Self {
        // TensorShapeProto: dim, each with a dim_param or a dim_value; TypeProto.Tensor: elem_type, shape.
        let axes = [ProtobufField.message(1, [.text(2, "batch")])] + shape.map { .message(1, [.integer(1, $0)]) }
        return [.text(1, name), .message(2, [.message(1, [.integer(1, 1), .message(2, axes)])])]
    }

    /// `AttributeProto`: name, i, type. Readers look at which fields are present, so zero is written too.
    static func integer(_ name: String, _ value: Int) -> Self { [.text(1, name), .integer(3, value), .integer(20, 2)] }

    /// `AttributeProto`: name, ints, type.
    static func integers(_ name: String, _ values: [Int]) -> Self {
        [.text(1, name)] + values.map { .integer(8, $0) } + [.integer(20, 7)]
    }

    /// `AttributeProto`: name, f, type.
    static func float(_ name: String, _ value: Float) -> Self { [.text(1, name), .float(2, value), .integer(20, 1)] }
}
