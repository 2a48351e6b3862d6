import Clinic
import Findings
import Foundation
import Testing

@Suite struct MonitoringTests {
    @Test func `the stability index is that of the formula, with half a value in every bin`() throws {
        // r = (50.5, 50.5)/101, a = (60.5, 40.5)/101: Σ (a − r) ln(a / r).
        let found = try #require(PopulationStability(reference: [50, 50], actual: [60, 40]))
        let (r, a, b) = (0.5, 60.5 / 101, 40.5 / 101)
        #expect(abs(found.index - ((a - r) * log(a / r) + (b - r) * log(b / r))) < 1e-12)
        #expect(found.level == .steady)
        #expect(PopulationStability(reference: [50, 50], actual: [500, 500])?.index == 0)
    }

    @Test(
        arguments: [
            ([500, 500], [560, 440], PopulationStability.Level.steady),
            ([500, 500], [680, 320], .shifting), ([500, 500], [900, 100], .drifted),
            ([500, 500, 0], [400, 400, 200], .drifted),
        ])
    func `Siddiqi's thresholds part steady, shifting and drifted`(
        reference: [Int], actual: [Int], level: PopulationStability.Level
    ) {
        #expect(PopulationStability(reference: reference, actual: actual)?.level == level)
    }

    @Test func `too few values, or other bins, give no index`() {
        #expect(PopulationStability(reference: [500, 500], actual: [50, 49]) == nil)
        #expect(PopulationStability(reference: [50, 49], actual: [500, 500]) == nil)
        #expect(PopulationStability(reference: [500, 500], actual: [500, 500, 0]) == nil)
        #expect(PopulationStability(reference: [500], actual: [500]) == nil)
    }

    @Test func `percentiles are values that occurred`() throws {
        let found = try #require(Percentiles((1...200).map(Double.init)))
        #expect((found.median, found.ninetieth, found.ninetyNinth) == (100, 180, 198))
        #expect(Percentiles([7]) == Percentiles([7, .nan]))
        #expect(Percentiles([]) == nil)
    }

    private static func day(_ text: String) throws -> Date { try Date("\(text)T00:00:00Z", strategy: .iso8601) }

    private static func figures(
        _ span: Monitoring.Span, from: Date?, now: Date, _ counts: [(String, Decision, Int)]
    ) throws -> MonitoringFigures {
        MonitoringFigures(
            span: span, from: from, now: now,
            daily: try counts.map {
                DailyCount(day: try day($0.0), decision: $0.1, label: .benign, modelVersion: "1", count: $0.2)
            }, facts: [], queue: .init(waiting: 0, oldestSince: nil), stored: .init(images: 0, bytes: 0),
            people: .init())
    }

    @Test func `a short span has every day, also those without a screening`() throws {
        let now = try Self.day("2026-03-02").addingTimeInterval(50_000)
        let figures = try Self.figures(
            .week, from: Self.day("2026-02-24"), now: now,
            [("2026-02-25", .report, 2), ("2026-02-25", .rejected, 1), ("2026-03-02", .report, 4)])
        #expect(figures.periods.map(\.total) == [0, 3, 0, 0, 0, 0, 4])
        #expect(figures.total == 7)
        #expect(figures.decisions == [.report: 6, .rejected: 1])
        #expect(!figures.isByMonth)
    }

    @Test func `a long span is cut into months, over the end of a year`() throws {
        let figures = try Self.figures(
            .all, from: nil, now: Self.day("2026-02-02"),
            [("2025-10-30", .report, 2), ("2025-12-31", .report, 1), ("2026-01-01", .uncertain, 4)])
        #expect(figures.periods.map(\.total) == [2, 0, 1, 4, 0])
        #expect(figures.isByMonth)
        #expect(try Self.figures(.all, from: nil, now: Date(), []).periods.isEmpty)
    }
}
