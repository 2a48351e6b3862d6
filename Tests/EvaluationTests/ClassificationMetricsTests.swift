import Evaluation
import Foundation
import Testing

@Suite struct ClassificationMetricsTests {
    @Test func `figures agree with scikit-learn`() throws {
        let golden = try Golden.load()
        let metrics = try ClassificationMetrics(golden.predictions, classKeys: classKeys, bootstrap: nil)
        #expect(metrics.images == 240)
        #expect(metrics.confusion == golden.confusion)
        #expect(close(metrics.accuracy, golden.accuracy))
        #expect(close(metrics.macroF1, golden.macroF1))
        #expect(close(metrics.malignantSensitivity, golden.malignantSensitivity))
        #expect(close(metrics.benignSpecificity, golden.benignSpecificity))
        #expect(close(metrics.auroc, golden.auroc))
        #expect(close(metrics.ece15, golden.ece15, tolerance: 1e-9))
        #expect(close(metrics.brier, golden.brier))
        for (index, key) in classKeys.enumerated() {
            let figures = try #require(metrics.perClass[key])
            #expect(close(figures.precision, golden.precision[index]))
            #expect(close(figures.recall, golden.recall[index]))
            #expect(close(figures.f1, golden.f1[index]))
            #expect(figures.support == golden.support[index])
        }
        let likelihood = try Calibration(golden.predictions).negativeLogLikelihood
        #expect(close(likelihood, golden.negativeLogLikelihood, tolerance: 1e-9))
    }

    @Test func `JSON has the published keys, null for what is not defined, and reads back`() throws {
        let predictions = [binary(1, 0.9, group: "a"), binary(1, 0.2, group: "b")]
        let metrics = try ClassificationMetrics(
            predictions, classKeys: ["benign", "pro-b"], decisions: .init(report: 1, uncertain: 1))
        let data = try JSONEncoder().encode(metrics)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let keys: Set = [
            "images", "accuracy", "macroF1", "perClass", "confusion", "malignantSensitivity", "benignSpecificity",
            "auroc", "ece15", "brier", "confidenceIntervals95", "decisions",
        ]
        #expect(Set(object.keys) == keys)
        #expect(object["benignSpecificity"] is NSNull)
        #expect(object["auroc"] is NSNull)
        let classes = try #require(object["perClass"] as? [String: [String: Any]])
        #expect(Set(classes["pro-b"]?.keys ?? [:].keys) == ["precision", "recall", "f1", "support"])
        #expect((object["decisions"] as? [String: Int]) == ["report": 1, "uncertain": 1, "rejected": 0])
        let intervals = try #require(object["confidenceIntervals95"] as? [String: [Double]])
        #expect(intervals["accuracy"] == [0, 1])
        #expect(try JSONDecoder().decode(ClassificationMetrics.self, from: data) == metrics)
    }

    @Test(arguments: [
        ([LabelledPrediction](), EvaluationError.Code.empty), ([binary(2, 0.5)], .labelOutOfRange),
        ([binary(0, .nan)], .notAProbability), ([binary(0, 1.5)], .notAProbability),
        ([binary(0, .infinity)], .notAProbability),
        ([LabelledPrediction(label: 0, probabilities: [0.5, 0.4], group: "", id: "")], .notNormalized),
        ([LabelledPrediction(label: 0, probabilities: [1], group: "", id: "")], .shape),
    ])
    func `predictions that cannot be measured are refused`(
        predictions: [LabelledPrediction], code: EvaluationError.Code
    ) {
        let error = #expect(throws: EvaluationError.self) {
            try ClassificationMetrics(predictions, classKeys: ["benign", "pro-b"])
        }
        #expect(error?.code == code)
    }
}
