import Datasets
import Foundation

/// Everything that `leukoscope-lab runs check` finds.
struct RunReport: Codable {
    let coverage: RunCoverage
    let stability: RunStability
    /// With other tables, by name.
    let agreement: [String: RunAgreement]
    let lags: LagTable
    let settings: RunInference.Settings
    let seed: UInt64

    /// Pretty JSON with sorted keys.
    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self) + Data("\n".utf8)
    }

    var markdown: String {
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
