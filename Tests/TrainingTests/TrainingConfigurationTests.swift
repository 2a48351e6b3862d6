import Foundation
import Imaging
import Networks
import Testing
import Training

@Suite struct TrainingConfigurationTests {
    private func read(_ json: String) throws -> TrainingConfiguration {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).json")
        try Data(json.utf8).write(to: file)
        let result = Result { try TrainingConfiguration.read(from: file) }
        try FileManager.default.removeItem(at: file)
        return try result.get()
    }

    @Test func `keys replace defaults one by one`() throws {
        let configuration = try read(#"{"epochs": 3, "augmentation": "light", "optimizer": "sgd"}"#)
        #expect(configuration.epochs == 3)
        #expect(configuration.augmentation == .light)
        #expect(configuration.optimizer == .sgd)
        #expect(configuration.batchSize == TrainingConfiguration().batchSize)
    }

    @Test func `writing and reading keeps everything`() throws {
        var configuration = TrainingConfiguration()
        configuration.augmentation = .light
        configuration.precision = .bfloat16
        configuration.seed = .max
        #expect(try read(String(decoding: configuration.json(), as: UTF8.self)) == configuration)
    }

    @Test(arguments: [
        (#"{"epoch": 3}"#, "unknown key \"epoch\""), (#"{"epochs": "three"}"#, "epochs"), ("[1]", "one JSON object"),
        ("{", "is not JSON"), (#"{"augmentation": "wild"}"#, "standard, moderate, light and none"),
        (#"{"refinementAugmentation": "wild"}"#, "refinementAugmentation"),
    ])
    func `wrong files are explained`(json: String, words: String) throws {
        let error = #expect(throws: TrainingError.self) { try read(json) }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test(
        arguments: [
            (\TrainingConfiguration.epochs, 0), (\.batchSize, 1), (\.threads, -1), (\.refinementEpochs, -1),
            (\.refinementEpochs, 21),
        ] as [(any WritableKeyPath<TrainingConfiguration, Int> & Sendable, Int)])
    func `values that cannot work are refused`(
        key: any WritableKeyPath<TrainingConfiguration, Int> & Sendable, value: Int
    ) {
        var configuration = TrainingConfiguration()
        configuration[keyPath: key] = value
        #expect(throws: TrainingError.self) { try configuration.validate() }
    }

    @Test(
        arguments: [
            (\TrainingConfiguration.groupRobustness, -0.1), (\.groupRobustness, .infinity), (\.distillation, 1.1),
            (\.distillationTemperature, 0), (\.groupBalance, 2), (\.nucleusGuidance, -1), (\.nearDomain, 1.1),
        ] as [(any WritableKeyPath<TrainingConfiguration, Double> & Sendable, Double)])
    func `shares and strengths out of range are refused`(
        key: any WritableKeyPath<TrainingConfiguration, Double> & Sendable, value: Double
    ) {
        var configuration = TrainingConfiguration()
        configuration[keyPath: key] = value
        #expect(throws: TrainingError.self) { try configuration.validate() }
    }

    @Test func `a teacher that there is not is refused by name`() {
        var configuration = TrainingConfiguration()
        configuration.teacher = "owl"
        let error = #expect(throws: TrainingError.self) { try configuration.validate() }
        #expect(error?.message.contains("no architecture \"owl\"") == true)
    }

    @Test func `an older version's record lacks what it did not know`() throws {
        var configuration = TrainingConfiguration()
        configuration.epochs = 7
        configuration.threads = 2
        #expect(try configuration.decidesAs(#"{"epochs": 7, "cacheMegabytes": 1}"#, source: "old"))
        #expect(try !configuration.decidesAs(#"{"epochs": 8}"#, source: "old"))
        #expect(throws: TrainingError.self) { try configuration.decidesAs(#"{"epoch": 7}"#, source: "old") }
    }

    private static let recipes = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Recipes")

    @Test func `every recipe is read and can work`() throws {
        let names = try FileManager.default.subpathsOfDirectory(atPath: Self.recipes.path)
            .filter { $0.hasSuffix(".json") }
        #expect(names.contains("release.json") && names.contains("compare/googlenet.json"), "\(names)")
        // The one of the cell networks has a form of its own.
        for name in names where name.hasSuffix("cells.json") {
            #expect(throws: Never.self) {
                try CellTrainingConfiguration.read(from: Self.recipes.appending(path: name))
            }
        }
        for name in names where !name.hasSuffix("cells.json") {
            let configuration = try TrainingConfiguration.read(from: Self.recipes.appending(path: name))
            #expect(throws: Never.self, "\(name)") { try configuration.validate() }
        }
    }

    @Test(arguments: [
        Architecture.smallCNN, .mobileNetV2, .googLeNet, .seResNet18, .mobileNet, .inceptionV3, .sparseCascade,
        .attentionCNN,
    ])
    func `recipes of the comparison differ in the network alone`(architecture: Architecture) throws {
        let file = Self.recipes.appending(path: "compare/\(architecture.rawValue).json")
        var expected = TrainingConfiguration()
        expected.architecture = architecture.rawValue
        expected.pretrained = false
        expected.augmentation = .moderate
        expected.averageDecay = 0.98
        expected.epochs = 12
        expected.learningRate = 0.002
        expected.preprocessing = .standard(side: 128)
        #expect(try TrainingConfiguration.read(from: file) == expected)
    }

    @Test func `the learning rate warms up and falls as a cosine`() {
        var configuration = TrainingConfiguration()
        configuration.epochs = 10
        configuration.learningRate = 1
        configuration.finalLearningRateShare = 0.1
        configuration.warmUpEpochs = 1
        let schedule = LearningRateSchedule(configuration: configuration, stepsPerEpoch: 10)
        #expect(abs(schedule.learningRate(step: 0) - 0.1) < 1e-12)
        #expect(abs(schedule.learningRate(step: 9) - 1) < 1e-12)
        #expect(abs(schedule.learningRate(step: 10) - 1) < 1e-12)
        #expect(abs(schedule.learningRate(step: 55) - 0.55) < 1e-12)
        #expect(abs(schedule.learningRate(step: 100) - 0.1) < 1e-12)
    }
}
