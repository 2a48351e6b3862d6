import COpenVINO
import Foundation
import Packaging
import Synchronization

/// A small network of one image input and an output `logits`, run on batches and images of any size.
///
/// It blocks the thread that calls. For the network of a model package there is `InferenceEngine`.
public final class DynamicNetwork: Sendable {
    /// What a network answered.
    public struct Answer: Sendable {
        /// Lengths of the axes, the batch first.
        public let shape: [Int]
        /// Row-major.
        public let values: [Float]
    }

    /// Channels of the images that it takes.
    public let channels: Int
    private let name: String
    private let handles: Handles

    /// What belongs to OpenVINO. `@unchecked Sendable`: the compiled network may be used by any thread, and a request is held
    /// by one call at a time.
    private final class Handles: @unchecked Sendable {
        private let core: OpaquePointer
        private let compiled: OpaquePointer
        private let idle = Mutex<[Request]>([])

        init(core: OpaquePointer, compiled: OpaquePointer) { (self.core, self.compiled) = (core, compiled) }

        /// Calls `body` with a request that nobody else has; there are as many as calls at once.
        func withRequest<Value>(_ body: (OpaquePointer) throws -> Value) throws -> Value {
            let request = try idle.withLock { $0.popLast() } ?? make()
            defer { idle.withLock { $0.append(request) } }
            return try body(request.pointer)
        }

        private func make() throws -> Request {
            Request(
                pointer: try OpenVINO.create("no inference request can be made") {
                    ov_compiled_model_create_infer_request(compiled, $0)
                })
        }

        deinit {
            idle.withLock { for request in $0 { ov_infer_request_free(request.pointer) } }
            ov_compiled_model_free(compiled)
            ov_core_free(core)
        }
    }

    /// `@unchecked Sendable`: `Handles` lends it to one call at a time, under its lock.
    private struct Request: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// Loads and compiles a network.
    /// - Parameters:
    ///   - file: An ONNX file whose input `image` is `[batch, channels, height, width]`.
    ///   - channels: Of the images.
    ///   - streams: How many calls run at once, each on one thread of the processor; at least 1.
    ///   - precision: The arithmetic; bfloat16 where the processor lacks it is slow.
    /// - Throws: `InferenceError`.
    public init(file: URL, channels: Int, streams: Int = 1, precision: ModelDescription.Precision = .f32) throws {
        name = file.lastPathComponent
        self.channels = channels
        let core = try OpenVINO.create("the OpenVINO runtime cannot start") { ov_core_create($0) }
        let threads = "\(max(1, streams))"
        do {
            let compiled = try Self.compile(
                file, channels: channels, core: core,
                properties: [
                    ("NUM_STREAMS", threads), ("INFERENCE_NUM_THREADS", threads),
                    ("INFERENCE_PRECISION_HINT", precision.rawValue),
                ])
            handles = Handles(core: core, compiled: compiled)
        } catch {
            ov_core_free(core)
            throw error
        }
    }

    /// Runs the network.
    /// - Parameters:
    ///   - images: `[count, channels, height, width]`, row-major.
    ///   - count: Images, at least 1.
    ///   - height: In pixels.
    ///   - width: In pixels.
    /// - Throws: `InferenceError`.
    public func run(_ images: [Float], count: Int, height: Int, width: Int) throws -> Answer {
        guard count > 0, images.count == count * channels * height * width else {
            throw InferenceError(
                .wrongShape,
                "\(name) takes \(count) x \(channels) x \(height) x \(width) values, not \(images.count)")
        }
        let answer = try handles.withRequest { request in
            try Self.fill(request, images, [count, channels, height, width].map(Int64.init))
            try OpenVINO.check(ov_infer_request_infer(request), .runFailed, "\(name) failed")
            return try Self.logits(of: request)
        }
        guard answer.values.allSatisfy(\.isFinite) else {
            throw InferenceError(.notFinite, "\(name) answered with a value that is no number")
        }
        return answer
    }

    private static func compile(
        _ file: URL, channels: Int, core: OpaquePointer, properties: [(String, String)]
    ) throws -> OpaquePointer {
        let path = file.path
        let model = try OpenVINO.create("\(path) is no network that can be read") {
            ov_core_read_model(core, path, nil, $0)
        }
        defer { ov_model_free(model) }
        let free = ov_dimension_t(min: -1, max: -1)
        var lengths = [free, ov_dimension_t(min: Int64(channels), max: Int64(channels)), free, free]
        var shape = ov_partial_shape_t()
        try OpenVINO.check(ov_partial_shape_create(4, &lengths, &shape), "no memory for a shape")
        defer { ov_partial_shape_free(&shape) }
        try OpenVINO.check(
            ov_model_reshape_input_by_name(model, "image", shape), .wrongShape,
            "\(path) has no input image of \(channels) channels")
        return try CompiledNetwork.withProperties(properties) { list in
            try OpenVINO.create("\(path) cannot be compiled for this processor") {
                ov_core_compile_model_props(core, model, "CPU", list.count, list.baseAddress, $0)
            }
        }
    }

    private static func fill(_ request: OpaquePointer, _ images: [Float], _ lengths: [Int64]) throws {
        var shape = ov_shape_t()
        try OpenVINO.check(ov_shape_create(Int64(lengths.count), lengths, &shape), "no memory for a shape")
        defer { ov_shape_free(&shape) }
        let tensor = try OpenVINO.create("no memory for the input") { ov_tensor_create(F32, shape, $0) }
        defer { ov_tensor_free(tensor) }
        var data: UnsafeMutableRawPointer?
        try OpenVINO.check(ov_tensor_data(tensor, &data), .runFailed, "the input has no data")
        data?.copyMemory(from: images, byteCount: images.count * MemoryLayout<Float>.stride)
        try OpenVINO.check(
            ov_infer_request_set_input_tensor(request, tensor), .wrongShape, "the input does not take \(lengths)")
    }

    private static func logits(of request: OpaquePointer) throws -> Answer {
        let tensor = try OpenVINO.create("the network has no output logits") {
            ov_infer_request_get_tensor(request, "logits", $0)
        }
        defer { ov_tensor_free(tensor) }
        var shape = ov_shape_t()
        try OpenVINO.check(ov_tensor_get_shape(tensor, &shape), .runFailed, "logits has no shape")
        defer { ov_shape_free(&shape) }
        let lengths = (0..<Int(shape.rank)).map { Int(shape.dims[$0]) }
        var data: UnsafeMutableRawPointer?
        try OpenVINO.check(ov_tensor_data(tensor, &data), .runFailed, "logits has no data")
        guard let data else { throw InferenceError(.runFailed, "logits has no data") }
        let values = UnsafeBufferPointer(
            start: data.assumingMemoryBound(to: Float.self), count: lengths.reduce(1, *))
        return Answer(shape: lengths, values: Array(values))
    }
}
