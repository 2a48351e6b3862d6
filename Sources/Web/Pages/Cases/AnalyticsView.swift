import Foundation
import Screening
import Wording

/// How an answer came about: preprocessing, feature maps, cells, similar cases and timeline. Of a rejected image it names
/// no class.
struct AnalyticsView: Sendable {
    /// A preprocessing step as a picture.
    struct Step: Sendable {
        let number: String
        let name: String
        let what: String
        /// Parameters and size of the result.
        let detail: String
        let image: String
        let alt: String
    }

    /// Some feature maps of a layer.
    struct Stage: Sendable {
        let name: String
        let what: String
        let shape: String
        let image: String
        let alt: String
        let ranges: [String]
    }

    let steps: [Step]
    /// Which field of a cut image steps and stages show; nil for the whole image.
    let shownField: String?
    let stages: [Stage]
    let cells: AnalyticsCells
    /// nil for a rejected image, and where the model has no reference cases.
    let similar: AnalyticsSimilar?
    let phases: [AnalyticsTimeline.Phase]
    let total: String

    /// - Parameters:
    ///   - analytics: What was measured.
    ///   - text: The words.
    ///   - address: The address of a picture by its name.
    init(_ analytics: ScreeningAnalytics, text: TextCatalogue, address: (String) -> String) {
        steps = analytics.steps.enumerated().map { index, step in
            let name = text.find("analytics.steps.\(step.name).name") ?? step.name
            return Step(
                number: String(index + 1), name: name, what: text.find("analytics.steps.\(step.name).what") ?? "",
                detail: Self.detail(
                    step.told.map { text($0) } ?? step.parameters,
                    pixels: text("analytics.pixels", ["size": Self.pixels(step.width, step.height)])),
                image: address(step.file), alt: text("analytics.stepAlt", ["name": name]))
        }
        shownField = analytics.shownField.map { text("analytics.stepsField", ["number": String($0)]) }
        stages = analytics.stages.map { stage in
            let name = text.find("analytics.stages.\(stage.name).name") ?? stage.name
            return Stage(
                name: name, what: text.find("analytics.stages.\(stage.name).what") ?? "",
                shape: text(
                    "analytics.shape",
                    [
                        "channels": String(stage.channels), "size": Self.pixels(stage.width, stage.height),
                        "shown": String(stage.shown.count),
                    ]),
                image: address(stage.file),
                alt: text("analytics.stageAlt", ["name": name, "shown": String(stage.shown.count)]),
                ranges: stage.shown.map { channel in
                    text(
                        "analytics.range",
                        [
                            "index": String(channel.index + 1), "minimum": String(format: "%.2f", channel.minimum),
                            "maximum": String(format: "%.2f", channel.maximum),
                        ])
                })
        }
        cells = AnalyticsCells(analytics, text: text, image: address(analytics.cellsFile))
        similar = analytics.similar.map { AnalyticsSimilar($0, text: text) }
        let timeline = AnalyticsTimeline(analytics.timeline, text: text)
        phases = timeline.phases
        total = timeline.total
    }

    /// A size that is a parameter is said once.
    private static func detail(_ parameters: String, pixels: String) -> String {
        parameters.isEmpty || parameters == pixels ? pixels : "\(parameters) · \(pixels)"
    }

    private static func pixels(_ width: Int, _ height: Int) -> String { "\(width) × \(height)" }
}
