import Evaluation
import Foundation

/// Expected figures written by `Scripts/golden_evaluation.py`.
struct Golden: Decodable {
    let labels: [Int]
    let logits: [[Double]]
    let probabilities: [[Double]]
    let confusion: [[Int]]
    let accuracy: Double
    let macroF1: Double
    let precision: [Double]
    let recall: [Double]
    let f1: [Double]
    let support: [Int]
    let malignantSensitivity: Double
    let benignSpecificity: Double
    let auroc: Double
    let oneVersusRest: [Double]
    let rocFalsePositiveRates: [Double]
    let rocTruePositiveRates: [Double]
    let ece15: Double
    let brier: Double
    let negativeLogLikelihood: Double
    let temperature: Double
    let conformalThresholds90: [Double]
    let kappa: Double
    let kappaStandardError: Double
    let logisticRegression: Regression

    /// Of the labels on the logits, for several strengths of the penalty.
    struct Regression: Decodable {
        let inverseRegularizations: [Double]
        /// `[strengths, rows, classes]`.
        let probabilities: [[[Double]]]
    }

    static func load() throws -> Golden {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/evaluation/golden.json")
        return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
    }

    /// Each image its own group.
    var predictions: [LabelledPrediction] {
        labels.indices.map {
            LabelledPrediction(label: labels[$0], probabilities: probabilities[$0], group: "g\($0)", id: "image \($0)")
        }
    }
}

let classKeys = ["benign", "early-pre-b", "pre-b", "pro-b"]

/// Whether two numbers agree to `tolerance`; a missing one never does.
func close(_ value: Double?, _ expected: Double, tolerance: Double = 1e-12) -> Bool {
    value.map { abs($0 - expected) <= tolerance } ?? false
}

/// A prediction of two classes with the given probability of the second.
func binary(_ label: Int, _ second: Double, group: String = "g") -> LabelledPrediction {
    LabelledPrediction(label: label, probabilities: [1 - second, second], group: group, id: "\(label) \(second)")
}
