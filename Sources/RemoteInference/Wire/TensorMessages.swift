/// A tensor of 32-bit floats with its name.
package struct WireTensor: Sendable, Equatable {
    package let name: String
    /// The batch first.
    package let shape: [Int]
    /// Row-major.
    package let values: [Float]

    package init(name: String, shape: [Int], values: [Float]) {
        (self.name, self.shape, self.values) = (name, shape, values)
    }
}

/// What a server tells of its network.
package struct ModelMetadata: Sendable, Equatable {
    /// An input or an output; -1 in a shape is any length.
    package struct Tensor: Sendable, Equatable, Decodable {
        package let name: String
        package let datatype: String
        package let shape: [Int]

        package init(name: String, datatype: String, shape: [Int]) {
            (self.name, self.datatype, self.shape) = (name, datatype, shape)
        }
    }

    package let inputs: [Tensor]
    package let outputs: [Tensor]

    package init(inputs: [Tensor], outputs: [Tensor]) { (self.inputs, self.outputs) = (inputs, outputs) }
}

/// What a server's network said.
package struct InferenceAnswer: Sendable, Equatable {
    package let version: String
    package let tensors: [WireTensor]

    package init(version: String, tensors: [WireTensor]) { (self.version, self.tensors) = (version, tensors) }
}

/// What is asked of a network.
package struct InferenceQuestion: Sendable {
    let input: String
    /// The batch first.
    let shape: [Int]
    /// The images one after the other, `shape[1...]` each.
    let images: [[Float]]
    /// Names of the outputs that are wanted.
    let outputs: [String]
    /// How long the answer may take.
    let timeout: Duration

    /// The memberwise initialiser.
    package init(input: String, shape: [Int], images: [[Float]], outputs: [String], timeout: Duration) {
        (self.input, self.shape, self.images) = (input, shape, images)
        (self.outputs, self.timeout) = (outputs, timeout)
    }
}

/// How the Open Inference Protocol's messages are written and read.
package protocol TensorMessages: Sendable {
    /// What has to be asked of the server itself before its network; nil where nothing has.
    var serverRequest: WireRequest? { get }
    /// Takes in what the server says of itself.
    /// - Throws: `RemoteInferenceError`.
    mutating func take(server answer: WireAnswer) throws

    var metadataRequest: WireRequest { get }
    /// - Throws: `RemoteInferenceError`.
    func metadata(from answer: WireAnswer) throws -> ModelMetadata

    func request(_ question: InferenceQuestion) -> WireRequest
    /// - Throws: `RemoteInferenceError`.
    func answer(from answer: WireAnswer) throws -> InferenceAnswer

    /// Bytes that an answer with so many floats has at most.
    func maximumAnswer(values: Int) -> Int
    /// Images of a request at most, with so many floats each.
    func maximumBatch(values: Int) -> Int
}

extension [Float] {
    /// From bytes, little-endian as both transports have them.
    /// - Throws: `RemoteInferenceError.malformed` when there are not four bytes a float.
    init(littleEndian bytes: ArraySlice<UInt8>) throws {
        guard bytes.count.isMultiple(of: 4) else {
            throw RemoteInferenceError(.malformed, "a tensor of floats has \(bytes.count) bytes")
        }
        self.init(unsafeUninitializedCapacity: bytes.count / 4) { buffer, count in
            UnsafeMutableRawBufferPointer(buffer).copyBytes(from: bytes)
            count = bytes.count / 4
        }
    }
}

extension [UInt8] {
    /// Appends floats, little-endian.
    mutating func append(littleEndian floats: [Float]) {
        floats.withUnsafeBytes { append(contentsOf: $0) }
    }
}

extension String {
    /// At most so many characters of what a server said, on one line, to be shown.
    func shown(_ count: Int = 200) -> String {
        String(prefix(count).map { $0.isNewline || $0.unicodeScalars.contains { $0.value < 0x20 } ? " " : $0 })
    }
}
