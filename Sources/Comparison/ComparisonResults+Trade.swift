import Foundation

extension ComparisonResults {
    /// How far a method may be behind the best and still count as its equal, in macro-F1: one point.
    static let margin = 0.01

    /// The best trade: of the methods within a point of the best mean macro-F1, those that lose within a point of the least
    /// under the worst shift of the stain, and of these the one that answers fastest.
    public var bestTrade: Method? {
        guard let best = mostAccurate else { return nil }
        let accurate = methods.filter { best.macroF1 - $0.macroF1 <= Self.margin }
        let leastLoss = accurate.compactMap(\.worstStain?.loss).min() ?? 0
        return accurate.filter { ($0.worstStain?.loss ?? .infinity) - leastLoss <= Self.margin }
            .min { $0.millisecondsPerImage < $1.millisecondsPerImage }
    }

    var mostAccurate: Method? { methods.max { $0.macroF1 < $1.macroF1 } }

    /// Which method is the default, and whether the figures say so too.
    var verdict: String {
        guard let trade = bestTrade, let best = mostAccurate else { return "" }
        var sentences = [
            "The highest mean macro-F1 is that of `\(best.name)`, \(Self.share(best.macroF1)). The best trade is taken "
                + "for this: of the methods within one point of that, those whose loss under their worst stain shift is within "
                + "one point of the least, and of these the fastest. That is `\(trade.name)`: \(facts(of: trade))."
        ]
        if trade.name == defaultMethod {
            sentences.append("It is the default.")
        } else if let shipped = methods.first(where: { $0.name == defaultMethod }) {
            sentences.append("The default is `\(shipped.name)`: \(facts(of: shipped)).")
            sentences.append(
                "It is "
                    + (best.macroF1 - shipped.macroF1 <= Self.margin
                        ? "within one point of the highest macro-F1"
                        : "\(Self.points(best.macroF1 - shipped.macroF1)) points below the highest macro-F1")
                    + ", so by this rule the default would be another; see [experiments](experiments.md) for what else decided."
            )
        } else {
            sentences.append("The default, `\(defaultMethod)`, was not measured here.")
        }
        return sentences.joined(separator: " ")
    }

    private func facts(of method: Method) -> String {
        let stain = method.worstStain.map {
            "\(Self.points($0.loss)) points lost under its worst stain shift (`\($0.name)`), "
        }
        return "macro-F1 \(Self.share(method.macroF1)), worst fold \(Self.share(method.worst["macroF1"])), "
            + (stain ?? "") + "\(String(format: "%.1f", method.millisecondsPerImage)) ms an image, "
            + "\(Self.count(method.parameters)) numbers"
    }

    static func share(_ value: Double?) -> String { value.map { String(format: "%.4f", $0) } ?? "–" }

    /// Hundredths, with their sign where they are negative.
    static func points(_ value: Double?) -> String { value.map { String(format: "%.1f", $0 * 100) } ?? "–" }

    /// `0.09 million`, `4 million`, `5,120`.
    static func count(_ value: Int) -> String {
        guard value < 10_000 else { return String(format: "%.2f million", Double(value) / 1e6) }
        return "\(value)"
    }
}
