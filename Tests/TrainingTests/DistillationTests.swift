import Evaluation
import Foundation
import Imaging
import Tensors
import Testing
import Training

extension TorchTests {
    /// Learning from a teacher's answers beside the labels.
    @Suite struct DistillationTests {
        private static func batch(labels: [Int64] = [0, 1, 2, 3]) -> Batch {
            Batch(
                images: TinyNetwork.random(shape: [4, 3, 16, 16], seed: 5).values, labels: labels, height: 16, width: 16
            )
        }

        private static let teacher: [[Double]] = [[3, 1, 0, -1], [0, 2, 0, 1], [1, 1, 4, 0], [-2, 0, 1, 3]]

        private static func network(_ share: Double, temperature: Double = 3, smoothing: Double = 0) throws
            -> TrainableNetwork
        {
            try PlainNetwork.network {
                $0.labelSmoothing = smoothing
                $0.distillation = share
                $0.distillationTemperature = temperature
            }
        }

        private static func loss(_ share: Double, _ batch: Batch, taught: Bool = true) throws -> Double {
            try network(share).step(
                batch, learningRate: 1e-3, seed: 1, teacher: taught ? teacher.flatMap { $0.map(Float.init) } : []
            ).loss
        }

        /// T² KL(teacher ‖ student), by the definition.
        private static func distance(_ logits: [Double], _ teacher: [Double], temperature: Double) -> Double {
            let target = TemperatureScaling.softmax(teacher, temperature: temperature)
            let answer = TemperatureScaling.softmax(logits, temperature: temperature)
            return zip(target, answer).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) } * temperature * temperature
        }

        private static func logits(_ network: TrainableNetwork, _ batch: Batch) throws -> [[Double]] {
            let values = try network.forward(batch).logits.values.map(Double.init)
            return stride(from: 0, to: values.count, by: 4).map { Array(values[$0..<$0 + 4]) }
        }

        @Test func `adds the distance from the teacher's answers`() throws {
            let batch = Self.batch()
            let distances = zip(try Self.logits(Self.network(0), batch), Self.teacher).map {
                Self.distance($0, $1, temperature: 3)
            }
            let expected = distances.reduce(0, +) / 4
            let plain = try Self.loss(0.7, batch, taught: false)
            #expect(expected > 0.1)
            #expect(abs(try Self.loss(0.7, batch) - (0.3 * plain + 0.7 * expected)) < 1e-4)
            #expect(try Self.loss(0, batch) == plain)
        }

        @Test func `asks nothing of images of no class`() throws {
            let batch = Self.batch(labels: [0, Batch.noClass, 2, Batch.noClass])
            let all = try Self.logits(Self.network(0), batch)
            let expected = [0, 2].reduce(0.0) { $0 + Self.distance(all[$1], Self.teacher[$1], temperature: 3) } / 2
            let plain = try Self.loss(0.5, batch, taught: false)
            #expect(abs(try Self.loss(0.5, batch) - (0.5 * plain + 0.5 * expected)) < 1e-4)
            let classless = Self.batch(labels: [Int64](repeating: Batch.noClass, count: 4))
            let alone = try Self.loss(0.5, classless, taught: false)
            #expect(abs(try Self.loss(0.5, classless) - 0.5 * alone) < 1e-5)
        }

        @Test func `takes on the teacher's answers against the labels`() throws {
            let batch = Self.batch(labels: [3, 3, 3, 3])
            let network = try Self.network(1)
            for seed in 0..<300 as Range<UInt64> {
                _ = try network.step(
                    batch, learningRate: 0.02, seed: seed, teacher: Self.teacher.flatMap { $0.map(Float.init) })
            }
            for (found, wanted) in zip(try Self.logits(network, batch), Self.teacher) {
                #expect(Self.distance(found, wanted, temperature: 1) < 0.05, "\(found) for \(wanted)")
            }
        }

        @Test func `the teacher is trained first in a folder of its own`() throws {
            let drawn = try DrawnFolder(count: 24, side: 64, seed: 8)
            func run(_ name: String, teacher: String, resume: Bool = false, stopsAfter steps: Int = .max) throws
                -> TrainingRun.Outcome
            {
                var configuration = TrainingConfiguration()
                configuration.architecture = "small-cnn"
                configuration.teacher = teacher
                configuration.pretrained = false
                configuration.epochs = 1
                configuration.batchSize = 8
                configuration.threads = 1
                configuration.preprocessing = .standard(side: 64)
                let images = try PreparedImages(
                    items: drawn.items, classKeys: ["a", "b", "c", "d"], manifestSHA256: "drawn",
                    configuration: configuration)
                var taken = 0
                return try TrainingRun(
                    configuration: configuration, images: images,
                    parts: .init(training: Array(0..<16), validation: Array(16..<24)),
                    directory: drawn.folder.appending(path: name), pretrained: drawn.folder
                ).run(resume: resume, observe: { _ in }) {
                    taken += 1
                    return taken > steps
                }
            }
            let (alone, taught) = (try run("alone", teacher: ""), try run("taught", teacher: "small-cnn"))
            let history = drawn.folder.appending(path: "taught/teacher/history.csv")
            #expect(FileManager.default.fileExists(atPath: history.path))
            #expect(try alone.network.weights() != taught.network.weights())
            // Two steps of the teacher, then one of its pupil: what is stopped there goes on to the same end.
            let error = #expect(throws: TrainingError.self) {
                try run("broken", teacher: "small-cnn", stopsAfter: 3)
            }
            #expect(error?.code == .interrupted)
            let resumed = try run("broken", teacher: "small-cnn", resume: true)
            for (name, tensor) in try taught.network.weights() {
                let other = try #require(try resumed.network.weights()[name])
                #expect(zip(tensor.values, other.values).allSatisfy { abs($0 - $1) < 1e-6 }, "\(name)")
            }
        }

        @Test func `answers of another count are refused`() throws {
            let error = #expect(throws: TrainingError.self) {
                try Self.network(0.5).step(Self.batch(), learningRate: 1e-3, seed: 1, teacher: [1, 2, 3])
            }
            #expect(error?.code == .configuration)
        }
    }
}
