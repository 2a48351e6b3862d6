import Foundation
import Tensors
import Testing
import Training

extension TorchTests {
    /// Groups that do badly count for more.
    @Suite struct GroupRobustnessTests {
        /// Two series of class 0, one of class 1; images 0 to 5 of the data set.
        private static let groups = TrainingGroups(
            labels: [0, 0, 0, 0, 1, 1], sources: ["a", "a", "b", "b", "a", "a"])

        private static func batch(_ indices: [Int], labels: [Int64]) -> Batch {
            Batch(
                images: TinyNetwork.random(shape: [indices.count, 3, 16, 16], seed: 5).values, labels: labels,
                height: 16,
                width: 16, indices: indices)
        }

        @Test func `a group is a class within a source`() {
            #expect(Self.groups.numbers == [0, 0, 1, 1, 2, 2])
            #expect(Self.groups.count == 3)
            #expect(TrainingGroups(labels: [0, 1, 0], sources: []).numbers == [0, 1, 0])
            #expect(TrainingGroups(labels: [0, 0], sources: [nil, "a"]).count == 2)
        }

        @Test func `a group's share is divided among its images`() {
            let robustness = GroupRobustness(stepSize: 1, groups: Self.groups, training: Array(0..<6))
            let third = Float(1) / 3
            #expect(
                zip(
                    robustness.weights(Self.batch([0, 1, 2, 4], labels: [0, 0, 0, 1])),
                    [third / 2, third / 2, third, third]
                ).allSatisfy { abs($0 - $1) < 1e-6 })
            // One image of four shows no class; the others share three quarters.
            #expect(
                zip(
                    robustness.weights(Self.batch([0, 1, 2, 4], labels: [0, Batch.noClass, 0, 1])),
                    [0.25, 0.25, 0.25, 0.25]
                ).allSatisfy { abs($0 - $1) < 1e-6 })
        }

        @Test func `a group that is not trained on has no share`() {
            #expect(GroupRobustness(stepSize: 1, groups: Self.groups, training: [0, 1, 5]).shares == [0.5, 0, 0.5])
        }

        @Test func `shares grow with the loss as the paper says`() {
            var robustness = GroupRobustness(stepSize: 0.5, groups: Self.groups, training: Array(0..<6))
            // The group of images 2 and 3 has a mean loss of 2, that of 4 one of 1; the first is not in the batch.
            robustness.learn([1, 3, 1, 9], of: Self.batch([2, 3, 4, 5], labels: [0, 0, 1, Batch.noClass]))
            let raised = [1, exp(1.0), exp(0.5)]
            let sum = raised.reduce(0, +)
            #expect(zip(robustness.shares, raised).allSatisfy { abs($0 - $1 / sum) < 1e-9 })
        }

        @Test func `the step weighs each image's loss and tells it`() throws {
            let batch = Self.batch([0, 2, 4, 5], labels: [0, 0, 1, Batch.noClass])
            func result(_ weights: [Float], smoothing: Double = 0) throws -> TrainableNetwork.StepResult {
                try PlainNetwork.network { $0.labelSmoothing = smoothing }
                    .step(batch, learningRate: 1e-3, seed: 1, weights: weights)
            }
            let even = try result([0.25, 0.25, 0.25, 0.25])
            #expect(abs(even.loss - Double(even.losses.reduce(0, +)) / 4) < 1e-5)
            #expect(abs(even.loss - (try result([]).loss)) < 1e-5, "without weights the mean is the same")
            #expect(try result([]).losses.isEmpty)
            let uneven = try result([0.5, 0, 0.1, 0.2])
            #expect(uneven.losses == even.losses)
            let expected = zip(uneven.losses, [0.5, 0, 0.1, 0.2]).reduce(0) { $0 + Double($1.0) * $1.1 }
            #expect(abs(uneven.loss - expected) < 1e-5)
            #expect(try result([0.5, 0, 0.1, 0.2], smoothing: 0.1).losses == even.losses, "told without smoothing")
            let error = #expect(throws: TrainingError.self) { try result([1]) }
            #expect(error?.code == .configuration)
        }
    }
}
