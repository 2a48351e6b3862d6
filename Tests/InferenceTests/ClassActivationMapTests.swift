import Inference
import Packaging
import Tensors
import Testing

@Suite struct ClassActivationMapTests {
    /// Two channels of 2 rows and 3 columns.
    private let features: [Float] = [
        1, 2, 3, 0, 1, 0,
        0, 1, 0, 2, 0, 1,
    ]

    @Test func `weighs the channels of the class`() {
        let weight = Tensor(shape: [2, 2], values: [9, 9, 2, -1])
        // 2·f0 − f1 = [2, 3, 6, −2, 2, −1]; negative parts cut off, divided by 6.
        let map = ClassActivationMap.compute(
            featureMap: features, width: 3, height: 2, classifierWeight: weight, classIndex: 1)
        let expected: [Float] = [1.0 / 3, 0.5, 1, 0, 1.0 / 3, 0]
        #expect(map.count == 6)
        for (value, wanted) in zip(map, expected) { #expect(abs(value - wanted) < 1e-6) }
    }

    @Test func `is zero where nothing speaks for the class`() {
        let weight = Tensor(shape: [1, 2], values: [-1, -1])
        let map = ClassActivationMap.compute(
            featureMap: features, width: 3, height: 2, classifierWeight: weight, classIndex: 0)
        #expect(map == [0, 0, 0, 0, 0, 0])
    }

    @Test func `the weights of the package are those of the network`() async throws {
        let package = try InferenceFixture.package()
        let output = try await InferenceEngine(package: package).infer(InferenceFixture.ramp(4))
        for classIndex in 0..<4 {
            let weights = package.classifierWeight.values[classIndex * 16..<(classIndex + 1) * 16]
            let logit = zip(weights, output.embedding).map(*).reduce(0, +) + package.classifierBias.values[classIndex]
            #expect(abs(logit - output.logits[classIndex]) < 1e-3)
        }
    }
}
