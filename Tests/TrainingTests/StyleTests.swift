import Foundation
import Imaging
import Networks
import Testing
import Training

extension TorchTests {
    /// What keeps colour and small groups from deciding: style mixing, stain transfer, balance.
    @Suite struct StyleTests {
        private func loss(styleMixing: Double, stagesBelow: Int = 3, seed: UInt64 = 1) throws -> Double {
            let network = try TinyNetwork.network()
            var configuration = TrainingConfiguration()
            configuration.precision = .float32
            configuration.styleMixing = styleMixing
            configuration.styleMixingStagesBelow = stagesBelow
            try network.beginTraining(configuration, classWeights: nil)
            return try network.step(TinyNetwork.batch(count: 8), learningRate: 1e-3, seed: seed).loss
        }

        @Test func `mixing styles changes training steps and is decided by the seed`() throws {
            #expect(try loss(styleMixing: 1) == loss(styleMixing: 1))
            #expect(try loss(styleMixing: 1) != loss(styleMixing: 0))
            #expect(try loss(styleMixing: 1) != loss(styleMixing: 1, seed: 2))
            #expect(try loss(styleMixing: 1, stagesBelow: 0) == loss(styleMixing: 0))
        }

        @Test func `mixing styles leaves answers alone`() throws {
            let network = try TinyNetwork.network()
            let before = try network.forward(TinyNetwork.batch())
            var configuration = TrainingConfiguration()
            configuration.styleMixing = 1
            try network.beginTraining(configuration, classWeights: nil)
            #expect(try network.forward(TinyNetwork.batch()).logits == before.logits)
        }

        private func trained(_ drawn: DrawnFolder, into name: String, _ change: (inout TrainingConfiguration) -> Void)
            throws -> TrainingHistory
        {
            var configuration = TrainingConfiguration()
            configuration.architecture = Architecture.smallCNN.rawValue
            configuration.pretrained = false
            configuration.epochs = 1
            configuration.batchSize = 8
            configuration.precision = .float32
            configuration.threads = 1
            configuration.preprocessing = .standard(side: 64)
            configuration.augmentation = .none
            change(&configuration)
            let cache = try ImageCache(
                urls: drawn.items.map(\.url), preprocessing: configuration.preprocessing, megabytes: 100)
            let graph = try configuration.resolvedArchitecture.graph(classes: 4, inputHeight: 64, inputWidth: 64)
            let trainer = try Trainer(
                configuration: configuration, initialWeights: graph.initialWeights(seed: 1), cache: cache,
                labels: drawn.items.map(\.label), classCount: 4,
                parts: .init(training: Array(0..<20), validation: Array(20..<24)), dataFingerprint: "drawn",
                directory: drawn.folder.appendingPathComponent(name))
            _ = try trainer.run(resume: false)
            return trainer.history
        }

        @Test func `stain transfer is repeatable and changes what is learnt from`() throws {
            let drawn = try DrawnFolder(count: 24, side: 64, seed: 4)
            let plain = try trained(drawn, into: "plain") { _ in }
            let first = try trained(drawn, into: "first") { $0.stainTransfer = 1 }
            let second = try trained(drawn, into: "second") { $0.stainTransfer = 1 }
            #expect(first.epochs.map(\.trainingLoss) == second.epochs.map(\.trainingLoss))
            #expect(first.epochs.map(\.trainingLoss) != plain.epochs.map(\.trainingLoss))
        }

        @Test func `near-domain changes are repeatable and change what is learnt from, until refinement`() throws {
            let drawn = try DrawnFolder(count: 24, side: 64, seed: 4)
            let plain = try trained(drawn, into: "plain") { _ in }
            let first = try trained(drawn, into: "first") { $0.nearDomain = 1 }
            let second = try trained(drawn, into: "second") { $0.nearDomain = 1 }
            let half = try trained(drawn, into: "half") { $0.nearDomain = 0.5 }
            #expect(first.epochs.map(\.trainingLoss) == second.epochs.map(\.trainingLoss))
            #expect(first.epochs.map(\.trainingLoss) != plain.epochs.map(\.trainingLoss))
            #expect(first.epochs.map(\.trainingLoss) != half.epochs.map(\.trainingLoss))
            let refined = try trained(drawn, into: "refined") {
                $0.nearDomain = 1
                $0.refinementEpochs = 1
                $0.refinementAugmentation = .none
            }
            #expect(refined.epochs.map(\.trainingLoss) == plain.epochs.map(\.trainingLoss))
        }

        @Test func `refinement leaves colours alone and varies moderately`() throws {
            let drawn = try DrawnFolder(count: 24, side: 64, seed: 4)
            let moderate = try trained(drawn, into: "moderate") { $0.augmentation = .moderate }
            let refined = try trained(drawn, into: "refined") {
                $0.augmentation = .standard
                $0.stainTransfer = 1
                $0.refinementEpochs = 1
            }
            #expect(refined.epochs.map(\.trainingLoss) == moderate.epochs.map(\.trainingLoss))
            let last = try trained(drawn, into: "last") {
                $0.epochs = 2
                $0.refinementEpochs = 1
                $0.refinementAugmentation = .none
            }
            let both = try trained(drawn, into: "both") { $0.epochs = 2 }
            #expect(last.epochs.map(\.trainingLoss) == both.epochs.map(\.trainingLoss))
        }

        @Test func `balance draws small groups more often`() throws {
            // Sixteen images of one class, four of another: evenly drawn, chance on a fresh network is near ln 4 for both.
            let drawn = try DrawnFolder(count: 24, side: 64, seed: 6) { $0 < 16 ? 0 : $0 % 2 + 1 }
            let natural = try trained(drawn, into: "natural") { $0.epochs = 6 }
            let balanced = try trained(drawn, into: "balanced") {
                $0.epochs = 6
                $0.groupBalance = 1
            }
            // Always answering the large class is right for four of five images as they are, for one of three balanced.
            let (many, fair) = (natural.epochs[1].trainingAccuracy, balanced.epochs[1].trainingAccuracy)
            #expect(many > 0.6 && fair < many, "\(many), \(fair)")
        }
    }
}
