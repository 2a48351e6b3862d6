import Evaluation
import Formats
import Foundation

/// What adapting a model to a laboratory gave, measured on images of that laboratory that were held back.
public struct SiteAdaptationReport: Codable, Sendable {
    /// Figures of one model on the images held back.
    public struct Figures: Codable, Sendable {
        public let metrics: ClassificationMetrics
        /// Mean negative log-likelihood in nats.
        public let logLoss: Double
        /// The best benign specificity at which malignant sensitivity is at least 0.97; nil where a side has no image.
        public let specificityAtSensitivity97: Double?

        init(_ metrics: ClassificationMetrics, logLoss: Double, labelled: [LabelledPrediction]) throws {
            self.metrics = metrics
            self.logLoss = logLoss
            specificityAtSensitivity97 = try ReceiverOperatingCharacteristic.malignancy(labelled)?
                .points.filter { $0.truePositiveRate >= 0.97 }.map { 1 - $0.falsePositiveRate }.max()
        }
    }

    /// One way that was tried.
    public struct Candidate: Codable, Sendable {
        /// In words; `temperature`, or the stage that corrects the logits.
        public let method: String
        /// Within the images learned from, by cross-validation, in nats.
        public let logLoss: Double
    }

    /// The chosen way with fewer images.
    public struct CurvePoint: Codable, Sendable, Equatable {
        /// Images learned from.
        public let images: Int
        /// On the images held back, in nats.
        public let logLoss: Double
    }

    /// In words; `temperature`, or the stage that corrects the logits.
    public let method: String
    public let candidates: [Candidate]
    /// Images by class key.
    public let learningPerClass: [String: Int]
    /// Images by class key.
    public let heldBackPerClass: [String: Int]
    /// Images of classes that no image was learned from, which no figure counts.
    public let notLearntPerClass: [String: Int]
    public let before: Figures
    public let after: Figures
    public let learningCurve: [CurvePoint]

    /// A figure may fall by this much before the adapted model counts as worse: about what chance does to a few hundred
    /// images.
    public static let tolerance = 0.01

    /// Why the adapted model is no improvement, in words; empty where it may be released.
    public var objections: [String] {
        func fell(_ name: String, _ figure: (ClassificationMetrics) -> Double?) -> String? {
            guard let was = figure(before.metrics), let now = figure(after.metrics), now < was - Self.tolerance else {
                return nil
            }
            return String(format: "%@ fell from %.3f to %.3f", name, was, now)
        }
        var found = [
            fell("macro-F1") { $0.macroF1 }, fell("AUROC of malignancy") { $0.auroc },
            fell("malignant sensitivity") { $0.malignantSensitivity },
        ].compactMap { $0 }
        if after.logLoss > before.logLoss {
            found.append(String(format: "the log loss rose from %.3f to %.3f", before.logLoss, after.logLoss))
        }
        return found
    }

    /// The log loss that `images` images to learn from would lead to, extrapolated.
    ///
    /// Learning curves follow a power law, a · n^(−b) (Hestness et al. 2017, arXiv:1712.00409, section 2), fitted here as
    /// a straight line in logarithms. Three points bear a guess, no promise.
    /// - Returns: Nil where fewer than two points are there.
    public func expectedLogLoss(images: Int) -> Double? {
        let points = learningCurve.map { (x: log(Double($0.images)), y: log(max($0.logLoss, 1e-6))) }
        guard points.count >= 2 else { return nil }
        let count = Double(points.count)
        let (meanX, meanY) = (points.map(\.x).reduce(0, +) / count, points.map(\.y).reduce(0, +) / count)
        let spread = points.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
        guard spread > 0 else { return nil }
        let slope = points.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) } / spread
        return exp(meanY + slope * (log(Double(images)) - meanX))
    }

    /// What more images are expected to bring, in words.
    public var advice: String {
        guard let last = learningCurve.last else { return "Too few images to tell what more would bring." }
        let more = [2, 4].compactMap { factor in
            expectedLogLoss(images: factor * last.images).map {
                String(format: "%d more images: about %.3f", (factor - 1) * last.images, $0)
            }
        }
        guard let doubled = expectedLogLoss(images: 2 * last.images), doubled < 0.95 * last.logLoss else {
            return String(
                format: "With %d images the log loss is %.3f; more images would hardly lower it.", last.images,
                last.logLoss)
        }
        return String(format: "Log loss with %d images %.3f. ", last.images, last.logLoss)
            + "Expected with " + more.joined(separator: ", ") + "."
    }

    /// A table of before and after, and the advice, in Markdown.
    public var markdown: String {
        func cell(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "–" }
        func row(_ name: String, _ figure: (Figures) -> Double?) -> String {
            "| \(name) | \(cell(figure(before))) | \(cell(figure(after))) |"
        }
        let learnt = learningPerClass.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        let left = notLearntPerClass.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        let judged = heldBackPerClass.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        let notLearnt =
            left.isEmpty ? [] : ["Not counted, for their class was not learnt: \(left.joined(separator: ", "))."]
        let lines =
            [
                "Learnt from \(learnt.joined(separator: ", ")); measured on \(judged.joined(separator: ", ")), held back."
            ] + notLearnt + [
                "Way taken: \(method).", "", "| figure | before | after |", "|---|---|---|",
                row("accuracy") { $0.metrics.accuracy }, row("macro-F1") { $0.metrics.macroF1 },
                row("AUROC of malignancy") { $0.metrics.auroc },
                row("malignant sensitivity") { $0.metrics.malignantSensitivity },
                row("benign specificity") { $0.metrics.benignSpecificity },
                row("specificity where sensitivity is 0.97") { $0.specificityAtSensitivity97 },
                row("ECE (15 bins)") { $0.metrics.ece15 }, row("log loss") { $0.logLoss }, "", advice,
            ]
        return lines.joined(separator: "\n") + "\n"
    }

    /// Pretty JSON with sorted keys.
    public func json() throws -> Data { try JSONFormat.file.data(self) }
}
