import Formats
import Foundation

/// How far inferred runs can be trusted: how steady they are, how they agree with other tables, and what they explain.
public struct RunReport: Sendable, Equatable, Codable {
    public let coverage: RunCoverage
    public let stability: RunStability
    /// With other tables, by name.
    public let agreement: [String: RunAgreement]
    public let lags: LagTable
    public let settings: RunInference.Settings
    public let seed: UInt64

    public init(
        coverage: RunCoverage, stability: RunStability, agreement: [String: RunAgreement], lags: LagTable,
        settings: RunInference.Settings, seed: UInt64
    ) {
        (self.coverage, self.stability, self.agreement, self.lags) = (coverage, stability, agreement, lags)
        (self.settings, self.seed) = (settings, seed)
    }

    /// Pretty JSON with sorted keys.
    public func json() throws -> Data { try JSONFormat.file.data(self) }

    /// Two tables, of agreement and of lags, under what is known of the runs.
    public var markdown: String {
        let keys = coverage.classes.map(\.key)
        var lines = ["| agreement (adjusted Rand index) | \(keys.joined(separator: " | ")) | mean |"]
        lines.append("|---|" + String(repeating: "---|", count: keys.count + 1))
        func add(_ name: String, _ values: [String: Double], mean: Double) {
            let cells = keys.map { key in values[key].map(Self.number) ?? "–" } + [Self.number(mean)]
            lines.append("| \(name) | \(cells.joined(separator: " | ")) |")
        }
        for trial in stability.halves + stability.without { add(trial.name, trial.agreement, mean: trial.mean) }
        for (name, one) in agreement.sorted(by: { $0.key < $1.key }) { add(name, one.byClass, mean: one.mean) }
        lines.append("")
        lines.append("Mean of the halves \(Self.number(stability.halvesMean)), without parts of what is measured")
        lines[lines.count - 1] += " \(Self.number(stability.withoutMean))."
        return coverage.text + "\n" + lines.joined(separator: "\n") + "\n\n" + lags.markdown
    }

    private static func number(_ value: Double) -> String { String(format: "%.3f", value) }
}
