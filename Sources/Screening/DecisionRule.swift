import Evaluation
import Findings
import Foundation
import Imaging
import Packaging

/// From numbers to a decision with its reasons, by the limits of the model package.
struct DecisionRule: Sendable {
    private let description: ModelDescription

    init(_ description: ModelDescription) {
        self.description = description
    }

    /// The classes that remain possible, in class order; the most probable one is always among them.
    func predictionSet(_ probabilities: ClassProbabilities) -> [String] {
        let thresholds = probabilities.keys.map { description.conformal.thresholds[$0] ?? 1 }
        return ConformalPrediction.set(probabilities: probabilities.values, thresholds: thresholds)
            .map { probabilities.keys[$0] }
    }

    /// Rejected before uncertain before report; every reason that applies is told.
    func decide(
        probabilities: ClassProbabilities, predictionSet: [String], novelty: Novelty, quality: ImageQuality
    ) -> (decision: Decision, reasons: [String]) {
        var reasons = qualityReasons(quality) + noveltyReasons(novelty)
        if !reasons.isEmpty { return (.rejected, reasons) }
        let best = probabilities.mostProbable
        reasons = uncertaintyReasons(predictionSet, confidence: probabilities.values[best])
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
            let (found, least) = Self.numbers(value, limit)
            reasons.append("\(words) (\(name) \(found), at least \(least) needed).")
        }
        below(
            quality.sharpness, limits.minimumSharpness, "sharpness",
            "The image is blurred: focus and take it again")
        below(
            quality.brightness, limits.minimumBrightness, "brightness",
            "The image is too dark: turn up the lamp and take it again")
        if let limit = limits.maximumBrightness, quality.brightness > limit {
            let (found, most) = Self.numbers(quality.brightness, limit)
            reasons.append(
                "The image is too bright: turn down the lamp and take it again "
                    + "(brightness \(found), at most \(most) accepted).")
        }
        below(
            quality.contrast, limits.minimumContrast, "contrast",
            "The image shows almost nothing: move to a field with cells and take it again")
        below(
            quality.stainedFraction, limits.minimumStainedFraction, "stained part",
            "Too little of the image is stained: move to a field with cells and take it again")
        return reasons
    }

    private func noveltyReasons(_ novelty: Novelty) -> [String] {
        if let missing = novelty.missing { return ["This does not look like a stained blood smear: \(missing)."] }
        guard novelty.score > description.novelty.threshold else { return [] }
        let difference = novelty.aspect.map { ", most of all in \(Self.words($0))" } ?? ""
        let (found, most) = Self.numbers(novelty.score, description.novelty.threshold)
        return [
            "The image is unlike the smears this model was validated on\(difference) "
                + "(novelty \(found), at most \(most) accepted)."
        ]
    }

    private static func words(_ aspect: ImageAppearance.Aspect) -> String {
        switch aspect {
        case .colours: "its colours: another stain, lamp or camera"
        case .fineDetail: "its finest detail: another focus, camera or compression"
        case .structures: "the size and crowding of what it shows: another magnification, or no field of cells"
        case .directions: "the direction of its lines, which cells do not have"
        case .areas: "how much of it is stained or empty"
        }
    }

    private func uncertaintyReasons(_ set: [String], confidence: Double) -> [String] {
        var reasons: [String] = []
        let classes = description.classes
        let names = classes.filter { set.contains($0.key) }.map(\.displayName)
        if set.count > 1 {
            reasons.append(
                "Several classes remain possible at \(Self.percent(description.conformal.coverage)) coverage: "
                    + names.joined(separator: ", ") + ".")
        }
        if confidence < description.decision.minimumConfidence {
            reasons.append(
                "The confidence of \(Self.percent(confidence)) is under the minimum of "
                    + "\(Self.percent(description.decision.minimumConfidence)).")
        }
        return reasons
    }

    /// Three significant digits, as people read them.
    private static func number(_ value: Double, significantDigits: Int = 3) -> String {
        guard value.isFinite, value != 0 else { return "\(value)" }
        let digits = max(0, significantDigits - 1 - Int(log10(abs(value)).rounded(.down)))
        return String(format: "%.\(digits)f", value)
    }

    /// A value and its limit, with as many digits as it takes to tell them apart.
    private static func numbers(_ value: Double, _ limit: Double) -> (String, String) {
        let pairs = (3...7).lazy.map { (number(value, significantDigits: $0), number(limit, significantDigits: $0)) }
        return pairs.first { $0.0 != $0.1 } ?? ("\(value)", "\(limit)")
    }

    private static func percent(_ share: Double) -> String {
        String(format: "%.1f %%", share * 100)
    }
}
