import Foundation
import RemoteInference
import Testing

/// What is written for a server and read from it; the bytes of gRPC are those of MLServer 1.7.1's own classes.
@Suite struct TensorMessagesTests {
    private static let question = InferenceQuestion(
        input: "image", shape: [1, 300], images: [[1, -2.5]], outputs: ["logits", "embedding"],
        timeout: .milliseconds(1500))

    private static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.compactMap { UInt8(String($0), radix: 16) }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    private static func framed(_ message: [UInt8]) -> [UInt8] { [0, 0, 0, 0, UInt8(message.count)] + message }

    private static func answer(_ text: String, status: Int = 200) -> WireAnswer {
        WireAnswer(status: status, fields: [:], body: Array(text.utf8))
    }

    // MARK: JSON over HTTP

    @Test func `a request in JSON holds every float so that it is the same again`() throws {
        struct Request: Decodable {
            struct Input: Decodable { let name, datatype: String, shape: [Int], data: [Float] }
            struct Output: Decodable { let name: String }
            let inputs: [Input]
            let outputs: [Output]
        }
        let values: [Float] = [0.1, -1e-12, 3.4028235e38, 16_777_216, .leastNonzeroMagnitude, -0.0, 1 / 3]
        let request = RESTMessages(model: "release 2/β").request(
            InferenceQuestion(
                input: "a\"b", shape: [1, 7], images: [values], outputs: ["logits"], timeout: .seconds(1)))
        #expect(request.path == "/v2/models/release%202%2F%CE%B2/infer")
        #expect(request.fields.contains("Content-Type: application/json"))
        let read = try JSONDecoder().decode(Request.self, from: Data(try #require(request.body)))
        #expect(
            read.inputs.map(\.name) == ["a\"b"] && read.inputs[0].datatype == "FP32" && read.inputs[0].shape == [1, 7])
        #expect(read.inputs[0].data.map(\.bitPattern) == values.map(\.bitPattern))
        #expect(read.outputs.map(\.name) == ["logits"])
    }

    @Test(arguments: ["[1, 2.5e-3, -3, 4]", "[[1, 0.0025], [-3, 4]]", "[[[1], [0.0025]], [[-3], [4]]]"])
    func `an answer in JSON may hold its numbers flat or as lists in lists`(data: String) throws {
        let read = try RESTMessages(model: "tiny").answer(
            from: Self.answer(
                #"{"model_name":"tiny","model_version":"7","parameters":{"a":[1]},"outputs":[{"name":"logits","shape":[2,2],"datatype":"FP32","parameters":{"content_type":"np"},"data":\#(data)}]}"#
            ))
        #expect(
            read
                == InferenceAnswer(
                    version: "7", tensors: [WireTensor(name: "logits", shape: [2, 2], values: [1, 0.0025, -3, 4])]))
    }

