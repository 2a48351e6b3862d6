import Foundation
import Imaging
import Packaging

/// From numbers to a decision with its reasons, by the limits of the model package.
struct DecisionRule: Sendable {
    private let description: ModelDescription

    init(_ description: ModelDescription) {
        self.description = description
    }

    /// The classes that remain possible: p ≥ 1 − threshold of the class.
    func predictionSet(_ probabilities: ClassProbabilities) -> [String] {
        zip(probabilities.keys, probabilities.values).compactMap { key, probability in
            guard let threshold = description.conformal.thresholds[key] else { return nil }
            return probability >= 1 - threshold ? key : nil
        }
    }

    /// Rejected before uncertain before report; every reason that applies is told.
    func decide(
        probabilities: ClassProbabilities, predictionSet: [String], novelty: Double, quality: ImageQuality
    ) -> (decision: Decision, reasons: [String]) {
        var reasons = qualityReasons(quality)
        if novelty > description.novelty.threshold {
            reasons.append(
                "The image is unlike the smears this model was validated on "
                    + "(novelty \(Self.number(novelty)), at most \(Self.number(description.novelty.threshold)) accepted)."
            )
        }
        if !reasons.isEmpty { return (.rejected, reasons) }
        let best = probabilities.mostProbable
        reasons = uncertaintyReasons(predictionSet, best: best, confidence: probabilities.values[best])
        if !reasons.isEmpty { return (.uncertain, reasons) }
        return (
            .report,
            [
                "\(description.classes[best].displayName) stands out with a calibrated confidence of "
                    + "\(Self.percent(probabilities.values[best])); no other class remains possible at "
                    + "\(Self.percent(description.conformal.coverage)) coverage."
            ]
        )
    }

    private func qualityReasons(_ quality: ImageQuality) -> [String] {
        let limits = description.quality
        var reasons: [String] = []
        func below(_ value: Double, _ limit: Double?, _ name: String, _ words: String) {
            guard let limit, value < limit else { return }
            reasons.append("\(words) (\(name) \(Self.number(value)), at least \(Self.number(limit)) needed).")
        }
        below(
            quality.sharpness, limits.minimumSharpness, "sharpness",
            "The image is blurred: focus and take it again")
        below(
            quality.brightness, limits.minimumBrightness, "brightness",
            "The image is too dark: turn up the lamp and take it again")
        if let limit = limits.maximumBrightness, quality.brightness > limit {
            reasons.append(
                "The image is too bright: turn down the lamp and take it again "
                    + "(brightness \(Self.number(quality.brightness)), at most \(Self.number(limit)) accepted).")
        }
        below(
            quality.contrast, limits.minimumContrast, "contrast",
            "The image shows almost nothing: move to a field with cells and take it again")
        below(
            quality.stainedFraction, limits.minimumStainedFraction, "stained part",
            "Too little of the image is stained: move to a field with cells and take it again")
        return reasons
    }

    private func uncertaintyReasons(_ set: [String], best: Int, confidence: Double) -> [String] {
        var reasons: [String] = []
        let classes = description.classes
        let names = classes.filter { set.contains($0.key) }.map(\.displayName)
        if set.isEmpty {
            reasons.append("No class is likely enough to be named.")
        } else if set.count > 1 {
            reasons.append(
                "Several classes remain possible at \(Self.percent(description.conformal.coverage)) coverage: "
                    + names.joined(separator: ", ") + ".")
        } else if set != [classes[best].key] {
            reasons.append(
                "The most probable class, \(classes[best].displayName), is not the one that remains possible at "
                    + "\(Self.percent(description.conformal.coverage)) coverage: \(names.joined()).")
        }
        if confidence < description.decision.minimumConfidence {
            reasons.append(
                "The confidence of \(Self.percent(confidence)) is under the minimum of "
                    + "\(Self.percent(description.decision.minimumConfidence)).")
        }
        return reasons
    }

    /// Three significant digits, as people read them.
    private static func number(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return "\(value)" }
        let digits = max(0, 2 - Int(log10(abs(value)).rounded(.down)))
        return String(format: "%.\(digits)f", value)
    }

    private static func percent(_ share: Double) -> String {
        String(format: "%.1f %%", share * 100)
    }
}
