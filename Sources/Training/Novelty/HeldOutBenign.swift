import Evaluation
import Findings

extension Predictions {
    /// The limit of novelty for the answer Benign, chosen on these answers to images that were held out of training.
    ///
    /// They are decided by the field network alone, as a cross-validation decides.
    /// - Parameters:
    ///   - images: The data set.
    ///   - novelty: What the training images look like.
    ///   - temperature: Divides the logits.
    ///   - thresholds: Of the prediction sets, `[classes]`.
    ///   - limits: What the answers are held against.
    /// - Returns: Nil where no benign image would be reported as Benign.
    /// - Throws: `ImagingError`, `EvaluationError`.
    func benignNoveltyLimit(
        _ images: PreparedImages, novelty: AppearanceNovelty, temperature: Double, thresholds: [Double],
        limits: DecisionFacts.Limits
    ) throws -> BenignNoveltyLimit? {
        let probabilities = probabilities(temperature: temperature)
        let index = SmearClass.benign.index
        let benign = labels.indices.filter { labels[$0] == index && probabilities[$0].argmax == index }
        let novelties = try AuditImages.concurrently(benign) { place -> Double? in
            let (measured, score) = try TestImageMeasurement.measure(
                images.cache.image(indices[place]), novelty: novelty)
            let facts = DecisionFacts(
                quality: measured.quality, missing: measured.missing, novelty: score, aspect: measured.aspect,
                label: .benign, confidence: probabilities[place][index],
                predictionSet: ConformalPrediction.set(
                    probabilities: probabilities[place], thresholds: thresholds
                ).compactMap(SmearClass.init(index:)),
                limits: limits)
            return facts.decision == .report ? score : nil
        }
        return try BenignNoveltyLimit(novelties: novelties.compactMap(\.self), threshold: limits.novelty)
    }
}

extension TrainingRun.Outcome {
    /// The limit of novelty for the answer Benign by what was fitted on the validation images themselves; nil where none of them
    /// tells one.
    func benignNoveltyLimit(
        _ images: PreparedImages, novelty: AppearanceNovelty, quality: QualityLimits
    ) throws -> BenignNoveltyLimit? {
        try validation.benignNoveltyLimit(
            images, novelty: novelty, temperature: calibrated.temperature,
            thresholds: calibrated.conformalThresholds,
            limits: .init(
                quality: quality, novelty: AppearanceNovelty.threshold, coverage: calibrated.coverage,
                minimumConfidence: CalibratedModel.minimumConfidence))
    }
}
