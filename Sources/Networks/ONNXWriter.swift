import Foundation
import SwiftProtobuf
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
        let model = ONNXModelProto.with {
            $0.irVersion = 8
            $0.producerName = "leukoscope"
            $0.graph = translation.graphProto
            $0.opsetImport = [
                .with {
                    $0.domain = ""
                    $0.version = 17
                }
            ]
            $0.metadataProps = metadata.sorted { $0.key < $1.key }.map { key, value in
                .with {
                    $0.key = key
                    $0.value = value
                }
            }
        }
        do {
            return try model.serializedBytes()
        } catch {
            throw NetworkError(.unwritable, "the ONNX model cannot be encoded", name: graph.name, underlying: error)
        }
    }
}

extension ONNXTensorProto {
    /// 32-bit floats.
    init(name: String, _ tensor: Tensor) {
        self.init()
        self.name = name
        dims = tensor.shape.map(Int64.init)
        dataType = .float
        rawData = Data(tensor.littleEndianBytes)
    }

    /// One axis of 64-bit integers.
    init(name: String, _ integers: [Int64]) {
        self.init()
        self.name = name
        dims = [Int64(integers.count)]
        dataType = .int64
        rawData = Data(integers.flatMap { value in withUnsafeBytes(of: value.littleEndian, Array.init) })
    }
}

extension ONNXValueInfoProto {
    /// A float tensor whose first axis is the free batch axis, followed by `shape`.
    init(name: String, shape: [Int]) {
        self.init()
        self.name = name
        type.tensorType.elemType = .float
        type.tensorType.shape.dim =
            [.with { $0.dimParam = "batch" }] + shape.map { length in .with { $0.dimValue = Int64(length) } }
    }
}

extension ONNXAttributeProto {
    static func integer(_ name: String, _ value: Int) -> ONNXAttributeProto {
        .with {
            $0.name = name
            $0.type = .int
            $0.i = Int64(value)
        }
    }

    static func integers(_ name: String, _ values: [Int]) -> ONNXAttributeProto {
        .with {
            $0.name = name
            $0.type = .ints
            $0.ints = values.map(Int64.init)
        }
    }

    static func float(_ name: String, _ value: Float) -> ONNXAttributeProto {
        .with {
            $0.name = name
            $0.type = .float
            $0.f = value
        }
    }
}
