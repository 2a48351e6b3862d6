import Foundation
import Screening
import Wording

/// Where the time of a screening went.
struct AnalyticsTimeline: Sendable {
    /// A row with its bar; `start` and `width` are in hundredths of the whole time.
    struct Phase: Sendable {
        let name: String
        let what: String
        let milliseconds: String
        let start: String
        let width: String
    }

    let phases: [Phase]
    /// The sum, in milliseconds.
    let total: String

    init(_ timeline: [ScreeningAnalytics.Phase], text: TextCatalogue) {
        let whole = timeline.map(\.milliseconds).reduce(0, +)
        var begun = 0.0
        var phases: [Phase] = []
        for phase in timeline {
            // A part of a millisecond is still to be seen.
            let share = whole > 0 ? phase.milliseconds / whole * 100 : 0
            phases.append(
                Phase(
                    name: text.find("analytics.phases.\(phase.name).name") ?? phase.name,
                    what: text.find("analytics.phases.\(phase.name).what") ?? "",
                    milliseconds: Self.rounded(phase.milliseconds),
                    start: String(format: "%.2f", min(begun, 99.4)), width: String(format: "%.2f", max(share, 0.6))))
            begun += share
        }
        self.phases = phases
        total = Self.rounded(whole)
    }

    private static func rounded(_ milliseconds: Double) -> String { String(format: "%.1f", milliseconds) }
}
