import Clinic
import Findings
import Foundation
import Packaging
import Wording

/// Confidence, novelty and class mix of the active model in use, held against what its package says of known images.
struct DashboardDrift: Sendable {
    let rows: [DashboardPage.Drift]
    let charts: [AdminChart]
    let lead: String

    /// - Parameters:
    ///   - figures: What the database says.
    ///   - model: The active model; answers of others are left out.
    ///   - reference: Nil where the package has none: then the answers in use are shown alone.
    init(
        _ figures: MonitoringFigures, model: ModelDescription, reference: ReferenceDistribution?, text: TextCatalogue
    ) {
        let facts = figures.facts(ofModel: model.name, version: model.version)
        let confidence = Self.bins(
            reference?.confidence, ReferenceDistribution.confidenceEdges, facts.map(\.finding.confidence))
        let novelty = Self.bins(
            reference?.novelty, ReferenceDistribution.noveltyEdges, facts.compactMap(\.novelty))
        let classes = SmearClass.allCases.map { smearClass in facts.count { $0.finding.label == smearClass } }
        let known = reference.map { reference in SmearClass.keys.map { reference.classes[$0] ?? 0 } }
        lead =
            reference.map {
                text(
                    "admin.drift.lead",
                    [
                        "count": text.number(facts.count), "images": text.number($0.images), "model": model.version,
                        "source": text("admin.drift.sources.\($0.source.rawValue)"),
                    ])
            } ?? text("admin.drift.none")
        let parts: [(String, [Int], [Int]?)] = [
            ("confidence", confidence.counts, reference?.confidence.counts),
            ("novelty", novelty.counts, reference?.novelty.counts), ("classes", classes, known),
        ]
        rows = reference == nil ? [] : parts.map { Self.row($0.0, actual: $0.1, reference: $0.2 ?? [], text) }
        charts = [
            Self.chart(
                "classes", labels: SmearClass.allCases.map { text("classes.\($0).short") }, classes, known, text),
            Self.chart(
                "confidence", labels: Self.labels(confidence.edges, last: "1"), confidence.counts,
                reference?.confidence.counts, text),
            Self.chart(
                "novelty", labels: Self.labels(novelty.edges, last: "2"), novelty.counts, reference?.novelty.counts,
                text),
        ]
    }

    private static func bins(
        _ reference: ReferenceDistribution.Bins?, _ edges: [Double], _ values: [Double]
    ) -> ReferenceDistribution.Bins {
        reference?.counting(values) ?? .init(edges: edges, values: values)
    }

    private static func row(
        _ name: String, actual: [Int], reference: [Int], _ text: TextCatalogue
    ) -> DashboardPage.Drift {
        guard let stability = PopulationStability(reference: reference, actual: actual) else {
            return .init(
                name: text("admin.drift.\(name)"), index: "–",
                words: text("admin.drift.tooFew", ["count": String(PopulationStability.minimumCount)]), level: "none")
        }
        return .init(
            name: text("admin.drift.\(name)"), index: String(format: "%.3f", stability.index),
            words: text("admin.drift.levels.\(stability.level.rawValue)"), level: stability.level.rawValue)
    }

    /// Shares of 100, so that use and reference can be laid side by side.
    private static func chart(
        _ name: String, labels: [String], _ actual: [Int], _ reference: [Int]?, _ text: TextCatalogue
    ) -> AdminChart {
        var series = [(name: text("admin.drift.inUse"), values: shares(actual))]
        if let reference { series.append((name: text("admin.drift.reference"), values: shares(reference))) }
        return AdminChart(
            name, kind: .grouped, title: text("admin.drift.charts.\(name)"),
            lead: text.find("admin.drift.leads.\(name)"), head: text("admin.drift.\(name)"), labels: labels,
            series: series, unit: "%", format: { String(format: "%.1f\u{a0}%%", $0) })
    }

    private static func shares(_ counts: [Int]) -> [Double] {
        let total = counts.reduce(0, +)
        return counts.map { total == 0 ? 0 : 100 * Double($0) / Double(total) }
    }

    /// `0 – 0.5`, `0.5 – 0.7` …
    private static func labels(_ edges: [Double], last: String) -> [String] {
        let ends = ["0"] + edges.map { String(format: "%g", $0) } + [last]
        return zip(ends, ends.dropFirst()).map { "\($0) – \($1)" }
    }
}
