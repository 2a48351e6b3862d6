import Evaluation
import Foundation

extension CrossValidationResults {
    /// A table of the folds, their mean, the worst, and all images together; of series left out, what can be judged.
    public var markdown: String {
        let note = foldsWithoutMeasurements.map {
            "\nDecisions of \($0.joined(separator: ", ")) rest on answers and novelty alone: quality and content of the images "
                + "were not measured when they were answered.\n"
        }
        return (split == "series" ? leftOutLines : foldLines).joined(separator: "\n") + "\n" + (note ?? "")
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
        lines.append("| 95 % interval | " + intervals.joined(separator: " | ") + " |")
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
