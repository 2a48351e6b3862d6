import Evaluation
import Findings
import Foundation
import Packaging
import Wording

/// A part of the page "How good is it?": words, then a table where there is one.
struct QualityBlock: Sendable {
    /// Names the part within the page.
    let id: String
    let title: String
    let words: [String]
    let columns: [String]
    let rows: [TableRow]

    private init(_ id: String, _ text: TextCatalogue, words: [String], columns: [String] = [], rows: [TableRow] = []) {
        self.id = id
        title = text("quality.\(id).title")
        self.words = words
        self.columns = columns.map { text("quality.\(id).\($0)") }
        self.rows = rows
    }

    /// All parts that the package has figures for, in the order of the page.
    static func all(_ quality: PublishedQuality, package: ModelDescription, text: TextCatalogue) -> [QualityBlock] {
        var blocks: [QualityBlock?] = []
        if let found = quality.crossValidation {
            blocks += [
                classes(found, package, text), found.calibration.map { calibration($0, text) },
                found.predictionSets.map { sets($0, text) }, found.selection.map { selection($0, package, text) },
            ]
        }
        blocks.append(refusal(quality.crossValidation, package, text))
        if let series = quality.leftOutSeries?.series, !series.isEmpty { blocks.append(leftOut(series, text)) }
        return blocks.compactMap { $0 }
    }

    private static func classes(
        _ found: PublishedQuality.Measured, _ package: ModelDescription, _ text: TextCatalogue
    ) -> QualityBlock? {
        guard let perClass = found.pooled.perClass else { return nil }
        let intervals = found.pooled.confidenceIntervals95 ?? [:]
        let rows = package.classes.compactMap { entry in
            perClass[entry.key].map { figures in
                TableRow(
                    name: text("classes.\(entry.key).name"),
                    cells: [
                        String(figures.support), percent(figures.recall), range(intervals["sensitivity.\(entry.key)"]),
                        range(intervals["specificity.\(entry.key)"]), percent(found.conformalCoverage?[entry.key]),
                    ])
            }
        }
        return QualityBlock(
            "classes", text, words: [text("quality.classes.lead")],
            columns: ["name", "images", "sensitivity", "sensitivityInterval", "specificityInterval", "coverage"],
            rows: rows)
    }

    private static func calibration(_ found: PublishedQuality.CalibrationPart, _ text: TextCatalogue) -> QualityBlock {
        let used = found.candidates.first { $0.method == found.method }?.ece15
        let plain = found.candidates.first { $0.method == .none }?.ece15
        let rows = found.reliability.filter { $0.count > 0 }.map { bin in
            TableRow(
                name: "\(percent(bin.lower, places: 0)) – \(percent(bin.upper, places: 0))",
                cells: [String(bin.count), percent(bin.confidence), percent(bin.accuracy)])
        }
        return QualityBlock(
            "calibration", text,
            words: [
                text("quality.calibration.lead"),
                text("quality.calibration.error", ["error": points(used), "plain": points(plain)]),
            ],
            columns: ["name", "images", "confidence", "accuracy"], rows: rows)
    }

    private static func sets(_ found: PublishedQuality.PredictionSets, _ text: TextCatalogue) -> QualityBlock {
        let images = found.summary.sizes.reduce(0, +)
        let rows = found.summary.sizes.enumerated().dropFirst().map { size, count in
            TableRow(
                name: String(size),
                cells: [String(count), percent(Double(count) / Double(max(1, images)))])
        }
        let words = [
            text("quality.sets.lead", ["coverage": percent(found.coverage, places: 0)]),
            text(
                "quality.sets.measured",
                ["coverage": percent(found.summary.coverage), "gap": points(found.largestGap)]),
            found.alwaysPossible.map { text("quality.sets.alwaysPossible", ["share": percent($0, places: 0)]) },
            text("quality.sets.empty"),
        ]
        return QualityBlock(
            "sets", text, words: words.compactMap(\.self), columns: ["name", "images", "share"], rows: Array(rows))
    }

