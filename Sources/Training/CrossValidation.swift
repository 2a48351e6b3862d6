import Evaluation
import Foundation

/// Trains once a fold and measures each network on images that it never saw.
///
/// A finished fold is kept in `fold-K/result.json` and not trained again; an unfinished one goes on from its checkpoint.
public struct CrossValidation {
    let configuration: TrainingConfiguration
    let images: PreparedImages
    let split: String
    let folds: [Fold]
    let directory: URL
    let pretrained: URL

    /// The images of one fold, as indices.
    public struct Fold: Sendable, Equatable {
        public let training: [Int]
        /// Part of the training side: for selection, calibration and thresholds.
        public let validation: [Int]
        public let test: [Int]

        public init(training: [Int], validation: [Int], test: [Int]) {
            self.training = training
            self.validation = validation
            self.test = test
        }
    }

    public init(
        configuration: TrainingConfiguration, images: PreparedImages, split: String, folds: [Fold], directory: URL,
        pretrained: URL
    ) {
        self.configuration = configuration
        self.images = images
        self.split = split
        self.folds = folds
        self.directory = directory
        self.pretrained = pretrained
    }

    /// Runs the folds that are not finished yet, in order.
    /// - Parameter only: the folds to run, counted from 1; nil runs all.
    /// - Returns: the results of all folds when all are finished, else nil.
    public func run(
        only: Set<Int>?, foldStarted: (Int) -> Void, observe: @escaping (TrainingEvent) -> Void,
        shouldStop: @escaping () -> Bool
    ) throws -> CrossValidationResults? {
        for number in 1...folds.count where only?.contains(number) ?? true {
            guard try finished(number) == nil else { continue }
            foldStarted(number)
            try write(try runFold(number, observe: observe, shouldStop: shouldStop))
        }
        let results = try (1...folds.count).compactMap { try finished($0) }
        guard results.count == folds.count else { return nil }
        let all = try CrossValidationResults(
            split: split, configuration: configuration, manifestSHA256: images.manifestSHA256,
            classKeys: images.classKeys, folds: results)
        try all.json().write(to: directory.appendingPathComponent("results.json"), options: .atomic)
        return all
    }

    private func runFold(
        _ number: Int, observe: @escaping (TrainingEvent) -> Void, shouldStop: @escaping () -> Bool
    ) throws -> FoldResult {
        let fold = folds[number - 1]
        let started = ContinuousClock.now
        let outcome = try TrainingRun(
            configuration: configuration, images: images,
            parts: Trainer.Parts(training: fold.training, validation: fold.validation),
            directory: folder(number), pretrained: pretrained
        ).run(resume: true, observe: observe, shouldStop: shouldStop)
        let test = try NetworkPredictor(network: outcome.network).predict(
            cache: images.cache, labels: images.labels, indices: fold.test)
        let novelty = try AppearanceNovelty(of: images, indices: fold.training + fold.validation)
        return FoldResult(
            fold: number, split: split, configurationJSON: try configuration.decisiveJSON(),
            manifestSHA256: images.manifestSHA256, trainingImages: fold.training.count,
            validationImages: fold.validation.count, temperature: outcome.calibrated.temperature,
            conformalCoverage: outcome.calibrated.coverage,
            conformalThresholds: outcome.calibrated.conformalThresholds,
            noveltyThreshold: AppearanceNovelty.threshold,
            predictions: test.labelled(images.items, temperature: outcome.calibrated.temperature),
            novelties: try novelty.scores(of: images, indices: fold.test),
            epochs: outcome.history.epochs, seconds: (ContinuousClock.now - started).inSeconds)
    }

    private func folder(_ number: Int) -> URL { directory.appendingPathComponent("fold-\(number)") }

    private func file(_ number: Int) -> URL { folder(number).appendingPathComponent("result.json") }

    private func finished(_ number: Int) throws -> FoldResult? {
        guard FileManager.default.fileExists(atPath: file(number).path) else { return nil }
        let result = try JSONDecoder().decode(FoldResult.self, from: Data(contentsOf: file(number)))
        guard result.manifestSHA256 == images.manifestSHA256, result.split == split,
            try result.configurationJSON == configuration.decisiveJSON()
        else {
            throw TrainingError(
                .run,
                "\(file(number).path) was made with another configuration, split or data set; "
                    + "use an empty folder, or the same ones")
        }
        return result
    }

    private func write(_ result: FoldResult) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(result).write(to: file(result.fold), options: .atomic)
    }
}
