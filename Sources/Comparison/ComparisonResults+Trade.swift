import Foundation

extension ComparisonResults {
    /// How far a method may be behind the best and still count as its equal, in macro-F1: one point.
    static let margin = 0.01

    /// What a method may lose under its worst stain shift and still be fit for other laboratories, in macro-F1: three points.
    static let allowedStainLoss = 0.03

    /// The best trade: of the methods that no stain shift costs more than is allowed, those within a point of the best of them,
    /// and of these the one that answers fastest. nil where every method leans on the stain.
    public var bestTrade: Method? {
        let fit = methods.filter { ($0.worstStain?.loss ?? .infinity) <= Self.allowedStainLoss }
        let highest = fit.map(\.macroF1).max() ?? 0
        return fit.filter { highest - $0.macroF1 <= Self.margin }
            .min { $0.millisecondsPerImage < $1.millisecondsPerImage }
    }

    /// Which method is the default, and whether the figures say so too.
    var verdict: String {
        guard let best = methods.max(by: { $0.macroF1 < $1.macroF1 }) else { return "" }
        let found = bestTrade.map { "That is `\($0.name)`: \(facts(of: $0))." } ?? "There is none here."
        return
            "The highest mean macro-F1 is that of `\(best.name)`, \(Self.share(best.macroF1)). The best trade is sought among "
            + "the methods that lose at most \(Self.points(Self.allowedStainLoss)) points under their worst stain shift: of those "
            + "within one point of the highest macro-F1 among them, the fastest. \(found) \(wordsOfDefault(best))"
    }

    private func wordsOfDefault(_ best: Method) -> String {
        guard let shipped = methods.first(where: { $0.name == defaultMethod }) else {
            return "The default, `\(defaultMethod)`, was not measured here."
        }
        guard bestTrade?.name != defaultMethod else { return "It is the default." }
        return "The default is `\(shipped.name)`: \(facts(of: shipped)). It is "
            + "\(Self.points(best.macroF1 - shipped.macroF1)) points below the highest macro-F1. By this rule it would be "
            + "another; see [experiments](experiments.md) for what else decided."
    }

    private func facts(of method: Method) -> String {
        let stain =
            method.worstStain.map {
                "\(Self.points($0.loss)) points lost under its worst stain shift (`\($0.name)`), "
            } ?? ""
        return "macro-F1 \(Self.share(method.macroF1)), worst fold \(Self.share(method.worst["macroF1"])), " + stain
            + "\(String(format: "%.1f", method.millisecondsPerImage)) ms an image, \(Self.count(method.parameters)) numbers"
    }

    static func share(_ value: Double?) -> String { value.map { String(format: "%.4f", $0) } ?? "–" }

    static func percent(_ value: Double) -> String { String(format: "%.0f %%", value * 100) }

    /// Hundredths.
    static func points(_ value: Double?) -> String { value.map { String(format: "%.1f", $0 * 100) } ?? "–" }

    /// `0.09 million`, `3.38 million`, `5120`.
    static func count(_ value: Int) -> String {
        guard value < 10_000 else { return String(format: "%.2f million", Double(value) / 1e6) }
        return "\(value)"
    }
}
