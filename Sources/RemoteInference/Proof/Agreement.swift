import Evaluation
import Inference
import Packaging

/// Whether two answers to one image come from the same network.
///
/// In 32-bit floats the same network differs by the order of its sums: run by ONNX Runtime, the release's by 0.00002 of a tensor's
/// largest value at most. Of weights changed by a thousandth of their size some output differs by twice the tolerance and more, and
/// so it does of bfloat16 (docs/interoperability.md).
package enum Agreement {
    /// How much a value may differ, as a share of the largest magnitude of its tensor.
    package static let tolerance: Float = 0.002
    /// How much a probability may differ.
    package static let probabilityTolerance = 0.002

    /// - Parameters:
    ///   - remote: What the server's network said.
    ///   - local: What the package's said here, in 32-bit floats.
    ///   - description: Of the package.
    ///   - image: Which probe, for the message.
    /// - Throws: `RemoteInferenceError.otherNetwork`.
    package static func verify(
        _ remote: NetworkOutput, _ local: NetworkOutput, description: ModelDescription, image: Int
    ) throws {
        let outputs = description.outputs
        try verify(remote.logits, local.logits, outputs.logits, image)
        try verify(remote.embedding, local.embedding, outputs.embedding, image)
        try verify(remote.featureMap, local.featureMap, outputs.featureMap, image)
        for (index, stage) in (outputs.stages ?? []).enumerated() where index < remote.stages.count {
            guard index < local.stages.count else { break }
            try verify(remote.stages[index], local.stages[index], stage.tensor, image)
        }
        let temperature = description.calibration.temperature
        let pairs = zip(
            TemperatureScaling.softmax(remote.logits, temperature: temperature),
            TemperatureScaling.softmax(local.logits, temperature: temperature))
        let difference = pairs.map { abs($0 - $1) }.max() ?? 0
        guard difference <= probabilityTolerance else {
            throw RemoteInferenceError(
                .otherNetwork,
                "the inference server's network is not the package's: for probe \(image + 1) a probability differs by \(shown(difference)), and \(probabilityTolerance) may be"
            )
        }
    }

    private static func verify(_ remote: [Float], _ local: [Float], _ name: String, _ image: Int) throws {
        let peak = local.reduce(0) { max($0, abs($1)) }
        let difference = zip(remote, local).reduce(0) { max($0, abs($1.0 - $1.1)) }
        guard remote.count == local.count, difference <= tolerance * max(peak, .leastNormalMagnitude) else {
            throw RemoteInferenceError(
                .otherNetwork,
                "the inference server's network is not the package's: for probe \(image + 1) \(name) differs by \(shown(Double(difference / peak))) of its largest value, and \(tolerance) may be"
            )
        }
    }

    private static func shown(_ share: Double) -> String { String((share * 10_000).rounded() / 10_000) }
}
