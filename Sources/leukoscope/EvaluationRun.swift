import Datasets
import Evaluation
import Findings
import Foundation
import Imaging
import Packaging
import Reports
import Screening

/// What an evaluation has found so far.
struct EvaluationRun {
    /// What became of one image.
    enum Outcome: Sendable {
        case answer(Dataset.Item, ScreeningOutcome)
        case problem(Dataset.Item, reason: String, isInternal: Bool)
    }

    private(set) var predictions: [LabelledPrediction] = []
    private(set) var excluded: [EvaluationReport.ExcludedFile]
    private(set) var internalErrors = 0
    /// Number of images that were tried.
    private(set) var done = 0
    private var decisions = ClassificationMetrics.Decisions()
    private let classKeys: [String]
    /// Of each answer the class, its probability and the novelty, for the reference of drift.
    private var answers: [(label: String, confidence: Double, novelty: Double)] = []

    init(dataset: Dataset, classKeys: [String]) {
        self.classKeys = classKeys
        excluded = dataset.rejected.map { .init(path: $0.file, reason: "\($0.reason.rawValue): \($0.detail)") }
    }

    static func screen(_ item: Dataset.Item, with screener: Screener) async -> Outcome {
        do {
            return .answer(item, try await screener.screen(contentsOf: item.url))
        } catch {
            let isInternal = !(error is ImagingError || error is ScreeningError)
            return .problem(item, reason: "\(error)", isInternal: isInternal)
        }
    }

    mutating func add(_ outcome: Outcome) {
        done += 1
        switch outcome {
        case .problem(let item, let reason, let isInternal):
            excluded.append(.init(path: item.file, reason: reason))
            if isInternal { internalErrors += 1 }
        case .answer(let item, let result):
            switch result.decision {
            case .report: decisions.report += 1
            case .uncertain: decisions.uncertain += 1
            case .rejected: decisions.rejected += 1
            }
            answers.append((result.label.rawValue, result.confidence, result.novelty))
            predictions.append(
                LabelledPrediction(
                    label: item.label, probabilities: result.probabilities.values,
                    group: item.patient.map { "patient \($0)" } ?? "group \(item.group)", id: item.file))
        }
    }

    /// - Throws: `EvaluationError` when the model's probabilities are none.
    func metrics() throws -> ClassificationMetrics {
        try ClassificationMetrics(predictions, classKeys: classKeys, decisions: decisions)
    }

    /// How the model answered these images, for a package to carry.
    var reference: ReferenceDistribution {
        ReferenceDistribution(source: .labelled, answers: answers, classKeys: classKeys)
    }

    /// The worst mistakes with their pictures and heat maps; one whose file has gone meanwhile is told and left out.
    func mistakes(in dataset: Dataset, screener: Screener) async -> [EvaluationReport.Mistake] {
        let places = Dictionary(dataset.items.map { ($0.file, $0.url) }, uniquingKeysWith: { first, _ in first })
        var mistakes: [EvaluationReport.Mistake] = []
        for prediction in EvaluationReport.worst(of: predictions) {
            guard let url = places[prediction.id] else { continue }
            do {
                let explanation = try await screener.explain(contentsOf: url)
                let heatmap = try HeatmapOverlay.render(
                    map: explanation.map, mapWidth: explanation.mapWidth, mapHeight: explanation.mapHeight,
                    over: explanation.image, opacity: 0.5)
                mistakes.append(.init(prediction: prediction, image: explanation.image, heatmap: heatmap))
            } catch {
                ProgramExit.say("no picture of \(prediction.id): \(error)")
            }
        }
        return mistakes
    }
}
