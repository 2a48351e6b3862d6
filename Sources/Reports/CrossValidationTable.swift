import Evaluation

/// The folds of a cross-validation as a Markdown table, with mean and worst fold.
public struct CrossValidationTable: Sendable {
    /// One fold's figures.
    public struct Fold: Sendable, Codable {
        public let name: String
        public let metrics: ClassificationMetrics

        public init(name: String, metrics: ClassificationMetrics) {
            self.name = name
            self.metrics = metrics
        }
    }

    public let folds: [Fold]

    public init(folds: [Fold]) {
        self.folds = folds
    }

    /// A figure of the table and whether more of it is better.
    private static let columns:
        [(name: String, figure: @Sendable (ClassificationMetrics) -> Double?, ascending: Bool)] =
            [
                ("accuracy", { $0.accuracy }, true), ("macro-F1", { $0.macroF1 }, true),
                ("malignant sensitivity", { $0.malignantSensitivity }, true),
                ("benign specificity", { $0.benignSpecificity }, true), ("AUROC", { $0.auroc }, true),
                ("ECE", { $0.ece15 }, false), ("Brier", { $0.brier }, false),
            ]

    /// The table in GitHub-flavoured Markdown; a figure that a fold does not define is a dash and stays out of the mean.
    public func markdown() -> String {
        var lines = [
            "| fold | images | " + Self.columns.map(\.name).joined(separator: " | ") + " |",
            "|---|---:|" + String(repeating: "---:|", count: Self.columns.count),
        ]
        for fold in folds {
            let values = Self.columns.map { Self.text($0.figure(fold.metrics)) }
            lines.append(
                "| \(Self.cell(fold.name)) | \(fold.metrics.images) | " + values.joined(separator: " | ") + " |")
        }
        let images = folds.reduce(0) { $0 + $1.metrics.images }
        let defined = Self.columns.map { column in folds.compactMap { column.figure($0.metrics) } }
        let means = defined.map { $0.isEmpty ? nil : $0.reduce(0, +) / Double($0.count) }
        let worst = zip(Self.columns, defined).map { $0.ascending ? $1.min() : $1.max() }
        lines.append("| **mean** | \(images) | " + means.map { "**\(Self.text($0))**" }.joined(separator: " | ") + " |")
        lines.append("| **worst** | | " + worst.map { "**\(Self.text($0))**" }.joined(separator: " | ") + " |")
        return lines.joined(separator: "\n") + "\n"
    }

    private static func text(_ value: Double?) -> String { value.map { Markup.number($0, places: 4) } ?? "–" }

    private static func cell(_ text: String) -> String {
        Markup.escape(text).replacing("|", with: "\\|").replacing("\n", with: " ")
    }
}
