import Randomness

/// Calibration of the networks of a cross-validation, each measured on images that its calibration did not see.
///
/// A fold's own validation part has too few images of a class for a coverage of 99 %, and a good network answers nearly all
/// of them rightly. So for each fold everything is fitted on the test answers of the other folds: there every image was
/// answered by a network that had never seen it (cross-conformal prediction, Vovk, Annals of Mathematics and Artificial
/// Intelligence 74 (2015), section 2; compare the CV+ of Barber et al., Annals of Statistics 49 (2021), section 3).
public struct CrossCalibration: Sendable {
    /// Which answers a fold's calibration is fitted on.
    public enum Source: String, Sendable, Codable {
        /// The test answers of the other folds.
        case otherFolds = "other-folds"
        /// The fold's own validation answers. For folds that are acquisition series: a laboratory with another microscope
        /// gets a package that was calibrated on the series it was trained on, and where a class occurs in one series only,
        /// the other folds have no answer that could stand for it. A class with too few validation images for the stated
        /// coverage is promised what `n` images allow, `n / (n + 1)`.
        case ownValidation = "own-validation"
    }

    /// The answers of one fold's network.
    public struct Fold: Sendable {
        public let test: [RawAnswer]
        public let validation: [RawAnswer]

        public init(test: [RawAnswer], validation: [RawAnswer]) {
            self.test = test
            self.validation = validation
        }
    }

    /// What a person decides about the calibration.
    public struct Settings: Sendable, Equatable, Codable {
        public var method: LogitCalibrator.Method
        public var score: ConformalScore
        /// Stated share of images, in each class, whose prediction set holds the true class. At 99 % a class that is never
        /// mistaken is within a point of it too, which at 95 % it cannot be, since the most probable class is always in.
        public var coverage: Double
        /// Of the least ambiguous sets: what is never excluded (`ConformalPrediction/alwaysPossible`); nil for the plain
        /// quantile. The other scores do not compare a class's own probability.
        public var alwaysPossible: Double?
        public var selection: SelectiveThreshold.Rule

        public init(
            method: LogitCalibrator.Method = .temperature, score: ConformalScore = .leastAmbiguous,
            coverage: Double = 0.99, alwaysPossible: Double? = ConformalPrediction.alwaysPossible,
            selection: SelectiveThreshold.Rule = .init()
        ) {
            (self.method, self.score, self.coverage) = (method, score, coverage)
            self.alwaysPossible = score == .leastAmbiguous ? alwaysPossible : nil
            self.selection = selection
        }
    }

    /// All that is fitted on one list of answers.
    public struct Fit: Sendable, Equatable, Codable {
        public let calibrator: LogitCalibrator
        /// `[classes]`, of the score.
        public let thresholds: [Double]
        public let selection: SelectiveThreshold
    }

    public let source: Source
    public let settings: Settings
    /// One a fold.
    public let fits: [Fit]
    /// One list a fold: its test answers, calibrated by its fit.
    public let predictions: [[LabelledPrediction]]
    /// One list a fold, one set a test answer: the classes that remain possible, ascending.
    public let sets: [[[Int]]]

    /// - Throws: `EvaluationError` for answers that cannot be measured, or a single fold with `Source/otherFolds`.
    public init(_ folds: [Fold], source: Source, settings: Settings = Settings()) throws {
        let fits = try folds.indices.map { index in
            try Self.fit(
                Self.answers(for: index, of: folds, source: source), settings, allowsLess: source == .ownValidation)
        }
        (self.source, self.settings, self.fits) = (source, settings, fits)
        let predictions = zip(folds, fits).map { fold, fit in fold.test.map { $0.calibrated(by: fit.calibrator) } }
        self.predictions = predictions
        sets = predictions.indices.map { index in
            var uniforms = Self.uniforms(index + 1)
            return predictions[index].map { prediction in
                Self.set(
                    prediction.probabilities, score: settings.score, thresholds: fits[index].thresholds,
                    uniform: uniforms.nextUnit())
            }
        }
    }

    /// Everything fitted on one list of answers; on those of all folds for a network that is trained on all images.
    ///
    /// - Parameters:
    ///   - answers: Of one network, or of all folds.
    ///   - settings: How sets are made.
    ///   - allowsLess: Whether a class with too few images for the coverage is promised what they allow, in place of
    ///     being in every set.
    /// - Throws: `EvaluationError` for answers that cannot be measured.
    public static func fit(
        _ answers: [RawAnswer], _ settings: Settings = Settings(), allowsLess: Bool = false
    ) throws -> Fit {
        let calibrator = try LogitCalibrator(fitting: settings.method, to: answers)
        let predictions = answers.map { $0.calibrated(by: calibrator) }
        try validate(predictions, classes: calibrator.biases.count)
        guard settings.coverage > 0, settings.coverage < 1 else {
            throw EvaluationError(code: .parameter, message: "coverage \(settings.coverage) is not between 0 and 1")
        }
        var uniforms = uniforms(0)
        let scores = predictions.map { prediction in
            settings.score.values(prediction.probabilities, uniform: uniforms.nextUnit())[prediction.label]
        }
        let thresholds = ConformalPrediction.thresholds(
            scores: scores, labels: predictions.map(\.label), classes: calibrator.biases.count,
            coverage: settings.coverage, allowsLess: allowsLess)
        return Fit(
            calibrator: calibrator,
            thresholds: ConformalPrediction.raised(thresholds, alwaysPossible: settings.alwaysPossible),
            selection: try SelectiveThreshold(predictions, rule: settings.selection))
    }

    private static func answers(for index: Int, of folds: [Fold], source: Source) throws -> [RawAnswer] {
        switch source {
        case .ownValidation: return folds[index].validation
        case .otherFolds:
            guard folds.count > 1 else {
                throw EvaluationError(code: .empty, message: "there is no other fold to calibrate on")
            }
            return folds.indices.filter { $0 != index }.flatMap { folds[$0].test }
        }
    }

    /// The most probable class and every other whose score is at most its threshold, ascending.
    private static func set(
        _ probabilities: [Double], score: ConformalScore, thresholds: [Double], uniform: Double
    ) -> [Int] {
        let values = score.values(probabilities, uniform: uniform)
        let best = probabilities.argmax
        return values.indices.filter { $0 == best || values[$0] <= thresholds[$0] }
    }

    private static func uniforms(_ stream: Int) -> SplitMix64 { SplitMix64(seed: 20_210_423, UInt64(stream)) }
}
