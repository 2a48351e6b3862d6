import Datasets
import Evaluation
import Findings
import Formats
import Foundation
import Reports

/// The figures of all folds: each, their mean, the worst, and all test images together with intervals.
public struct CrossValidationResults: Codable, Sendable {
    public let split: String
    public let configuration: TrainingConfiguration
    public let manifestSHA256: String
    public let classKeys: [String]
    /// What each fold left out: the acquisition series, or the fold's number.
    public let foldNames: [String]
    /// One a fold, without intervals, over the images whose class its training part held.
    public let folds: [ClassificationMetrics]
    /// All those test images, each answered by the network that had not seen it; intervals resample `intervalUnit`.
    public let pooled: ClassificationMetrics
    /// Mean over the folds that define the figure, by figure.
    public let mean: [String: Double]
    /// The lowest fold (the highest for `ece15` and `brier`), by figure.
    public let worst: [String: Double]
    public let calibration: CalibrationResults
    public let predictionSets: PredictionSetResults
    public let selection: SelectionResults
    /// Split `series`: each series as answered by the network that had not seen it. Other splits: the test images of each
    /// series, where the series are known.
    public let series: [SubgroupFigures]
    /// The most confident mistakes.
    public let mistakes: [FoldMistake]
    /// How many mistakes there are.
    public let mistakeCount: Int
    /// Share of test images whose label lay in the prediction set, by class key.
    public let conformalCoverage: [String: Double]
    /// What a network trained on all images by the same recipe is calibrated by: fitted on the answers of all folds.
    public let shipped: CrossCalibration.Fit
    /// Share of test images that the novelty threshold would refuse.
    public let refusedAsNovel: Double
    /// Folds whose images' quality and content were not measured (by an earlier version), so that decisions there rest on
    /// answers and novelty alone; nil where there is none.
    public let foldsWithoutMeasurements: [String]?
    public let trainingSeconds: Double
    /// What the intervals resample with replacement: `run` or `group`, of duplicates; nil in results of an earlier version,
    /// which resampled groups.
    public let intervalUnit: String?
    /// Split `runs`: which runs there are, what is left out, which classes can be judged between runs; else nil.
    public let runs: RunCoverage?

    /// The figures that are averaged.
    package static let figures: [(String, @Sendable (ClassificationMetrics) -> Double?)] = [
        ("accuracy", { $0.accuracy }), ("macroF1", { $0.macroF1 }),
        ("malignantSensitivity", { $0.malignantSensitivity }), ("benignSpecificity", { $0.benignSpecificity }),
        ("auroc", { $0.auroc }), ("ece15", { $0.ece15 }), ("brier", { $0.brier }),
    ]

    public init(
        split: String, configuration: TrainingConfiguration, manifestSHA256: String, classKeys: [String],
        folds results: [FoldResult], runs: RunCoverage? = nil
    ) throws {
        let judged = try JudgedFolds(results)
        (self.split, self.configuration) = (split, configuration)
        (self.manifestSHA256, self.classKeys) = (manifestSHA256, classKeys)
        foldNames = results.map(\.name)
        let folds = try judged.judged.map { try ClassificationMetrics($0, classKeys: classKeys, bootstrap: nil) }
        self.folds = folds
        pooled = try ClassificationMetrics(judged.judged.flatMap { $0 }, classKeys: classKeys)
        let series = try Self.series(judged, split: split, classKeys: classKeys)
        self.series = series
        let columns = Self.columns(folds: folds, leftOut: split == "series" ? series : nil).filter { !$1.isEmpty }
        mean = columns.mapValues { $0.reduce(0, +) / Double($0.count) }
        worst = Dictionary(
            columns.map { name, values in
                (name, (Self.isBetterLow(name) ? values.max() : values.min()) ?? 0)
            }, uniquingKeysWith: { first, _ in first })
        calibration = try CalibrationResults(judged)
        let sets = try PredictionSetResults(judged, classes: classKeys.count)
        predictionSets = sets
        selection = try SelectionResults(judged)
        let mistakes = FoldMistake.all(judged, classKeys: classKeys)
        mistakeCount = mistakes.count
        self.mistakes = Array(mistakes.prefix(FoldMistake.limit))
        conformalCoverage = Dictionary(
            zip(classKeys, sets.summary.coveragePerClass).compactMap { key, share in share.map { (key, $0) } },
            uniquingKeysWith: { first, _ in first })
        shipped = try judged.fitOfAll()
        let unfamiliar = judged.decided.joined().count { $0.facts.isUnfamiliar }
        refusedAsNovel = Double(unfamiliar) / Double(max(1, selection.decisions.images))
        let unmeasured = results.filter { $0.measurements == nil }.map(\.name)
        foldsWithoutMeasurements = unmeasured.isEmpty ? nil : unmeasured
        trainingSeconds = results.reduce(0) { $0 + $1.seconds }
        intervalUnit = split == SplitMethod.runs.rawValue ? "run" : "group"
        self.runs = runs
    }

    package static func isBetterLow(_ figure: String) -> Bool { figure == "ece15" || figure == "brier" }

