import Findings

extension ScreeningOutcome {
    /// An outcome as a small model would give it, for tests that need one and no network.
    public static func sample(
        _ decision: Decision = .report, _ label: SmearClass = .benign, confidence: Double = 0.875,
        novelty: Double = 0.125, model: Model = Model(name: "small", version: "1.0"), reasons: [Reason]? = nil,
        image: Image = Image(width: 64, height: 64, sha256: String(repeating: "ab", count: 32)),
        cells: CellFindings? = nil
    ) -> ScreeningOutcome {
        let usual: Reason =
            switch decision {
            case .report: .standsOut(label: label, confidence: confidence, coverage: 0.95)
            case .uncertain: .lowConfidence(found: confidence, limit: 0.99)
            case .rejected: .notASmear(missing: .stain)
            }
        return ScreeningOutcome(
            label: label, displayName: label.rawValue,
            probabilities: ClassProbabilities(
                SmearClass.allCases.map { $0 == label ? confidence : (1 - confidence) / 3 }),
            decision: decision, reasons: reasons ?? [usual], predictionSet: [label], novelty: novelty,
            similarCases: nil,
            quality: ImageQuality(
                sharpness: 100, brightness: 0.5, contrast: 0.1, stainedFraction: 0.2, backgroundFraction: 0.1,
                clippedFraction: 0),
            cells: cells, model: model, image: image,
            timings: Timings(decodeMs: 1.5, preprocessMs: 2, inferenceMs: 4.25),
            notice: nil)
    }
}
