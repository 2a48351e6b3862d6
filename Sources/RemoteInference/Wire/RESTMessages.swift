import Foundation

/// The protocol over HTTP and JSON, and its extension that carries tensors as bytes, where the server says that it has it.
///
/// Open Inference Protocol, “HTTP/REST” and “Binary Tensor Data Extension”
/// (<https://github.com/open-inference/open-inference-protocol>,
/// <https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md>).
package struct RESTMessages: TensorMessages {
    private static let binaryExtension = "binary_tensor_data"
    private static let lengthField = "Inference-Header-Content-Length"

    /// As it stands in a path.
    private let model: String
    /// Whether the server takes tensors as bytes.
    package private(set) var isBinary = false

    /// - Parameter model: What the server calls the network.
    package init(model: String) {
        self.model = model.utf8.map { byte in
            let character = Character(UnicodeScalar(byte))
            let isPlain = character.isASCII && (character.isLetter || character.isNumber || "-._~".contains(character))
            return isPlain ? String(character) : "%\(String(byte, radix: 16, uppercase: true).leftPadded)"
        }.joined()
    }

    package var serverRequest: WireRequest? { WireRequest(path: "/v2", fields: ["Accept: application/json"]) }

    package mutating func take(server answer: WireAnswer) throws {
        struct Server: Decodable { let extensions: [String]? }
        isBinary = try Self.decode(Server.self, answer).extensions?.contains(Self.binaryExtension) ?? false
    }

    package var metadataRequest: WireRequest {
        WireRequest(path: "/v2/models/\(model)", fields: ["Accept: application/json"])
    }

    package func metadata(from answer: WireAnswer) throws -> ModelMetadata {
        struct Model: Decodable { let inputs, outputs: [ModelMetadata.Tensor]? }
        let model = try Self.decode(Model.self, answer)
        return ModelMetadata(inputs: model.inputs ?? [], outputs: model.outputs ?? [])
    }

    package func request(_ question: InferenceQuestion) -> WireRequest {
        let path = "/v2/models/\(model)/infer"
        let bytes = 4 * question.shape.reduce(1, *)
        let outputs = question.outputs.map { name in
            isBinary
                ? #"{"name":\#(Self.quoted(name)),"parameters":{"binary_data":true}}"#
                : #"{"name":\#(Self.quoted(name))}"#
        }.joined(separator: ",")
        let shape = question.shape.map(String.init).joined(separator: ",")
        var body = Array(
            #"{"inputs":[{"name":\#(Self.quoted(question.input)),"datatype":"FP32","shape":[\#(shape)],"#.utf8)
        if isBinary {
            body += #""parameters":{"binary_data_size":\#(bytes)}}],"outputs":[\#(outputs)]}"#.utf8
            let head = body.count
            body.reserveCapacity(head + bytes)
            for image in question.images { body.append(littleEndian: image) }
            return WireRequest(
                path: path, fields: ["Content-Type: application/octet-stream", "\(Self.lengthField): \(head)"],
                body: body)
        }
        body += #""data":["#.utf8
        var isFirst = true
        for value in question.images.joined() {
            if !isFirst { body.append(UInt8(ascii: ",")) }
            isFirst = false
            // The shortest digits that give the same float again.
            body += value.description.utf8
        }
        body += #"]}],"outputs":[\#(outputs)]}"#.utf8
        return WireRequest(
            path: path, fields: ["Content-Type: application/json", "Accept: application/json"], body: body)
    }

    package func answer(from answer: WireAnswer) throws -> InferenceAnswer {
        let length = answer.fields[Self.lengthField.lowercased()].flatMap(Int.init)
        guard let length else {
            let inference = try Self.decode(Inference.self, answer)
            var none: ArraySlice<UInt8> = []
            return try inference.answer(&none)
        }
        guard (0...answer.body.count).contains(length) else {
            throw RemoteInferenceError(
                .malformed, "the inference server tells of a head of \(length) bytes, and sent \(answer.body.count)")
        }
        let head = WireAnswer(
            status: answer.status, fields: answer.fields, body: Array(answer.body.prefix(length)), isNew: answer.isNew)
        var rest = answer.body.dropFirst(length)
        return try Self.decode(Inference.self, head).answer(&rest)
    }

    // A float takes up to 16 characters with its comma; servers that write doubles take 26.
    package func maximumAnswer(values: Int) -> Int { 65_536 + values * (isBinary ? 4 : 26) }

    package func maximumBatch(values: Int) -> Int { .max }

    private struct Inference: Decodable {
        struct Output: Decodable {
            struct Parameters: Decodable { let binary_data_size: Int? }
            let name: String
            let datatype: String
            let shape: [Int]
            let parameters: Parameters?
            let data: Numbers?
        }

        let model_version: String?
        let outputs: [Output]

        /// - Parameter rest: What follows the head; each binary tensor takes its part.
        func answer(_ rest: inout ArraySlice<UInt8>) throws -> InferenceAnswer {
            let tensors = try outputs.map { output in
                guard output.datatype == "FP32" else {
                    throw RemoteInferenceError(
                        .otherNetwork,
                        "the output \(output.name.shown()) of the inference server is \(output.datatype.shown()), not FP32"
                    )
                }
                guard let size = output.parameters?.binary_data_size else {
                    return WireTensor(name: output.name, shape: output.shape, values: output.data?.values ?? [])
                }
                guard (0...rest.count).contains(size) else {
                    throw RemoteInferenceError(.malformed, "the output \(output.name.shown()) was cut off")
                }
                defer { rest = rest.dropFirst(size) }
                return WireTensor(
                    name: output.name, shape: output.shape, values: try [Float](littleEndian: rest.prefix(size)))
            }
            return InferenceAnswer(version: model_version ?? "", tensors: tensors)
        }
    }

    /// Numbers, flat or as lists in lists: the protocol allows both.
    private struct Numbers: Decodable {
        let values: [Float]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let flat = try? container.decode([Float].self) {
                values = flat
            } else {
                values = try container.decode([Numbers].self).flatMap(\.values)
            }
        }
    }

    private struct Refusal: Decodable { let error: String }

    private static func decode<Value: Decodable>(_ type: Value.Type, _ answer: WireAnswer) throws -> Value {
        guard (200..<300).contains(answer.status) else {
            let body = Data(answer.body.prefix(65_536))
            let reason: String
            do { reason = try JSONDecoder().decode(Refusal.self, from: body).error } catch {
                reason = String(decoding: body.prefix(200), as: UTF8.self)
            }
            throw RemoteInferenceError(
                .refused, "the inference server answered with the status \(answer.status): \(reason.shown())")
        }
        do { return try JSONDecoder().decode(type, from: Data(answer.body)) } catch {
            throw RemoteInferenceError(
                .malformed, "the inference server's answer is not of the Open Inference Protocol")
        }
    }

    /// As a string of JSON.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 0x20: quoted += "\\u00" + String(scalar.value, radix: 16).leftPadded
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

extension String {
    /// Two digits.
    fileprivate var leftPadded: String { count < 2 ? "0\(self)" : self }
}