    /// The folds' values of each figure, those that are defined. Of a series left out, malignancy is judged over all its
    /// images and the four classes over those that the training part held.
    private static func columns(
        folds: [ClassificationMetrics], leftOut: [SubgroupFigures]?
    ) -> [String: [Double]] {
        guard let leftOut else {
            return Dictionary(
                figures.map { name, figure in (name, folds.compactMap(figure)) },
                uniquingKeysWith: { first, _ in first })
        }
        let (malignancy, fourClass) = (leftOut.map(\.malignancy), leftOut.compactMap(\.fourClass))
        return [
            "malignantSensitivity": malignancy.compactMap(\.sensitivity),
            "benignSpecificity": malignancy.compactMap(\.specificity), "auroc": malignancy.compactMap(\.auroc),
            "accuracy": fourClass.map(\.accuracy), "macroF1": fourClass.compactMap(\.macroF1),
            "ece15": fourClass.map(\.ece15), "brier": fourClass.map(\.brier),
        ]
    }

    private static func series(_ judged: JudgedFolds, split: String, classKeys: [String]) throws -> [SubgroupFigures] {
        guard split != "series" else {
            return try judged.folds.indices.map { index in
                try SubgroupFigures(
                    name: judged.folds[index].name, answers: judged.decided[index], classKeys: classKeys,
                    trained: judged.trained[index])
            }
        }
        let named = zip(judged.folds, judged.decided).flatMap { fold, answers in
            zip(fold.test, answers).compactMap { raw, answer in raw.series.map { (series: $0, answer: answer) } }
        }
        return try Dictionary(grouping: named, by: \.series).sorted { $0.key < $1.key }.map { name, members in
            try SubgroupFigures(
                name: name, answers: members.map(\.answer), classKeys: classKeys,
                trained: classKeys.map { _ in true })
        }
    }

    /// Pretty JSON with sorted keys.
    public func json() throws -> Data { try JSONFormat.file.data(self) }

    /// A table of the folds, their mean, the worst, and all images together; of series left out, what can be judged.
    public var markdown: String {
        let note = foldsWithoutMeasurements.map {
            "\nDecisions of \($0.joined(separator: ", ")) rest on answers and novelty alone: quality and content of the images "
                + "were not measured when they were answered.\n"
        }
        return (split == "series" ? leftOutLines : foldLines).joined(separator: "\n") + "\n" + (note ?? "")
            + (runs.map { "\n" + $0.text } ?? "")
    }

    private var foldLines: [String] {
        let names = Self.figures.map(\.0)
        var lines = Self.head([split] + names)
        for (name, fold) in zip(foldNames, folds) {
            lines.append(Self.row("\(name), \(fold.images) images", Self.figures.map { $0.1(fold) }))
        }
        lines.append(Self.row("mean", names.map { mean[$0] }))
        lines.append(Self.row("worst fold", names.map { worst[$0] }))
        lines.append(Self.row("all \(pooled.images) images", Self.figures.map { $0.1(pooled) }))
        let intervals = names.map { name in
            pooled.confidenceIntervals95[name].map { String(format: "%.4f–%.4f", $0.lower, $0.upper) } ?? "–"
        }
        lines.append("| 95 % interval over \(intervalUnit ?? "group")s | " + intervals.joined(separator: " | ") + " |")
        return lines
    }

    private var leftOutLines: [String] {
        var lines = Self.head([
            "series left out", "AUROC of malignancy", "sensitivity", "specificity", "accuracy of known classes",
            "macro-F1 of known classes", "refused",
        ])
        for one in series {
            let refused = Double(one.decisions.rejected) / Double(max(1, one.decisions.images))
            lines.append(
                Self.row(
                    "\(one.name), \(one.malignancy.images) images",
                    [
                        one.malignancy.auroc, one.malignancy.sensitivity, one.malignancy.specificity,
                        one.fourClass?.accuracy, one.fourClass?.macroF1, refused,
                    ]))
        }
        let figures = ["auroc", "malignantSensitivity", "benignSpecificity", "accuracy", "macroF1"]
        lines.append(Self.row("mean", figures.map { mean[$0] } + [nil]))
        lines.append(Self.row("worst series", figures.map { worst[$0] } + [nil]))
        return lines
    }

    private static func head(_ columns: [String]) -> [String] {
        ["| " + columns.joined(separator: " | ") + " |", String(repeating: "|---", count: columns.count) + "|"]
    }

    private static func row(_ title: String, _ values: [Double?]) -> String {
        "| \(title) | " + values.map { $0.map { String(format: "%.4f", $0) } ?? "–" }.joined(separator: " | ") + " |"
    }
}

/// Pictures of a cross-validation, over all test images.
struct CrossValidationCharts {
    /// SVG documents by file name.
    let files: [(name: String, svg: String)]

    init(_ results: [FoldResult]) throws {
        let answers = try JudgedFolds(results).judged.flatMap { $0 }
        files = [
            (
                "reliability.svg",
                ReliabilityDiagram(title: "Confidence and accuracy", calibration: try Calibration(answers)).svg()
            ),
            (
                "risk-coverage.svg",
                RiskCoverageChart(title: "Mistakes among the answers", curve: try RiskCoverageCurve(answers)).svg()
            ),
        ]
    }
}
