import Evaluation
import Foundation
import Packaging

/// The metrics as a page of text.
struct EvaluationSummary {
    let metrics: ClassificationMetrics
    let classes: [ModelClass]

    var text: String {
        let figures: [(String, Double?, String)] = [
            ("accuracy", metrics.accuracy, "accuracy"), ("macro-F1", metrics.macroF1, "macroF1"),
            ("malignant sensitivity", metrics.malignantSensitivity, "malignantSensitivity"),
            ("benign specificity", metrics.benignSpecificity, "benignSpecificity"), ("AUROC", metrics.auroc, "auroc"),
            ("ECE (15 bins)", metrics.ece15, "ece15"), ("Brier score", metrics.brier, "brier"),
        ]
        var lines = ["\(metrics.images) images", ""]
        lines += figures.map { name, value, key in
            let interval = metrics.confidenceIntervals95[key].map {
                "   95 %: \(number($0.lower)) to \(number($0.upper))"
            }
            return pad(name, 24) + number(value) + (interval ?? "")
        }
        lines += ["", pad("class", 32) + "precision   recall       F1   images"]
        lines += classes.map { item in
            let row = metrics.perClass[item.key]
            return pad(item.displayName, 32)
                + "   \(number(row?.precision))   \(number(row?.recall))   \(number(row?.f1))"
                + String(format: "%9d", row?.support ?? 0)
        }
        if let decisions = metrics.decisions {
            lines += [
                "",
                "decisions: \(decisions.report) report, \(decisions.uncertain) uncertain, \(decisions.rejected) rejected",
            ]
        }
        return lines.joined(separator: "\n")
    }

    private func number(_ value: Double?) -> String { value.map { String(format: "%.4f", $0) } ?? "     –" }

    private func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
