import Evaluation
import Findings
import Foundation
import Testing

@Suite struct SubgroupFiguresTests {
    private let keys = ["benign", "early", "pro"]

    private func answer(
        _ label: Int, as predicted: Int, _ confidence: Double = 0.8, set: [Int]? = nil, isNovel: Bool = false
    ) -> DecidedAnswer {
        var probabilities = [Double](repeating: (1 - confidence) / 2, count: 3)
        probabilities[predicted] = confidence
        return DecidedAnswer(
            LabelledPrediction(label: label, probabilities: probabilities, group: "\(label)", id: "x"),
            DecisionFacts(
                quality: nil, missing: nil, novelty: isNovel ? 0.9 : 0.1, aspect: nil,
                label: SmearClass.allCases[predicted], confidence: confidence,
                predictionSet: (set ?? [predicted]).map { SmearClass.allCases[$0] },
                limits: .init(quality: QualityLimits(), novelty: 0.5, coverage: 0.99, minimumConfidence: 0.6)))
    }

    @Test func `refused goes before uncertain, uncertain before answered`() {
        #expect(answer(0, as: 0, set: [0, 1], isNovel: true).decision == .rejected)
        #expect(answer(0, as: 0, set: [0, 1]).decision == .uncertain)
        #expect(answer(0, as: 0, 0.55).decision == .uncertain)
        #expect(answer(0, as: 0).decision == .report)
    }

    @Test func `a series of one class has the figures that it can show and no others`() throws {
        let found = try SubgroupFigures(
            name: "boxed",
            answers: [answer(0, as: 0), answer(0, as: 0), answer(0, as: 1), answer(0, as: 0, isNovel: true)],
            classKeys: keys, trained: [true, true, true])
        #expect(found.classes == ["benign": 4])
        #expect(found.malignancy.specificity == 0.75)
        #expect(found.malignancy.sensitivity == nil && found.malignancy.auroc == nil)
        #expect(found.fourClass?.accuracy == 0.75 && found.fourClass?.macroF1 == nil)
        #expect(found.acceptedMalignancy?.images == 3)
        #expect(found.decisions.rejected == 1 && found.decisions.falseMalignant == 1)
        let json = String(decoding: try JSONEncoder().encode(found), as: UTF8.self)
        #expect(!json.contains("macroF1") && !json.contains("sensitivity") && !json.contains("auroc"))
        #expect(json.contains("specificity"))
    }

    @Test func `a class that was not trained on is judged as malignant or benign only`() throws {
        let found = try SubgroupFigures(
            name: "boxed",
            answers: [
                answer(0, as: 0), answer(1, as: 1), answer(1, as: 0), answer(2, as: 1), answer(2, as: 1),
            ], classKeys: keys, trained: [true, true, false])
        #expect(found.unknownClasses == ["pro"])
        #expect(found.malignancy.sensitivity == 0.75)
        #expect(found.malignancy.specificity == 1)
        #expect(found.fourClass?.images == 3)
        #expect(close(found.fourClass?.accuracy, 2 / 3))
        // F1 of benign 2/3, of early 2/3; a class that does not occur among the three has no part in the mean.
        #expect(close(found.fourClass?.macroF1, 2 / 3))
        #expect(found.decisions.wrongReports == 3 && found.decisions.missedMalignant == 1)
    }

    @Test func `where everything is refused nothing is said of the rest`() throws {
        let found = try SubgroupFigures(
            name: "far", answers: [answer(0, as: 0, isNovel: true), answer(1, as: 1, isNovel: true)], classKeys: keys,
            trained: [true, true, true])
        #expect(found.acceptedMalignancy == nil)
        #expect(found.malignancy.auroc == 1)
        #expect(found.decisions.report == 0)
    }

    @Test func `groups that cannot be judged are refused`() {
        #expect(throws: EvaluationError.self) {
            try SubgroupFigures(name: "none", answers: [], classKeys: keys, trained: [true, true, true])
        }
        #expect(throws: EvaluationError.self) {
            try SubgroupFigures(name: "short", answers: [answer(0, as: 0)], classKeys: keys, trained: [true])
        }
    }
}
