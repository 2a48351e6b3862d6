import Foundation
import SwiftProtobuf
import Tensors

/// Reads the weights back out of a file that `ONNXWriter` wrote.
public enum ONNXWeights {
    /// The 32-bit floating-point parameters by name, such as `head.conv.weight`; constants of operators are left out.
    /// - Parameter graph: The network of the file; its weights must all be there, in its shapes.
    /// - Throws: `NetworkError` for a file that cannot be read, is no ONNX model, or holds another network.
    public static func read(_ url: URL, graph: Graph) throws -> [String: Tensor] {
        let model: ONNXModelProto
        do {
            model = try ONNXModelProto(serializedBytes: Data(contentsOf: url))
        } catch {
            throw NetworkError(.unreadable, "is no ONNX model that can be read", name: url.path, underlying: error)
        }
        let wanted = Set(graph.parameterShapes.keys)
        var weights: [String: Tensor] = [:]
        for tensor in model.graph.initializer where wanted.contains(tensor.name) {
            weights[tensor.name] = try Tensor(tensor)
        }
        try graph.validate(weights)
        return weights
    }
}

extension Tensor {
    /// A tensor of 32-bit floats that carries its values as raw bytes, as `ONNXWriter` writes them.
    fileprivate init(_ proto: ONNXTensorProto) throws {
        let shape = proto.dims.map(Int.init)
        guard proto.rawData.count == shape.reduce(1, *) * MemoryLayout<Float>.size else {
            throw NetworkError(
                .weightShape, "has \(proto.rawData.count) bytes, which is not the size of its shape", name: proto.name,
                expectedShape: shape)
        }
        let bits = stride(from: 0, to: proto.rawData.count, by: 4).map { offset in
            proto.rawData.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
        }
        self.init(shape: shape, values: bits.map { Float(bitPattern: UInt32(littleEndian: $0)) })
    }
}
