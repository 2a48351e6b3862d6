import COpenVINO
import Foundation
import Packaging

/// The runtime and one network compiled for this processor at batch 1.
///
/// `@unchecked Sendable`: both handles are set once and never change; OpenVINO documents core and compiled model as safe
/// to use from several threads, and here they are only read (properties) and asked for requests.
final class CompiledNetwork: @unchecked Sendable {
    /// The arithmetic that was chosen.
    let precision: ModelDescription.Precision
    private let core: OpaquePointer
    private let compiled: OpaquePointer

    /// - Parameter network: The content of the package's network, to have the stages of the description as outputs as
    ///   well; `nil` reads the file and gives it the outputs that it has.
    /// - Throws: `InferenceError` when the file is no network, or its shapes differ from the description.
    init(package: ModelPackage, options: InferenceOptions, network: Data? = nil) throws {
        let core = try OpenVINO.create("the OpenVINO runtime cannot start") { ov_core_create($0) }
        do {
            let precision = try Self.precision(package: package, options: options, core: core)
            compiled = try Self.compile(
                package: package, options: options, precision: precision, network: network, core: core)
            self.core = core
            self.precision = precision
        } catch {
            ov_core_free(core)
            throw error
        }
        try NetworkShapes(package.description, withStages: network != nil).verify(compiled)
    }

    deinit {
        ov_compiled_model_free(compiled)
        ov_core_free(core)
    }

    /// A new request; the caller frees it.
    func makeRequest() throws -> OpaquePointer {
        try OpenVINO.create("no inference request can be made") {
            ov_compiled_model_create_infer_request(compiled, $0)
        }
    }

    /// The number of requests in flight that the runtime calls best for the goal it was compiled for.
    func optimalRequests() throws -> Int {
        var value: UnsafeMutablePointer<CChar>?
        try OpenVINO.check(
            ov_compiled_model_get_property(compiled, "OPTIMAL_NUMBER_OF_INFER_REQUESTS", &value),
            "the runtime does not tell its number of requests")
        guard let value else { return 1 }
        defer { ov_free(value) }
        return max(1, Int(String(cString: value)) ?? 1)
    }

    /// bfloat16 only where the processor multiplies it itself; elsewhere the same model answers in f32.
    private static func precision(
        package: ModelPackage, options: InferenceOptions, core: OpaquePointer
    ) throws -> ModelDescription.Precision {
        guard (options.precision ?? package.description.precision) == .bf16 else { return .f32 }
        var value: UnsafeMutablePointer<CChar>?
        try OpenVINO.check(
            ov_core_get_property(core, "CPU", "OPTIMIZATION_CAPABILITIES", &value),
            "the runtime does not tell what the processor can do")
        guard let value else { return .f32 }
        defer { ov_free(value) }
        let capabilities = String(cString: value).split { !$0.isLetter && !$0.isNumber }
        return capabilities.contains("BF16") ? .bf16 : .f32
    }

    private static func compile(
        package: ModelPackage, options: InferenceOptions, precision: ModelDescription.Precision,
        network: Data?, core: OpaquePointer
    ) throws -> OpaquePointer {
        let path = package.networkURL.path
        let model = try OpenVINO.create("\(path) is no network that can be read") { model in
            guard let network else { return ov_core_read_model(core, path, nil, model) }
            let extended = ONNXOutputs.adding(stagesOf: package.description, to: network)
            return extended.withUnsafeBytes { bytes in
                ov_core_read_model_from_memory_buffer(
                    core, bytes.bindMemory(to: CChar.self).baseAddress, bytes.count, nil, model)
            }
        }
        defer { ov_model_free(model) }
        try reshape(model, to: package.description.input, path: path)
        var properties = [
            ("PERFORMANCE_HINT", options.goal.rawValue),
            ("INFERENCE_PRECISION_HINT", precision.rawValue),
        ]
        if let threads = options.threads { properties.append(("INFERENCE_NUM_THREADS", "\(threads)")) }
        if let requests = options.requests { properties.append(("PERFORMANCE_HINT_NUM_REQUESTS", "\(requests)")) }
        if let cache = options.cacheDirectory { properties.append(("CACHE_DIR", cache.path)) }
        return try withProperties(properties) { list in
            try OpenVINO.create("\(path) cannot be compiled for this processor") {
                ov_core_compile_model_props(core, model, "CPU", list.count, list.baseAddress, $0)
            }
        }
    }

    /// Fixes the batch at 1: static shapes let the runtime plan its memory once.
    private static func reshape(_ model: OpaquePointer, to input: ModelDescription.Input, path: String) throws {
        var shape = ov_partial_shape_t()
        let lengths: [Int64] = [1, 3, Int64(input.height), Int64(input.width)]
        try OpenVINO.check(ov_partial_shape_create_static(4, lengths, &shape), "no memory for a shape")
        defer { ov_partial_shape_free(&shape) }
        try OpenVINO.check(
            ov_model_reshape_input_by_name(model, input.name, shape), .wrongShape,
            "\(path) has no input \(input.name) that takes \(lengths)")
    }

    /// Lends the properties as C strings for the length of a call.
    static func withProperties<Result>(
        _ properties: [(String, String)], _ body: (UnsafeBufferPointer<ov_property_t>) throws -> Result
    ) rethrows -> Result {
        let texts = properties.map { (strdup($0.0), strdup($0.1)) }
        defer { for (key, value) in texts { free(key); free(value) } }
        let list = texts.map { ov_property_t(key: $0.0, value: $0.1) }
        return try list.withUnsafeBufferPointer(body)
    }
}
