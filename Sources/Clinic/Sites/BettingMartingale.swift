import Foundation

/// A bettor against p-values being uniform: several ways to bet at once, between which a small part of the wealth is moved
/// after each step, so that a change is found whenever it comes.
///
/// One way keeps its money; the others bet `ε·p^(ε−1)` on small p-values (the power martingales of Vovk, Nouretdinov and
/// Gammerman, "Testing exchangeability on-line", ICML 2003). The moving is that of the Simple Jumper (Vovk, Petej,
/// Nouretdinov, Ahlberg, Carlsson and Gammerman, "Retrain or not retrain: conformal test martingales for change-point
/// detection", COPA 2021).
public struct BettingMartingale: Sendable, Equatable, Codable {
    /// The exponents; 1 is keeping.
    static let exponents = [1.0, 0.7, 0.45, 0.2]
    /// The part of each way's wealth that is shared out evenly after each step.
    static let jump = 0.001

    /// Of each way, as natural logarithms.
    private var logs: [Double]

    public init() {
        logs = Self.exponents.map { _ in -log(Double(Self.exponents.count)) }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        logs = try container.decode([Double].self)
        guard logs.count == Self.exponents.count, logs.allSatisfy({ !$0.isNaN }) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no wealth of a bettor")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(logs)
    }

    /// What all ways have together, as a natural logarithm; 0 at the beginning.
    public var logWealth: Double { Self.logOfSum(logs) }

    /// - Parameter p: Above 0, up to 1.
    public mutating func bet(on p: Double) {
        for (way, exponent) in Self.exponents.enumerated() {
            logs[way] += log(exponent) + (exponent - 1) * log(p)
        }
        let part = log(Self.jump / Double(logs.count)) + logWealth
        for way in logs.indices { logs[way] = Self.logOfSum([logs[way] + log(1 - Self.jump), part]) }
    }

    private static func logOfSum(_ logs: [Double]) -> Double {
        let greatest = logs.max() ?? 0
        guard greatest.isFinite else { return greatest }
        return greatest + log(logs.reduce(0) { $0 + exp($1 - greatest) })
    }
}
