import Evaluation
import Foundation
import Imaging

/// Compares methods of novelty with the networks that a cross-validation left behind.
public struct NoveltyTrial {
    let configuration: TrainingConfiguration
    let images: PreparedImages
    let directory: URL
    let unfamiliar: [UnfamiliarImages]
    let pretrained: URL

    /// - Parameters:
    ///   - configuration: The recipe of the cross-validation.
    ///   - directory: Its folder, which holds `fold-1` and so on.
    ///   - unfamiliar: What should be refused.
    ///   - pretrained: The folder of ImageNet weights.
    public init(
        configuration: TrainingConfiguration, images: PreparedImages, directory: URL, unfamiliar: [UnfamiliarImages],
        pretrained: URL
    ) {
        (self.configuration, self.images, self.directory) = (configuration, images, directory)
        (self.unfamiliar, self.pretrained) = (unfamiliar, pretrained)
    }

    /// Judges every finished fold.
    /// - Parameters:
    ///   - folds: The folds of the cross-validation, in its order.
    ///   - foldStarted: Told the number of each fold, from 1.
    /// - Throws: `TrainingError` when no fold is finished, or when recipe or images are others.
    public func run(_ folds: [CrossValidation.Fold], foldStarted: (Int) -> Void) throws -> NoveltyComparison {
        var results: [[NoveltyMethod: NoveltyComparison.Figures]] = []
        for (index, fold) in folds.enumerated() where isFinished(index + 1) {
            foldStarted(index + 1)
            results.append(try judge(fold, number: index + 1))
        }
        guard !results.isEmpty else {
            throw TrainingError(.run, "\(directory.path) holds no finished fold (fold-1/result.json) of cross-validate")
        }
        return NoveltyComparison(folds: results)
    }

    private func folder(_ number: Int) -> URL { directory.appendingPathComponent("fold-\(number)") }

    private func isFinished(_ number: Int) -> Bool {
        FileManager.default.fileExists(atPath: folder(number).appendingPathComponent("result.json").path)
    }

    private func judge(_ fold: CrossValidation.Fold, number: Int) throws -> [NoveltyMethod: NoveltyComparison.Figures] {
        // A finished training goes on to its end at once: nothing is trained here.
        let outcome = try TrainingRun(
            configuration: configuration, images: images,
            parts: Trainer.Parts(training: fold.training, validation: fold.validation), directory: folder(number),
            pretrained: pretrained
        ).run(resume: true, observe: { _ in }, shouldStop: { false })
        let predictor = NetworkPredictor(network: outcome.network)
        func evidence(_ indices: [Int]) throws -> [NoveltyEvidence] {
            let answers = try predictor.predict(cache: images.cache, labels: images.labels, indices: indices)
            return try NoveltyEvidence.gather(answers, cache: images.cache)
        }
        let fitted = try FittedNovelty(
            evidence(fold.training), labels: fold.training.map { images.labels[$0] },
            centroids: outcome.calibrated.centroids,
            appearance: AppearanceNovelty(of: images, indices: fold.training + fold.validation))
        let validation = try evidence(fold.validation).map(fitted.scores)
        let test = try evidence(fold.test).map(fitted.scores)
        var sets: [String: [Judged]] = [:]
        for set in unfamiliar {
            sets[set.name] = try judged(set, predictor: predictor, fitted: fitted, calibrated: outcome.calibrated)
        }
        var figures: [NoveltyMethod: NoveltyComparison.Figures] = [:]
        for method in NoveltyMethod.allCases {
            let threshold = Self.threshold(method, validation: validation)
            let known = test.compactMap { $0[method] }
            figures[method] = NoveltyComparison.Figures(
                testRefused: Self.share(known) { $0 > threshold },
                unfamiliar: try sets.mapValues { try Self.figures($0, method, known: known, threshold: threshold) })
        }
        return figures
    }

    /// The scores of an unfamiliar image, and what it would be told if it were not refused.
    private struct Judged {
        let scores: [NoveltyMethod: Double]
        let isConfidentMalignancy: Bool
    }

    private func judged(
        _ set: UnfamiliarImages, predictor: NetworkPredictor, fitted: FittedNovelty, calibrated: CalibratedModel
    ) throws -> [Judged] {
        let count = set.cache.urls.count
        let answers = try predictor.predict(
            cache: set.cache, labels: [Int](repeating: 0, count: count), indices: Array(0..<count))
        let evidence = try NoveltyEvidence.gather(answers, cache: set.cache)
        return zip(evidence, answers.probabilities(temperature: calibrated.temperature)).map {
            evidence, probabilities in
            let possible = ConformalPrediction.set(
                probabilities: probabilities, thresholds: calibrated.conformalThresholds)
            // Class 0 is the benign one.
            let isReported = possible.count == 1 && possible != [0] && (probabilities.max() ?? 0) >= 0.5
            return Judged(scores: fitted.scores(of: evidence), isConfidentMalignancy: isReported)
        }
    }

    /// What 99 % of the validation images keep; the appearance brings its own threshold.
    private static func threshold(_ method: NoveltyMethod, validation: [[NoveltyMethod: Double]]) -> Double {
        if method == .appearanceMahalanobis { return AppearanceNovelty.threshold }
        let scores = validation.compactMap { $0[method] }.sorted()
        let rank = Int((Double(scores.count) * AppearanceNovelty.acceptedShare).rounded(.up)) - 1
        return scores.isEmpty ? .infinity : scores[max(0, min(scores.count - 1, rank))]
    }

    private static func figures(
        _ images: [Judged], _ method: NoveltyMethod, known: [Double], threshold: Double
    ) throws -> NoveltyComparison.Unfamiliar {
        let scores = images.compactMap { $0.scores[method] }
        let curve = try ReceiverOperatingCharacteristic(
            scores: known + scores,
            positives: known.map { _ in false } + scores.map { _ in true })
        return NoveltyComparison.Unfamiliar(
            images: images.count, auroc: curve?.area ?? 0, refused: share(scores) { $0 > threshold },
            confidentMalignancy: share(images) { $0.isConfidentMalignancy && ($0.scores[method] ?? 0) <= threshold })
    }

    private static func share<Value>(_ values: [Value], where condition: (Value) -> Bool) -> Double {
        Double(values.count(where: condition)) / Double(max(1, values.count))
    }
}
