import Evaluation

/// The error among the images that are answered, against their share.
public struct RiskCoverageChart: Sendable {
    public let title: String
    public let curve: RiskCoverageCurve

    public init(title: String, curve: RiskCoverageCurve) {
        self.title = title
        self.curve = curve
    }

    /// The chart as an SVG document with title and description for screen readers.
    public func svg() -> String {
        let area = Markup.number(curve.area, places: 5)
        let last = curve.points.last?.risk ?? 0
        var canvas = ChartCanvas(
            width: 440, height: 444, title: title,
            summary: "Answering every image, \(Markup.percent(last)) are wrong. Area under the curve \(area).")
        let plot = ChartCanvas.Plot(
            left: 66, top: 46, width: 340, height: 320, horizontal: Axis(range: 0...1),
            vertical: Axis(covering: [0] + curve.points.map(\.risk)))
        canvas.axes(
            plot, title: title, horizontalTitle: "Share of images answered, surest first",
            verticalTitle: "Share of them wrong")
        canvas.polyline(curve.points.map { (x: $0.coverage, y: $0.risk) }, in: plot, stroke: 0)
        canvas.text("Area under the curve \(area)", x: 66, y: 428, anchor: "start")
        return canvas.svg()
    }
}
