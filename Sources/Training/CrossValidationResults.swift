import Evaluation
import Foundation

/// What one fold gave.
public struct FoldResult: Codable, Sendable {
    /// Counted from 1.
    public let fold: Int
    public let split: String
    /// What decided the outcome; see ``TrainingConfiguration/decisiveJSON()``.
    public let configurationJSON: String
    public let manifestSHA256: String
    public let trainingImages: Int
    public let validationImages: Int
    public let temperature: Double
    public let conformalCoverage: Double
    public let conformalThresholds: [Double]
    public let noveltyThreshold: Double
    /// One a test image, calibrated.
    public let predictions: [LabelledPrediction]
    /// One a test image.
    public let novelties: [Double]
    public let epochs: [EpochRecord]
    /// Training and testing together.
    public let seconds: Double
}

/// The figures of all folds: each, their mean, the worst, and all test images together with intervals.
public struct CrossValidationResults: Codable, Sendable {
    public let split: String
    public let configuration: TrainingConfiguration
    public let manifestSHA256: String
    public let classKeys: [String]
    /// One a fold, without intervals.
    public let folds: [ClassificationMetrics]
    /// All test images, each answered by the network that had not seen it; intervals resample duplicate groups.
    public let pooled: ClassificationMetrics
    /// Mean over the folds, by figure.
    public let mean: [String: Double]
    /// The lowest fold (the highest for `ece15` and `brier`), by figure.
    public let worst: [String: Double]
    /// Share of test images whose label lay in the prediction set, by class key.
    public let conformalCoverage: [String: Double]
    /// The geometric mean of the folds' temperatures, for a network trained on all images by the same recipe.
    public let temperature: Double
    /// Conformal thresholds, one a class, from all test images: each was scored by a network that had not seen it.
    public let conformalThresholds: [Double]
    /// Share of test images that the novelty threshold would refuse.
    public let refusedAsNovel: Double
    public let trainingSeconds: Double

    /// The figures that are averaged.
    static let figures: [(String, @Sendable (ClassificationMetrics) -> Double?)] = [
        ("accuracy", { $0.accuracy }), ("macroF1", { $0.macroF1 }),
        ("malignantSensitivity", { $0.malignantSensitivity }), ("benignSpecificity", { $0.benignSpecificity }),
        ("auroc", { $0.auroc }), ("ece15", { $0.ece15 }), ("brier", { $0.brier }),
    ]

    public init(
        split: String, configuration: TrainingConfiguration, manifestSHA256: String, classKeys: [String],
        folds results: [FoldResult]
    ) throws {
        self.split = split
        self.configuration = configuration
        self.manifestSHA256 = manifestSHA256
        self.classKeys = classKeys
        folds = try results.map {
            try ClassificationMetrics($0.predictions, classKeys: classKeys, bootstrap: nil)
        }
        pooled = try ClassificationMetrics(results.flatMap(\.predictions), classKeys: classKeys)
        var mean: [String: Double] = [:]
        var worst: [String: Double] = [:]
        for (name, figure) in Self.figures {
            let values = folds.compactMap(figure)
            guard !values.isEmpty else { continue }
            mean[name] = values.reduce(0, +) / Double(values.count)
            worst[name] = name == "ece15" || name == "brier" ? values.max() : values.min()
        }
        self.mean = mean
        self.worst = worst
        conformalCoverage = Self.coverage(results, classKeys: classKeys)
        temperature = exp(results.reduce(0) { $0 + log($1.temperature) } / Double(max(1, results.count)))
        let answers = results.flatMap(\.predictions)
        conformalThresholds = try ConformalPrediction.thresholds(
            probabilities: answers.map(\.probabilities), labels: answers.map(\.label),
            coverage: results.first?.conformalCoverage ?? 0.95)
        let refused = results.reduce(0) { sum, fold in
            sum + fold.novelties.filter { $0 > fold.noveltyThreshold }.count
        }
        refusedAsNovel = Double(refused) / Double(max(1, pooled.images))
        trainingSeconds = results.reduce(0) { $0 + $1.seconds }
    }

    private static func coverage(_ results: [FoldResult], classKeys: [String]) -> [String: Double] {
        var covered = [Int](repeating: 0, count: classKeys.count)
        var counts = covered
        for fold in results {
            for prediction in fold.predictions {
                let set = ConformalPrediction.set(
                    probabilities: prediction.probabilities, thresholds: fold.conformalThresholds)
                counts[prediction.label] += 1
                if set.contains(prediction.label) { covered[prediction.label] += 1 }
            }
        }
        var shares: [String: Double] = [:]
        for (index, key) in classKeys.enumerated() where counts[index] > 0 {
            shares[key] = Double(covered[index]) / Double(counts[index])
        }
        return shares
    }

    /// Pretty JSON with sorted keys.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}

extension CrossValidationResults {
    /// A table of the folds, their mean, the worst, and all images together.
    public var markdown: String {
        let names = Self.figures.map(\.0)
        func row(_ title: String, _ values: [Double?]) -> String {
            "| \(title) | " + values.map { $0.map { String(format: "%.4f", $0) } ?? "–" }.joined(separator: " | ")
                + " |"
        }
        var lines = ["| \(split) | " + names.joined(separator: " | ") + " |"]
        lines.append("|---|" + String(repeating: "---|", count: names.count))
        for (index, fold) in folds.enumerated() {
            lines.append(row("fold \(index + 1), \(fold.images) images", Self.figures.map { $0.1(fold) }))
        }
        lines.append(row("mean", names.map { mean[$0] }))
        lines.append(row("worst fold", names.map { worst[$0] }))
        lines.append(row("all \(pooled.images) images", Self.figures.map { $0.1(pooled) }))
        let intervals = names.map { name in
            pooled.confidenceIntervals95[name].map { String(format: "%.4f–%.4f", $0.lower, $0.upper) } ?? "–"
        }
        lines.append("| 95 % interval | " + intervals.joined(separator: " | ") + " |")
        return lines.joined(separator: "\n") + "\n"
    }
}
