import Findings

/// The figures of some of the test images, such as those of one acquisition series.
///
/// What the images cannot show is absent: a series without benign images has no specificity, and an image of a class that
/// the training part did not hold could not be answered rightly among the four, only as malignant or benign.
public struct SubgroupFigures: Sendable, Equatable, Codable {
    /// Malignant against benign, over any class.
    public struct Malignancy: Sendable, Equatable, Codable {
        public let images: Int
        /// Share of malignant images answered as any malignant class; absent without malignant images.
        public let sensitivity: Double?
        /// Share of benign images answered as benign; absent without benign images.
        public let specificity: Double?
        /// Area under the ROC curve of malignancy, scored by `1 - p(benign)`; absent without images of both.
        public let auroc: Double?
        /// 95 % bootstrap intervals by group: `sensitivity`, `specificity`, `auroc`.
        public let confidenceIntervals95: [String: ConfidenceInterval]
    }

    /// Between all classes, over the images whose class the training part held.
    public struct FourClass: Sendable, Equatable, Codable {
        public let images: Int
        public let accuracy: Double
        /// Mean F1 of the classes that occur here; absent where fewer than two do, since a mean says nothing there.
        public let macroF1: Double?
        public let ece15: Double
        public let brier: Double
    }

    public let name: String
    /// Images by class key.
    public let classes: [String: Int]
    /// Keys of classes that occur here and that the training part did not hold.
    public let unknownClasses: [String]
    public let malignancy: Malignancy
    /// The same over the images that are not refused; absent where all are.
    public let acceptedMalignancy: Malignancy?
    /// Absent where the training part held no class of these images.
    public let fourClass: FourClass?
    public let decisions: DecisionFigures

    /// - Parameters:
    ///   - name: Of the subgroup.
    ///   - answers: To its images, as they were decided.
    ///   - classKeys: `[classes]`, the benign one first.
    ///   - trained: Which classes the training part held, `[classes]`.
    ///   - bootstrap: How intervals are found; `nil` leaves them out.
    /// - Throws: `EvaluationError` for answers that cannot be measured.
    public init(
        name: String, answers: [DecidedAnswer], classKeys: [String], trained: [Bool],
        bootstrap: GroupBootstrap? = GroupBootstrap()
    ) throws {
        guard trained.count == classKeys.count else {
            throw EvaluationError(
                code: .shape, message: "\(trained.count) classes trained on, but \(classKeys.count) class keys")
        }
        let predictions = answers.map(\.prediction)
        try validate(predictions, classes: classKeys.count)
        self.name = name
        let counts = classKeys.indices.map { index in predictions.count { $0.label == index } }
        classes = Dictionary(zip(classKeys, counts).filter { $1 > 0 }, uniquingKeysWith: { first, _ in first })
        unknownClasses = classKeys.indices.filter { counts[$0] > 0 && !trained[$0] }.map { classKeys[$0] }
        malignancy = try Malignancy(predictions, classes: classKeys.count, bootstrap: bootstrap)
        let accepted = answers.filter { $0.decision != .rejected }.map(\.prediction)
        acceptedMalignancy =
            accepted.isEmpty
            ? nil : try Malignancy(accepted, classes: classKeys.count, bootstrap: bootstrap)
        let known = predictions.filter { trained[$0.label] }
        fourClass = known.isEmpty ? nil : try FourClass(known, classes: classKeys.count)
        decisions = DecisionFigures(answers)
    }
}

extension SubgroupFigures.Malignancy {
    fileprivate init(
        _ predictions: [LabelledPrediction], classes: Int, bootstrap: GroupBootstrap?
    ) throws {
        let figures = try ResampledFigures(predictions, classes: classes)
        func values(_ counts: [Int]?) -> [Double?] {
            let matrix = figures.confusion(counts: counts)
            return [
                matrix.malignantSensitivity, matrix.benignSpecificity,
                figures.auroc(counts: counts),
            ]
        }
        let own = values(nil)
        images = predictions.count
        (sensitivity, specificity, auroc) = (own[0], own[1], own[2])
        var intervals: [String: ConfidenceInterval] = [:]
        let found = bootstrap?.intervals(groups: predictions.map(\.group)) { values($0) } ?? []
        for (name, interval) in zip(["sensitivity", "specificity", "auroc"], found) { intervals[name] = interval }
        confidenceIntervals95 = intervals
    }
}

extension SubgroupFigures.FourClass {
    fileprivate init(_ predictions: [LabelledPrediction], classes: Int) throws {
        let matrix = try ConfusionMatrix(
            labels: predictions.map(\.label), predicted: predictions.map(\.predicted), classes: classes)
        let calibration = try Calibration(predictions)
        images = predictions.count
        accuracy = matrix.accuracy ?? 0
        let occurring = (0..<classes).filter { matrix.support($0) > 0 }
        macroF1 =
            occurring.count > 1
            ? occurring.reduce(0) { $0 + (matrix.f1($1) ?? 0) } / Double(occurring.count) : nil
        ece15 = calibration.expectedError
        brier = calibration.brier
    }
}
