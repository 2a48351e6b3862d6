import Findings
import Foundation
import Imaging
import Inference
import Networks
import Packaging
import Screening
import Tensors
import Testing
import Training

extension TorchTests {
    /// From drawn smears to an answer: images, training, package, OpenVINO, screening.
    @Suite struct EndToEndTests {
        private static let keys = ModelClass.standard.map(\.key)

        private static func configuration() -> TrainingConfiguration {
            var configuration = TrainingConfiguration()
            configuration.architecture = Architecture.smallCNN.rawValue
            configuration.pretrained = false
            configuration.epochs = 10
            configuration.learningRate = 4e-3
            configuration.averageDecay = 0.97
            configuration.labelSmoothing = 0.05
            configuration.augmentation = .light
            configuration.preprocessing = .standard(side: 160)
            return configuration
        }

        private func train(_ drawn: DrawnFolder, _ configuration: TrainingConfiguration) throws -> ModelPackage {
            let images = try PreparedImages(
                items: drawn.items, classKeys: Self.keys, manifestSHA256: String(repeating: "0", count: 64),
                configuration: configuration)
            let held = drawn.items.count / 10
            let parts = Trainer.Parts(
                training: Array(held..<drawn.items.count), validation: Array(0..<held))
            let outcome = try TrainingRun(
                configuration: configuration, images: images, parts: parts,
                directory: drawn.folder.appendingPathComponent("run"), pretrained: drawn.folder
            ).run(resume: false, observe: { _ in }, shouldStop: { false })
            return try ModelRelease(
                configuration: configuration, images: images, parts: parts,
                identity: .init(name: "drawn", version: "1.0.0", demonstration: true)
            ).write(outcome, measured: .init(), to: drawn.folder.appendingPathComponent("package"))
        }

        /// Share of fresh drawings whose most probable class is the drawn one.
        private func accuracy(of package: ModelPackage, on fresh: DrawnFolder) async throws -> Double {
            let screener = try Screener(package: package)
            var hits = 0
            for item in fresh.items {
                let result = try await screener.screen(contentsOf: item.url)
                if result.label.index == item.label { hits += 1 }
            }
            return Double(hits) / Double(fresh.items.count)
        }

        /// The package carries as many training images of each class, and those nearest to a fresh drawing are of its class.
        private func expectReferences(of package: ModelPackage, from drawn: DrawnFolder, near fresh: DrawnFolder)
            async throws
        {
            let references = try #require(package.references)
            #expect(references.count == 300)
            #expect((0..<4).map { label in references.labels.count { $0 == label } } == [75, 75, 75, 75])
            #expect(Set(references.ids).count == 300)
            let labels = Dictionary(uniqueKeysWithValues: drawn.items.map { ($0.id, $0.label) })
            #expect(zip(references.ids, references.labels).allSatisfy { labels[$0] == $1 } as Bool)
            let screener = try Screener(package: package)
            var (named, alike) = (0, 0)
            for item in fresh.items.prefix(60) {
                guard let cases = try await screener.screen(contentsOf: item.url).similarCases else { continue }
                #expect(cases.count == SimilarCases.count)
                named += cases.count
                alike += cases.count { $0.label.index == item.label }
            }
            #expect(named >= 200 && alike * 10 > named * 8, "\(alike) of \(named) similar cases are of the drawn class")
        }

        /// Of so few benign images none may be given up: Benign is told up to the strangest of those that are reported.
        private func expectLimitForBenign(
            of package: ModelPackage, heldOut items: ArraySlice<TrainingImage>
        ) async throws {
            let limit = try #require(package.description.novelty.benignThreshold)
            let screener = try Screener(package: package)
            var novelties: [Double] = []
            for item in items where item.label == SmearClass.benign.index {
                let result = try await screener.screen(contentsOf: item.url)
                #expect(result.reasons.allSatisfy { $0.code != "too-unfamiliar-for-benign" }, "\(item.id)")
                if result.finding.reported == .benign { novelties.append(result.novelty) }
            }
            #expect((1..<40).contains(novelties.count))
            let greatest = try #require(novelties.max())
            #expect(limit >= greatest && limit < greatest + 2e-4 && limit <= AppearanceNovelty.threshold)
        }

        @Test(.timeLimit(.minutes(10))) func `drawn smears are learnt and answered by the released package`()
            async throws
        {
            let drawn = try DrawnFolder(count: 1200, side: 160, seed: 21)
            let package = try train(drawn, Self.configuration())
            let fresh = try DrawnFolder(count: 240, side: 160, seed: 22)
            try await expectReferences(of: package, from: drawn, near: fresh)
            try await expectLimitForBenign(of: package, heldOut: drawn.items.prefix(120))
            let accuracy = try await accuracy(of: package, on: fresh)
            #expect(accuracy > 0.95, "accuracy on fresh drawings was \(accuracy)")
        }

        @Test(.timeLimit(.minutes(10))) func `shuffled labels are not learnt`() async throws {
            var generator = SystemIndependentGenerator(seed: 31)
            let labels = (0..<600).map { $0 % 4 }.shuffled(using: &generator)
            let drawn = try DrawnFolder(count: 600, side: 160, seed: 23) { labels[$0] }
            var configuration = Self.configuration()
            configuration.epochs = 4
            let package = try train(drawn, configuration)
            let fresh = try DrawnFolder(count: 240, side: 160, seed: 24)
            let accuracy = try await accuracy(of: package, on: fresh)
            // Chance is 0.25; 240 images give a standard error of 0.028.
            #expect((0.10...0.40).contains(accuracy), "accuracy after training on shuffled labels was \(accuracy)")
        }
    }
}
