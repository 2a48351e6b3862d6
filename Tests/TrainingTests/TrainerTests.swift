import Foundation
import Imaging
import Networks
import Tensors
import Testing
import Training

extension TorchTests {
    /// Training runs on a handful of drawn smears.
    @Suite struct TrainerTests {
        private static func configuration(epochs: Int) throws -> TrainingConfiguration {
            var configuration = TrainingConfiguration()
            configuration.architecture = Architecture.smallCNN.rawValue
            configuration.pretrained = false
            configuration.epochs = epochs
            configuration.batchSize = 8
            configuration.learningRate = 3e-3
            configuration.labelSmoothing = 0
            configuration.precision = .float32
            configuration.preprocessing = .standard(side: 96)
            configuration.augmentation = .none
            return configuration
        }

        private func trainer(
            _ configuration: TrainingConfiguration, _ drawn: DrawnFolder, into name: String, validation: Int = 4,
            teacher: TrainableNetwork? = nil, shouldStop: @escaping () -> Bool = { false }
        ) throws -> Trainer {
            let cache = try ImageCache(
                urls: drawn.items.map(\.url), preprocessing: configuration.preprocessing, megabytes: 100)
            let graph = try configuration.resolvedArchitecture.graph(classes: 4, inputHeight: 96, inputWidth: 96)
            let count = drawn.items.count
            return try Trainer(
                configuration: configuration, initialWeights: graph.initialWeights(seed: configuration.seed),
                cache: cache, labels: drawn.items.map(\.label), classCount: 4,
                parts: .init(
                    training: Array(0..<(count - validation)), validation: Array((count - validation)..<count)),
                dataFingerprint: "drawn", teacher: teacher, directory: drawn.folder.appendingPathComponent(name),
                shouldStop: shouldStop)
        }

        @Test func `eight images are learnt by heart`() throws {
            let drawn = try DrawnFolder(count: 12, side: 96, seed: 7)
            var configuration = try Self.configuration(epochs: 60)
            configuration.averageDecay = 0
            let trainer = try trainer(configuration, drawn, into: "heart")
            _ = try trainer.run(resume: false)
            let last = try #require(trainer.history.epochs.last)
            #expect(last.trainingAccuracy == 1, "accuracy \(last.trainingAccuracy), loss \(last.trainingLoss)")
            #expect(last.trainingLoss < 0.1)
        }

        @Test func `resuming gives the same weights as an unbroken run`() throws {
            let drawn = try DrawnFolder(count: 20, side: 96, seed: 11)
            var configuration = try Self.configuration(epochs: 4)
            configuration.augmentation = .light
            configuration.freezeStagesBelow = 1
            configuration.freezeEpochs = 2
            configuration.groupRobustness = 0.5
            configuration.threads = 1
            let teacher = try trainer(Self.configuration(epochs: 1), drawn, into: "teacher").run(resume: false)
            let whole = try trainer(configuration, drawn, into: "whole", teacher: teacher).run(resume: false).weights()

            var batches = 0
            let broken = try trainer(configuration, drawn, into: "broken", teacher: teacher) {
                batches += 1
                return batches > 5  // two batches an epoch: stops in the third epoch
            }
            let error = #expect(throws: TrainingError.self) { try broken.run(resume: false) }
            #expect(error?.code == .interrupted)
            let resumed = try trainer(configuration, drawn, into: "broken", teacher: teacher)
            let weights = try resumed.run(resume: true).weights()
            #expect(resumed.history.epochs.map(\.epoch) == [1, 2, 3, 4])
            for (name, tensor) in whole {
                let other = try #require(weights[name])
                let difference = zip(tensor.values, other.values).map { abs($0 - $1) }.max() ?? 0
                #expect(difference < 1e-6, "\(name) differs by \(difference)")
            }
        }

        @Test func `a checkpoint of another configuration is refused`() throws {
            let drawn = try DrawnFolder(count: 12, side: 96, seed: 3)
            var configuration = try Self.configuration(epochs: 1)
            _ = try trainer(configuration, drawn, into: "run").run(resume: false)
            #expect(throws: TrainingError.self) { try trainer(configuration, drawn, into: "run").run(resume: false) }
            configuration.learningRate = 1e-4
            let error = #expect(throws: TrainingError.self) {
                try trainer(configuration, drawn, into: "run").run(resume: true)
            }
            #expect(error?.code == .run)
        }

        @Test func `a damaged checkpoint is refused`() throws {
            let drawn = try DrawnFolder(count: 12, side: 96, seed: 3)
            let configuration = try Self.configuration(epochs: 1)
            _ = try trainer(configuration, drawn, into: "run").run(resume: false)
            let file = drawn.folder.appendingPathComponent("run/checkpoint.safetensors")
            let bytes = try Data(contentsOf: file)
            try bytes.prefix(bytes.count / 2).write(to: file)
            #expect(throws: (any Error).self) { try trainer(configuration, drawn, into: "run").run(resume: true) }
        }

        @Test func `training ends early and keeps the best epoch`() throws {
            let drawn = try DrawnFolder(count: 12, side: 96, seed: 5)
            var configuration = try Self.configuration(epochs: 40)
            configuration.learningRate = 0.03
            configuration.averageDecay = 0
            configuration.earlyStoppingPatience = 2
            configuration.selection = .bestValidationLoss
            let trainer = try trainer(configuration, drawn, into: "early")
            let network = try trainer.run(resume: false)
            let best = try #require(trainer.history.best)
            #expect(trainer.history.epochs.count == min(40, best.epoch + 2))
            let cache = try ImageCache(
                urls: drawn.items.map(\.url), preprocessing: configuration.preprocessing, megabytes: 100)
            let answers = try NetworkPredictor(network: network).predict(
                cache: cache, labels: drawn.items.map(\.label), indices: Array(8..<12))
            #expect(abs(answers.crossEntropy - best.validationLoss) < 1e-5)
        }

        @Test func `the history is kept as table and curves`() throws {
            let drawn = try DrawnFolder(count: 12, side: 96, seed: 9)
            let trainer = try trainer(Self.configuration(epochs: 2), drawn, into: "run")
            _ = try trainer.run(resume: false)
            let run = drawn.folder.appendingPathComponent("run")
            let rows = try String(contentsOf: run.appendingPathComponent("history.csv"), encoding: .utf8)
                .split(separator: "\r\n")
            #expect(rows.first?.split(separator: ",").map(String.init) == TrainingHistory.columns)
            #expect(rows.count == 3)
            let curves = try String(contentsOf: run.appendingPathComponent("curves.svg"), encoding: .utf8)
            #expect(curves.contains("Training") && curves.contains("Validation") && curves.contains("Accuracy"))
        }
    }
}
