import Evaluation
import Reports

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
