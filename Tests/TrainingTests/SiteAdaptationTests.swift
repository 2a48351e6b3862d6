import Datasets
import Evaluation
import Findings
import Foundation
import Imaging
import Networks
import Packaging
import Screening
import Testing
import Training

extension TorchTests {
    /// A model meets a laboratory that names two of the classes the other way round.
    @Suite struct SiteAdaptationTests {
        private static let keys = ModelClass.standard.map(\.key)

        private static func configuration() -> TrainingConfiguration {
            var configuration = TrainingConfiguration()
            configuration.architecture = Architecture.smallCNN.rawValue
            configuration.pretrained = false
            configuration.epochs = 8
            configuration.learningRate = 4e-3
            configuration.averageDecay = 0.95
            configuration.augmentation = .light
            configuration.preprocessing = .standard(side: 96)
            return configuration
        }

        private func prepare(_ drawn: DrawnFolder) throws -> PreparedImages {
            try PreparedImages(
                items: drawn.items, classKeys: Self.keys, manifestSHA256: String(repeating: "0", count: 64),
                configuration: Self.configuration())
        }

        /// A package trained on the drawings as they are labelled.
        private func package(_ drawn: DrawnFolder) throws -> ModelPackage {
            let images = try prepare(drawn)
            let parts = Trainer.Parts(training: Array(40..<drawn.items.count), validation: Array(0..<40))
            let outcome = try TrainingRun(
                configuration: Self.configuration(), images: images, parts: parts,
                directory: drawn.folder.appendingPathComponent("run"), pretrained: drawn.folder
            ).run(resume: false, observe: { _ in }, shouldStop: { false })
            return try ModelRelease(
                configuration: Self.configuration(), images: images, parts: parts,
                identity: .init(name: "base", version: "1.0.0", demonstration: true)
            ).write(outcome, measured: .init(), to: drawn.folder.appendingPathComponent("package"))
        }

        @Test(.timeLimit(.minutes(10))) func `a few images of the laboratory make the model better there`() async throws
        {
            let drawn = try DrawnFolder(count: 400, side: 96, seed: 41)
            let package = try package(drawn)
            // The laboratory calls classes 1 and 2 by each other's names: only its own images can tell.
            let site = try DrawnFolder(count: 160, side: 96, seed: 42) { [0, 2, 1, 3][$0 % 4] }
            let images = try prepare(site)
            let outcome = try SiteAdaptation(
                package: package, images: images, learning: Array(0..<64), heldBack: Array(64..<160), seed: 1
            ).run()
            let report = outcome.report
            #expect(report.learningPerClass == Dictionary(uniqueKeysWithValues: Self.keys.map { ($0, 16) }))
            #expect(report.method != "temperature")
            #expect(report.after.metrics.accuracy > report.before.metrics.accuracy + 0.2, "\(report.markdown)")
            #expect(report.objections.isEmpty)
            #expect(report.learningCurve.map(\.images) == [16, 32, 64])
            let adapted = try AdaptedRelease(package: package, images: images, name: "ours", version: "1.1.0")
                .write(outcome, to: site.folder.appendingPathComponent("adapted"))
            #expect(adapted.description.name == "ours" && adapted.description.version == "1.1.0")
            #expect(adapted.classifierWeight != package.classifierWeight)
            // The package answers through OpenVINO as the report says that the correction does.
            let screener = try Screener(package: adapted)
            var hits = 0
            for item in site.items[64..<160] {
                if try await screener.screen(contentsOf: item.url).label.index == item.label { hits += 1 }
            }
            #expect(abs(Double(hits) / 96 - report.after.metrics.accuracy) < 0.015)
            #expect(throws: TrainingError.self) {
                try SiteAdaptation(
                    package: adapted, images: images, learning: Array(0..<64), heldBack: Array(64..<160), seed: 1)
            }
            #expect(try String(contentsOf: adapted.cardURL, encoding: .utf8).contains("Fitted to a laboratory"))
        }
    }
}

@Suite struct SiteAdaptationReportTests {
    private func report(before: Double, after: Double, curve: [(Int, Double)]) throws -> SiteAdaptationReport {
        func figures(_ share: Double) -> String {
            """
            {"logLoss": \(1 - share), "metrics": {"images": 10, "accuracy": \(share), "macroF1": \(share), "perClass": {}, \
            "confusion": [], "malignantSensitivity": \(share), "benignSpecificity": 1, "auroc": \(share), "ece15": 0, \
            "brier": 0, "confidenceIntervals95": {}}}
            """
        }
        let points = curve.map { "{\"images\": \($0.0), \"logLoss\": \($0.1)}" }.joined(separator: ",")
        let json = """
            {"method": "temperature", "candidates": [], "learningPerClass": {}, "heldBackPerClass": {}, "notLearntPerClass": {}, \
            "before": \(figures(before)), "after": \(figures(after)), "learningCurve": [\(points)]}
            """
        return try JSONDecoder().decode(SiteAdaptationReport.self, from: Data(json.utf8))
    }

    @Test func `a worse model is objected to by each figure that fell`() throws {
        #expect(try report(before: 0.9, after: 0.95, curve: []).objections.isEmpty)
        let objections = try report(before: 0.9, after: 0.8, curve: []).objections
        #expect(objections.count == 4)
        #expect(objections[0] == "macro-F1 fell from 0.900 to 0.800")
    }

    @Test func `a power law is extrapolated`() throws {
        let report = try report(before: 0.9, after: 0.95, curve: [(16, 0.4), (32, 0.2), (64, 0.1)])
        let expected = try #require(report.expectedLogLoss(images: 128))
        #expect(abs(expected - 0.05) < 1e-9)
        #expect(report.advice.contains("64 more images: about 0.050"))
        let flat = try self.report(before: 0.9, after: 0.95, curve: [(16, 0.1), (32, 0.1), (64, 0.1)])
        #expect(flat.advice.contains("hardly lower"))
    }
}
