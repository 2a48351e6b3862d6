import Evaluation
import Findings
import Foundation

/// What one fold gave: all that figures and calibration are made of, so that both can be made anew without training.
public struct FoldResult: Codable, Sendable {
    /// Counted from 1.
    public let fold: Int
    public let split: String
    /// The acquisition series that was left out, or the fold's number in words.
    public let name: String
    /// What decided the outcome; see `TrainingConfiguration/decisiveJSON()`.
    public let configurationJSON: String
    public let manifestSHA256: String
    /// Images of each class in the training part, `[classes]`.
    public let trainingClassCounts: [Int]
    /// One a test image, uncalibrated.
    public let test: [RawAnswer]
    /// One a validation image, uncalibrated.
    public let validation: [RawAnswer]
    /// Fitted on the fold's validation part alone, for what looks at one fold by itself; see `predictions`.
    public let temperature: Double
    public let noveltyThreshold: Double
    /// The greatest novelty at which Benign is told; nil where the validation part told none, and in the results of an earlier
    /// version.
    public let benignNoveltyThreshold: Double?
    /// One a test image.
    public let novelties: [Double]
    /// One a test image, and the limits that they are held against; nil in the results of an earlier version, whose decisions
    /// rest on answers and novelty alone.
    public let measurements: [TestImageMeasurement]?
    public let qualityLimits: QualityLimits?
    public let epochs: [EpochRecord]
    /// Training and testing together.
    public let seconds: Double

    public init(
        fold: Int, split: String, name: String, configurationJSON: String, manifestSHA256: String,
        trainingClassCounts: [Int], test: [RawAnswer], validation: [RawAnswer], temperature: Double,
        noveltyThreshold: Double, benignNoveltyThreshold: Double? = nil, novelties: [Double],
        measurements: [TestImageMeasurement]? = nil,
        qualityLimits: QualityLimits? = nil, epochs: [EpochRecord], seconds: Double
    ) {
        (self.fold, self.split) = (fold, split)
        (self.name, self.configurationJSON) = (name, configurationJSON)
        (self.manifestSHA256, self.trainingClassCounts) = (manifestSHA256, trainingClassCounts)
        (self.test, self.validation) = (test, validation)
        (self.temperature, self.noveltyThreshold) = (temperature, noveltyThreshold)
        self.benignNoveltyThreshold = benignNoveltyThreshold
        (self.novelties, self.measurements) = (novelties, measurements)
        (self.qualityLimits, self.epochs) = (qualityLimits, epochs)
        self.seconds = seconds
    }
}

extension FoldResult {
    /// The test answers by the fold's own temperature, one a test image. The figures of a cross-validation are not made of
    /// these: there each fold is calibrated on the others.
    public var predictions: [LabelledPrediction] {
        test.map { answer in
            LabelledPrediction(
                label: answer.label,
                probabilities: TemperatureScaling.softmax(answer.logits, temperature: temperature),
                group: answer.group, id: answer.id)
        }
    }
}

extension FoldResult {
    /// What the decision on a test image rests on.
    ///
    /// - Parameters:
    ///   - place: Which test image.
    ///   - prediction: Its calibrated answer.
    ///   - set: The classes that remain possible, ascending.
    /// - Throws: `EvaluationError` for an answer among other classes than the four, or a file that lacks measurements.
    public func facts(
        of place: Int, _ prediction: LabelledPrediction, set: [Int], coverage: Double, minimumConfidence: Double
    ) throws -> DecisionFacts {
        guard let label = SmearClass(index: prediction.predicted),
            measurements.map({ $0.count == test.count }) ?? true, novelties.indices.contains(place)
        else {
            throw EvaluationError(code: .shape, message: "fold \(fold) has not one measurement of each test image")
        }
        let measured = measurements?[place]
        return DecisionFacts(
            quality: measured?.quality, pattern: measured?.pattern, missing: measured?.missing,
            novelty: novelties[place],
            aspect: measured?.aspect, label: label, confidence: prediction.confidence,
            predictionSet: set.compactMap(SmearClass.init(index:)),
            limits: .init(
                quality: qualityLimits ?? QualityLimits(), novelty: noveltyThreshold,
                benignNovelty: benignNoveltyThreshold, coverage: coverage, minimumConfidence: minimumConfidence))
    }
}

extension Predictions {
    /// For `Evaluation`: what the network answered, with the images' names and series, and what is resampled together.
    func answers(_ items: [TrainingImage], split: String) -> [RawAnswer] {
        zip(indices, zip(labels, logits)).map { index, answer in
            RawAnswer(
                id: items[index].id, group: items[index].resamplingUnit(split: split), label: answer.0,
                logits: answer.1,
                series: items[index].series)
        }
    }
}

/// All folds' test answers, calibrated and decided as a package would.
package struct JudgedFolds {
    let folds: [FoldResult]
    package let calibration: CrossCalibration
    /// `[fold][test image]`.
    let decided: [[DecidedAnswer]]

    /// - Parameter source: What each fold is calibrated on; nil for what the split asks for.
    /// - Throws: `EvaluationError` for answers that cannot be measured.
    package init(
        _ folds: [FoldResult], settings: CrossCalibration.Settings = .init(), source: CrossCalibration.Source? = nil
    ) throws {
        self.folds = folds
        calibration = try CrossCalibration(
            folds.map { .init(test: $0.test, validation: $0.validation) }, source: source ?? Self.source(folds),
            settings: settings)
        let calibration = calibration
        decided = try folds.indices.map { index in
            try zip(calibration.predictions[index], calibration.sets[index]).enumerated().map { place, answer in
                DecidedAnswer(
                    answer.0,
                    try folds[index].facts(
                        of: place, answer.0, set: answer.1, coverage: calibration.settings.coverage,
                        minimumConfidence: calibration.fits[index].selection.minimumConfidence))
            }
        }
    }

    private static func source(_ folds: [FoldResult]) -> CrossCalibration.Source {
        folds.first?.split == "series" ? .ownValidation : .otherFolds
    }

    /// Whether the training part held each class, `[fold][class]`.
    var trained: [[Bool]] { folds.map { $0.trainingClassCounts.map { $0 > 0 } } }

    /// The answers that can be judged among all classes: those to images whose class the training part held; all, where it
    /// held none of them.
    package var judged: [[LabelledPrediction]] {
        zip(calibration.predictions, trained).map { predictions, trained in
            let known = predictions.filter { trained[$0.label] }
            return known.isEmpty ? predictions : known
        }
    }

    /// The same calibration with another method, or other sets.
    func with(_ settings: CrossCalibration.Settings) throws -> JudgedFolds {
        try JudgedFolds(folds, settings: settings, source: calibration.source)
    }

    /// Everything fitted on all answers, for a network that is trained on all images by the same recipe.
    func fitOfAll() throws -> CrossCalibration.Fit {
        guard calibration.source == .ownValidation else {
            return try CrossCalibration.fit(folds.flatMap(\.test), calibration.settings)
        }
        return try CrossCalibration.fit(folds.flatMap(\.validation), calibration.settings, allowsLess: true)
    }
}
