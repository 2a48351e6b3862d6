import Formats
import Foundation

/// The protocol over gRPC: HTTP/2, one message in a frame each way, and how it went in the trailer.
///
/// Open Inference Protocol, “gRPC” (`grpc_predict_v2.proto`), with tensors as raw bytes; gRPC over HTTP/2
/// (<https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>). Of a service of many messages two calls are needed, whose
/// fields are written here by their numbers.
package struct GRPCMessages: TensorMessages {
    /// What servers take in one message unless they are told otherwise, less what is not a tensor.
    private static let usualRequest = (4 << 20) - 8192

    private let model: String

    /// - Parameter model: What the server calls the network.
    package init(model: String) { self.model = model }

    package var serverRequest: WireRequest? { nil }
    package mutating func take(server answer: WireAnswer) throws {}

    package var metadataRequest: WireRequest { Self.call("ModelMetadata", [.text(1, model)], timeout: nil) }

    package func metadata(from answer: WireAnswer) throws -> ModelMetadata {
        let fields = try Self.message(of: answer)
        func tensors(_ number: Int) throws -> [ModelMetadata.Tensor] {
            try fields.filter { $0.number == number }.map { field in
                let fields = try Self.decoded(field.message)
                return ModelMetadata.Tensor(
                    name: try Self.text(1, fields), datatype: try Self.text(2, fields),
                    shape: try Self.integers(3, fields))
            }
        }
        return ModelMetadata(inputs: try tensors(4), outputs: try tensors(5))
    }

    package func request(_ question: InferenceQuestion) -> WireRequest {
        var raw: [UInt8] = []
        raw.reserveCapacity(4 * question.shape.reduce(1, *))
        for image in question.images { raw.append(littleEndian: image) }
        let input: [ProtobufField] = [.text(1, question.input), .text(2, "FP32"), .packed(3, question.shape)]
        return Self.call(
            "ModelInfer",
            [.text(1, model), .message(5, input)] + question.outputs.map { .message(6, [.text(1, $0)]) } + [
                .bytes(7, raw)
            ],
            timeout: question.timeout)
    }

    package func answer(from answer: WireAnswer) throws -> InferenceAnswer {
        let fields = try Self.message(of: answer)
        let outputs = fields.filter { $0.number == 5 }
        let raw = fields.filter { $0.number == 6 }
        guard raw.count == outputs.count else {
            throw RemoteInferenceError(
                .malformed, "the inference server sent \(outputs.count) outputs and the bytes of \(raw.count)")
        }
        let tensors = try zip(outputs, raw).map { output, raw in
            let fields = try Self.decoded(output.message)
            let (name, type) = (try Self.text(1, fields), try Self.text(2, fields))
            guard type == "FP32" else {
                throw RemoteInferenceError(
                    .otherNetwork, "the output \(name.shown()) of the inference server is \(type.shown()), not FP32")
            }
            return WireTensor(
                name: name, shape: try Self.integers(3, fields), values: try [Float](littleEndian: raw.message))
        }
        return InferenceAnswer(version: try Self.text(2, fields), tensors: tensors)
    }

    package func maximumAnswer(values: Int) -> Int { 65_536 + 4 * values }

    package func maximumBatch(values: Int) -> Int { max(1, Self.usualRequest / (4 * max(1, values))) }

    // MARK: The frame

    private static func call(_ method: String, _ fields: [ProtobufField], timeout: Duration?) -> WireRequest {
        let message = ProtobufField.encode(fields)
        var lines = ["Content-Type: application/grpc", "TE: trailers"]
        // At most eight digits.
        if let timeout { lines.append("grpc-timeout: \(max(1, min(99_999_999, Int(timeout / .milliseconds(1)))))m") }
        let length = withUnsafeBytes(of: UInt32(message.count).bigEndian, Array.init)
        return WireRequest(
            path: "/inference.GRPCInferenceService/\(method)", fields: lines, body: [0] + length + message)
    }

    private static func message(of answer: WireAnswer) throws -> [ProtobufField] {
        guard answer.status == 200 else {
            throw RemoteInferenceError(.refused, "the inference server answered with the status \(answer.status)")
        }
        guard let status = answer.fields["grpc-status"] else {
            throw RemoteInferenceError(.malformed, "the inference server's answer is not of gRPC")
        }
        guard status == "0" else {
            let reason = (answer.fields["grpc-message"] ?? "").removingPercentEncoding ?? ""
            // 4 is a deadline that passed, 14 a server that is not there (https://grpc.io/docs/guides/status-codes/).
            throw RemoteInferenceError(
                ["4", "14"].contains(status) ? .unreachable : .refused,
                "the inference server answered with the gRPC status \(status.shown(8)): \(reason.shown())")
        }
        let body = answer.body
        guard body.count >= 5, body[0] == 0,
            body[1..<5].reduce(0, { $0 << 8 | Int($1) }) == body.count - 5
        else {
            throw RemoteInferenceError(.malformed, "the inference server's answer is not one message of gRPC")
        }
        return try decoded(body.dropFirst(5))
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>) throws -> [ProtobufField] {
        do { return try ProtobufField.decode(bytes) } catch {
            throw RemoteInferenceError(.malformed, "the inference server's answer is no protocol buffer")
        }
    }

    /// Empty where the field is missing, as the format has it.
    private static func text(_ number: Int, _ fields: [ProtobufField]) throws -> String {
        fields.last { $0.number == number }.map { String(decoding: $0.message, as: UTF8.self) } ?? ""
    }

    private static func integers(_ number: Int, _ fields: [ProtobufField]) throws -> [Int] {
        do { return try fields.filter { $0.number == number }.flatMap { try $0.integers() } } catch {
            throw RemoteInferenceError(.malformed, "a shape in the inference server's answer cannot be read")
        }
    }
}

extension ProtobufField {
    /// The bytes of a text or message; none of other values.
    fileprivate var message: ArraySlice<UInt8> { if case .bytes(let bytes) = value { bytes } else { [] } }
}
