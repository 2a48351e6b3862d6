import Evaluation
import Testing

@Suite struct ConfusionMatrixTests {
    @Test func `figures agree with a case computed by hand`() throws {
        let matrix = try ConfusionMatrix(labels: [0, 0, 0, 1, 1, 2], predicted: [0, 0, 1, 1, 2, 1], classes: 3)
        #expect(matrix.counts == [[2, 1, 0], [0, 1, 1], [0, 1, 0]])
        #expect(close(matrix.accuracy, 0.5))
        #expect(close(matrix.precision(0), 1))
        #expect(close(matrix.recall(0), 2.0 / 3))
        #expect(close(matrix.f1(0), 0.8))
        #expect(close(matrix.precision(1), 1.0 / 3))
        #expect(close(matrix.f1(1), 0.4))
        #expect(close(matrix.macroF1, 0.4))
        #expect(close(matrix.specificity(1), 0.5))
        #expect(close(matrix.malignantSensitivity, 1))
        #expect(close(matrix.benignSpecificity, 2.0 / 3))
    }

    @Test func `a malignant image taken for another malignancy is still found`() throws {
        let matrix = try ConfusionMatrix(labels: [1, 2, 3, 3], predicted: [2, 3, 1, 0], classes: 4)
        #expect(close(matrix.malignantSensitivity, 0.75))
        #expect(matrix.benignSpecificity == nil)
    }

    @Test func `a class that neither occurs nor is predicted has no figures and no part in the mean`() throws {
        let matrix = try ConfusionMatrix(labels: [0, 1], predicted: [0, 1], classes: 3)
        #expect(matrix.precision(2) == nil)
        #expect(matrix.recall(2) == nil)
        #expect(matrix.f1(2) == nil)
        #expect(close(matrix.macroF1, 1))
    }

    @Test(arguments: [
        ([Int](), [Int](), EvaluationError.Code.empty), ([0, 1], [0], .shape), ([0, 4], [0, 0], .labelOutOfRange),
        ([0, 0], [0, -1], .labelOutOfRange),
    ])
    func `bad input is refused`(labels: [Int], predicted: [Int], code: EvaluationError.Code) {
        let error = #expect(throws: EvaluationError.self) {
            try ConfusionMatrix(labels: labels, predicted: predicted, classes: 4)
        }
        #expect(error?.code == code)
    }
}
