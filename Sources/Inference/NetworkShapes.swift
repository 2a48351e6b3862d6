import COpenVINO
import Packaging

/// The shapes that a model package promises, to be compared with those of the network itself.
struct NetworkShapes {
    private let inputs: [(name: String, shape: [Int64])]
    private let outputs: [(name: String, shape: [Int64])]

    /// - Parameter withStages: Whether the stages were made outputs.
    init(_ description: ModelDescription, withStages: Bool) {
        let stages = withStages ? description.outputs.stages ?? [] : []
        let output = description.outputs
        let size = Int64(output.embeddingSize)
        inputs = [(description.input.name, [1, 3, Int64(description.input.height), Int64(description.input.width)])]
        outputs =
            [
                (output.logits, [1, Int64(description.classes.count)]),
                (output.embedding, [1, size]),
                (output.featureMap, [1, size, Int64(output.featureMapHeight), Int64(output.featureMapWidth)]),
            ]
            + stages.map { ($0.tensor, [1, Int64($0.channels), Int64($0.height), Int64($0.width)]) }
    }

    /// - Throws: `InferenceError` with `.wrongShape`, the name and both shapes.
    func verify(_ compiled: OpaquePointer) throws {
        for (name, shape) in inputs {
            let port = try port(named: name) { ov_compiled_model_input_by_name(compiled, name, $0) }
            defer { ov_output_const_port_free(port) }
            try verify(port, name, shape)
        }
        for (name, shape) in outputs {
            let port = try port(named: name) { ov_compiled_model_output_by_name(compiled, name, $0) }
            defer { ov_output_const_port_free(port) }
            try verify(port, name, shape)
        }
    }

    private func port(
        named name: String, _ body: (UnsafeMutablePointer<OpaquePointer?>) -> ov_status_e
    ) throws -> OpaquePointer {
        do {
            return try OpenVINO.create("the network has no input or output \(name)", body)
        } catch let error as InferenceError {
            throw InferenceError(.wrongShape, error.message, underlying: error.underlying)
        }
    }

    private func verify(_ port: OpaquePointer, _ name: String, _ expected: [Int64]) throws {
        var shape = ov_shape_t()
        try OpenVINO.check(
            ov_const_port_get_shape(port, &shape), .wrongShape, "the shape of \(name) is not fixed")
        defer { ov_shape_free(&shape) }
        let actual = (0..<Int(shape.rank)).map { shape.dims[$0] }
        guard actual == expected else {
            throw InferenceError(
                .wrongShape, "\(name) of the network is \(actual), but the model package states \(expected)")
        }
        var type = DYNAMIC
        try OpenVINO.check(ov_port_get_element_type(port, &type), .wrongShape, "the type of \(name) is unknown")
        guard type == F32 else {
            throw InferenceError(.wrongShape, "\(name) of the network does not hold 32-bit floats")
        }
    }
}