    @Test func `tensors travel as bytes where the server says that it takes them`() throws {
        var messages = RESTMessages(model: "tiny")
        try messages.take(server: Self.answer(#"{"name":"mlserver","version":"1.7.1","extensions":[]}"#))
        #expect(!messages.isBinary)
        try messages.take(server: Self.answer(#"{"name":"triton","extensions":["statistics","binary_tensor_data"]}"#))
        #expect(messages.isBinary)
        let request = messages.request(Self.question)
        let head =
            #"{"inputs":[{"name":"image","datatype":"FP32","shape":[1,300],"parameters":{"binary_data_size":1200}}],"outputs":[{"name":"logits","parameters":{"binary_data":true}},{"name":"embedding","parameters":{"binary_data":true}}]}"#
        #expect(request.body == Array(head.utf8) + [0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC0])
        #expect(request.fields.contains("Inference-Header-Content-Length: \(head.utf8.count)"))

        let answered =
            #"{"model_version":"1","outputs":[{"name":"embedding","shape":[1,1],"datatype":"FP32","parameters":{"binary_data_size":4}},{"name":"logits","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}]}"#
        let body = Array(answered.utf8) + [0, 0, 0, 0x40, 0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC0]
        let fields = ["inference-header-content-length": "\(answered.utf8.count)"]
        let read = try messages.answer(from: WireAnswer(status: 200, fields: fields, body: body))
        #expect(
            read.tensors == [
                WireTensor(name: "embedding", shape: [1, 1], values: [2]),
                WireTensor(name: "logits", shape: [1, 2], values: [1, -2.5]),
            ])
        for cut in [body.count - 1, answered.utf8.count, 3] {
            #expect(throws: RemoteInferenceError.self) {
                try messages.answer(from: WireAnswer(status: 200, fields: fields, body: Array(body.prefix(cut))))
            }
        }
    }

    @Test func `an error of the server is told in its words, and what is no answer is refused`() {
        let messages = RESTMessages(model: "tiny")
        #expect {
            try messages.metadata(from: Self.answer(#"{"error":"Model tiny\nnot found"}"#, status: 404))
        } throws: {
            ($0 as? RemoteInferenceError)
                == RemoteInferenceError(
                    .refused, "the inference server answered with the status 404: Model tiny not found")
        }
        for text in [
            "<html>", "[]", #"{"outputs":3}"#,
            #"{"outputs":[{"name":"a","shape":[1],"datatype":"FP32","data":["x"]}]}"#,
        ] {
            #expect(
                throws: RemoteInferenceError(
                    .malformed, "the inference server's answer is not of the Open Inference Protocol")
            ) {
                try messages.answer(from: Self.answer(text))
            }
        }
        #expect(throws: RemoteInferenceError.self) {
            try messages.answer(
                from: Self.answer(#"{"outputs":[{"name":"a","shape":[1],"datatype":"INT8","data":[1]}]}"#))
        }
    }

    // MARK: gRPC

    @Test func `requests of gRPC are the bytes that the protocol's own classes write`() {
        let messages = GRPCMessages(model: "tiny")
        let metadata = messages.metadataRequest
        #expect(metadata.path == "/inference.GRPCInferenceService/ModelMetadata")
        #expect(metadata.body == Self.framed(Self.bytes("0a0474696e79")))
        let request = messages.request(Self.question)
        #expect(request.path == "/inference.GRPCInferenceService/ModelInfer")
        #expect(request.fields == ["Content-Type: application/grpc", "TE: trailers", "grpc-timeout: 1500m"])
        #expect(
            request.body
                == Self.framed(
                    Self.bytes(
                        "0a0474696e792a120a05696d6167651204465033321a0301ac0232080a066c6f67697473320b0a09656d62656464696e673a080000803f000020c0"
                    )))
    }

    @Test func `answers of gRPC are read as the protocol's own classes write them`() throws {
        let messages = GRPCMessages(model: "tiny")
        let fine = ["grpc-status": "0"]
        let read = try messages.answer(
            from: WireAnswer(
                status: 200, fields: fine,
                body: Self.framed(
                    Self.bytes(
                        "0a0474696e791201332a120a066c6f676974731204465033321a0201022a150a09656d62656464696e671204465033321a02010132080000003f000080bf3204a69b443b"
                    ))))
        #expect(
            read
                == InferenceAnswer(
                    version: "3",
                    tensors: [
                        WireTensor(name: "logits", shape: [1, 2], values: [0.5, -1]),
                        WireTensor(name: "embedding", shape: [1, 1], values: [0.003]),
                    ]))
        let metadata = try messages.metadata(
            from: WireAnswer(
                status: 200, fields: fine,
                body: Self.framed(
                    Self.bytes(
                        "0a0474696e791201311201321a0178221c0a05696d6167651204465033321a0dffffffffffffffffff010320202a1b0a066c6f676974731204465033321a0bffffffffffffffffff0104"
                    ))))
        #expect(
            metadata
                == ModelMetadata(
                    inputs: [.init(name: "image", datatype: "FP32", shape: [-1, 3, 32, 32])],
                    outputs: [.init(name: "logits", datatype: "FP32", shape: [-1, 4])]))
    }

    @Test(arguments: [
        ("5", RemoteInferenceError.Code.refused), ("3", .refused), ("14", .unreachable), ("4", .unreachable),
    ])
    func `a status of gRPC is an error with the server's words`(status: String, code: RemoteInferenceError.Code) {
        #expect {
            try GRPCMessages(model: "tiny").metadata(
                from: WireAnswer(
                    status: 200, fields: ["grpc-status": status, "grpc-message": "Model%20tiny%0Anot found"], body: []))
        } throws: {
            guard let error = $0 as? RemoteInferenceError else { return false }
            return error.code == code && error.message.contains("gRPC status \(status): Model tiny not found")
        }
    }

    @Test(
        arguments: [[], [0, 0, 0, 0], [1, 0, 0, 0, 0], [0, 0, 0, 0, 9, 1], [0, 0, 0, 0, 2, 0x0A, 9]] as [[UInt8]])
    func `what is no message of gRPC is refused`(body: [UInt8]) {
        #expect(throws: RemoteInferenceError.self) {
            try GRPCMessages(model: "tiny").answer(
                from: WireAnswer(status: 200, fields: ["grpc-status": "0"], body: body))
        }
        #expect(throws: RemoteInferenceError.self) {
            try GRPCMessages(model: "tiny").answer(from: WireAnswer(status: 200, fields: [:], body: body))
        }
    }

    @Test func `a request of gRPC stays within what servers take in one message`() {
        let messages = GRPCMessages(model: "tiny")
        let values = 3 * 224 * 224
        #expect(messages.maximumBatch(values: values) == 6)
        let images = [[Float]](repeating: [Float](repeating: 0, count: values), count: 6)
        let request = messages.request(
            InferenceQuestion(
                input: "image", shape: [6, 3, 224, 224], images: images, outputs: ["logits"], timeout: .seconds(1)))
        #expect((request.body ?? []).count < 4 << 20)
        #expect(messages.maximumBatch(values: 100 << 20) == 1)
    }
}
