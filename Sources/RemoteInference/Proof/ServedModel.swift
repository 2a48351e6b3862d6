import Inference
import Packaging

/// What a package needs of the network that a server runs for it.
package struct ServedModel: Sendable {
    /// One tensor, without the batch.
    package struct Tensor: Sendable, Equatable {
        package let name: String
        package let shape: [Int]
        package var count: Int { shape.reduce(1, *) }
    }

    package let input: Tensor
    private let logits: Tensor
    private let embedding: Tensor
    private let featureMap: Tensor
    private let stages: [Tensor]

    package init(_ description: ModelDescription) {
        let outputs = description.outputs
        input = Tensor(name: description.input.name, shape: [3, description.input.height, description.input.width])
        logits = Tensor(name: outputs.logits, shape: [description.classes.count])
        embedding = Tensor(name: outputs.embedding, shape: [outputs.embeddingSize])
        featureMap = Tensor(
            name: outputs.featureMap,
            shape: [outputs.embeddingSize, outputs.featureMapHeight, outputs.featureMapWidth])
        stages = (outputs.stages ?? []).map {
            Tensor(name: $0.tensor, shape: [$0.channels, $0.height, $0.width])
        }
    }

    /// The outputs that are asked for, each once.
    package func outputs(withStages: Bool) -> [Tensor] {
        let all = [logits, embedding, featureMap] + (withStages ? stages : [])
        return all.enumerated().filter { index, tensor in
            !all[..<index].contains { $0.name == tensor.name }
        }.map(\.element)
    }

    /// Compares what a server tells of its network; one that tells nothing is judged by its answers.
    /// - Returns: How many images a request may have as far as the server tells: 1, or any number.
    /// - Throws: `RemoteInferenceError.otherNetwork`.
    package func verify(_ metadata: ModelMetadata) throws -> Int {
        for output in metadata.outputs.isEmpty ? [] : outputs(withStages: true) {
            try verify(output, among: metadata.outputs, "output")
        }
        guard !metadata.inputs.isEmpty else { return 1 }
        guard metadata.inputs.count == 1 else {
            throw RemoteInferenceError(
                .otherNetwork, "the inference server's network takes \(metadata.inputs.count) inputs, the package's one"
            )
        }
        try verify(input, among: metadata.inputs, "input")
        return metadata.inputs[0].shape.first == -1 ? .max : 1
    }

    private func verify(_ tensor: Tensor, among told: [ModelMetadata.Tensor], _ kind: String) throws {
        guard let other = told.first(where: { $0.name == tensor.name }) else {
            throw RemoteInferenceError(
                .otherNetwork,
                "the inference server's network has no \(kind) \(tensor.name); it has \(told.map { $0.name.shown(60) }.joined(separator: ", "))"
            )
        }
        let expected = [1] + tensor.shape
        let fits = other.shape.count == expected.count && zip(other.shape, expected).allSatisfy { $0 == -1 || $0 == $1 }
        guard other.datatype == "FP32", fits else {
            throw RemoteInferenceError(
                .otherNetwork,
                "the \(kind) \(tensor.name) of the inference server's network is \(other.datatype.shown(20)) \(other.shape), the package's FP32 \(expected)"
            )
        }
    }

    /// Takes an answer apart.
    /// - Throws: `RemoteInferenceError`.
    package func outputs(of answer: InferenceAnswer, count: Int, withStages: Bool) throws -> [NetworkOutput] {
        var values: [String: [Float]] = [:]
        for output in outputs(withStages: withStages) {
            guard let tensor = answer.tensors.first(where: { $0.name == output.name }) else {
                throw RemoteInferenceError(
                    .otherNetwork, "the inference server's answer lacks the output \(output.name)")
            }
            let expected = [count] + output.shape
            guard tensor.shape == expected, tensor.values.count == count * output.count else {
                throw RemoteInferenceError(
                    .otherNetwork,
                    "the output \(output.name) of the inference server is \(tensor.shape) with \(tensor.values.count) values, the package's \(expected)"
                )
            }
            guard tensor.values.allSatisfy(\.isFinite) else {
                throw RemoteInferenceError(
                    .malformed, "the inference server answered with a value that is no number in \(output.name)")
            }
            values[output.name] = tensor.values
        }
        func part(_ tensor: Tensor, _ index: Int) -> [Float] {
            Array((values[tensor.name] ?? [])[index * tensor.count..<(index + 1) * tensor.count])
        }
        return (0..<count).map { index in
            NetworkOutput(
                logits: part(logits, index), embedding: part(embedding, index), featureMap: part(featureMap, index),
                stages: withStages ? stages.map { part($0, index) } : [])
        }
    }
}
