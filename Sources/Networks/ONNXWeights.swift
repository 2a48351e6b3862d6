import Formats
import Foundation
import Tensors

/// Reads the weights back out of a file that `ONNXWriter` wrote.
public enum ONNXWeights {
    /// The 32-bit floating-point parameters by name, such as `head.conv.weight`; constants of operators are left out.
    /// - Parameter graph: The network of the file; its weights must all be there, in its shapes.
    /// - Throws: `NetworkError` for a file that cannot be read, is no ONNX model, or holds another network.
    public static func read(_ url: URL, graph: Graph) throws -> [String: Tensor] {
        let tensors: [[ProtobufField]]
        do {
            let model = try ProtobufField.decode([UInt8](Data(contentsOf: url))[...])
            // ModelProto.graph, GraphProto.initializer.
            tensors = try messages(7, in: model).flatMap { try messages(5, in: $0) }
        } catch {
            throw NetworkError(.unreadable, "is no ONNX model that can be read", name: url.path, underlying: error)
        }
        let wanted = Set(graph.parameterShapes.keys)
        var weights: [String: Tensor] = [:]
        for tensor in tensors {
            let name = String(decoding: tensor.bytes(8), as: UTF8.self)
            if wanted.contains(name) { weights[name] = try Tensor(tensor, name: name) }
        }
        try graph.validate(weights)
        return weights
    }

    private static func messages(_ number: Int, in message: [ProtobufField]) throws -> [[ProtobufField]] {
        try message.compactMap { field in
            guard field.number == number, case .bytes(let bytes) = field.value else { return nil }
            return try ProtobufField.decode(bytes)
        }
    }
}

extension [ProtobufField] {
    /// The content of a field, nothing when it is not there.
    fileprivate func bytes(_ number: Int) -> ArraySlice<UInt8> {
        if case .bytes(let bytes) = last(where: { $0.number == number })?.value { bytes } else { [] }
    }
}

extension Tensor {
    /// A tensor of 32-bit floats that carries its values as raw bytes, as `ONNXWriter` writes them.
    fileprivate init(_ proto: [ProtobufField], name: String) throws {
        let shape = proto.compactMap { field -> Int? in
            if field.number == 1, case .integer(let length) = field.value { length } else { nil }
        }
        let bytes = proto.bytes(9)
        guard bytes.count == shape.reduce(1, *) * MemoryLayout<Float>.size else {
            throw NetworkError(
                .weightShape, "has \(bytes.count) bytes, which is not the size of its shape", name: name,
                expectedShape: shape)
        }
        let bits = bytes.withUnsafeBytes { raw in
            stride(from: 0, to: raw.count, by: 4).map { raw.loadUnaligned(fromByteOffset: $0, as: UInt32.self) }
        }
        self.init(shape: shape, values: bits.map { Float(bitPattern: UInt32(littleEndian: $0)) })
    }
}