    private static func selection(
        _ found: PublishedQuality.Selection, _ package: ModelDescription, _ text: TextCatalogue
    ) -> QualityBlock {
        let told = found.decisions
        var words = [
            text(
                "quality.selection.told",
                [
                    "images": String(told.images), "report": String(told.report), "uncertain": String(told.uncertain),
                    "rejected": String(told.rejected), "wrong": String(told.wrongReports),
                    "missed": String(told.missedMalignant), "false": String(told.falseMalignant),
                ])
        ]
        let limit = percent(package.decision.minimumConfidence)
        if let chosen = package.decision.selection {
            words.append(
                text(
                    chosen.isReached ? "quality.selection.rule" : "quality.selection.ruleMissed",
                    [
                        "limit": limit, "risk": percent(chosen.maximumRisk),
                        "coverage": percent(chosen.minimumCoverage, places: 0),
                        "lowest": percent(chosen.lowestConfidence, places: 0),
                    ]))
        } else {
            words.append(text("quality.selection.noRule", ["limit": limit]))
        }
        let rows = found.curve.map {
            TableRow(name: percent($0.coverage), cells: [percent($0.confidence), percent($0.risk, places: 2)])
        }
        return QualityBlock("selection", text, words: words, columns: ["name", "confidence", "risk"], rows: rows)
    }

    private static func refusal(
        _ found: PublishedQuality.Measured?, _ package: ModelDescription, _ text: TextCatalogue
    ) -> QualityBlock {
        var words = [text("quality.refusal.lead")]
        if let share = found?.refusedAsNovel { words.append(text("quality.refusal.share", ["share": percent(share)])) }
        let limits = package.quality
        let checked = [
            ("sharpness", limits.minimumSharpness), ("darkness", limits.minimumBrightness),
            ("brightness", limits.maximumBrightness), ("contrast", limits.minimumContrast),
            ("stain", limits.minimumStainedFraction),
        ].filter { $0.1 != nil }.map { text("quality.refusal.checks.\($0.0)") }
        if !checked.isEmpty {
            words.append(text("quality.refusal.checked", ["checks": checked.joined(separator: ", ")]))
        }
        return QualityBlock("refusal", text, words: words)
    }

    private static func leftOut(_ series: [SubgroupFigures], _ text: TextCatalogue) -> QualityBlock {
        let rows = series.map { one in
            TableRow(
                name: one.name,
                cells: [
                    String(one.malignancy.images), number(one.malignancy.auroc), percent(one.malignancy.sensitivity),
                    percent(one.malignancy.specificity), percent(one.fourClass?.accuracy),
                    percent(Double(one.decisions.rejected) / Double(max(1, one.decisions.images))),
                    text(
                        "quality.leftOut.wrongOf",
                        ["wrong": String(one.decisions.wrongReports), "report": String(one.decisions.report)]),
                ])
        }
        return QualityBlock(
            "leftOut", text, words: [text("quality.leftOut.lead"), text("quality.leftOut.absent")],
            columns: ["name", "images", "auroc", "sensitivity", "specificity", "accuracy", "refused", "wrong"],
            rows: rows)
    }
}

/// Figures as people read them; one that the images do not define is a dash.
extension QualityBlock {
    static func percent(_ share: Double?, places: Int = 1) -> String {
        share.map { String(format: "%.\(places)f", $0 * 100) + "\u{a0}%" } ?? "–"
    }

    static func number(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "–" }

    /// A distance of shares in percentage points, without the unit.
    static func points(_ share: Double?) -> String { share.map { String(format: "%.1f", $0 * 100) } ?? "–" }

    static func range(_ ends: [Double]?) -> String {
        guard let ends, ends.count == 2 else { return "–" }
        return "\(percent(ends[0])) – \(percent(ends[1]))"
    }
}

/// The page "How good is it?": what the package of the model that answers says of itself, and nothing else.
struct QualityPage: Sendable {
    let frame: PageFrame
    let figures: FiguresTable?
    let blocks: [QualityBlock]

    init(site: Site, context: WebContext, figures: LearnFigures) {
        let text = site.text
        let shown = figures.shown
        frame = PageFrame(site: site, title: text("quality.title"), place: .learn, context: context)
        self.figures = shown.table
        blocks = shown.quality.map { QualityBlock.all($0, package: shown.package, text: text) } ?? []
    }
}
