/// Draws axes, lines and words into an SVG that reads on light and dark backgrounds and to screen readers.
///
/// Colours stand as attributes, so that the picture is complete where styles are not allowed; the style sheet only
/// swaps them for a dark page.
struct ChartCanvas {
    /// A rectangle of data, in pixels of the SVG.
    struct Plot {
        let left: Double
        let top: Double
        let width: Double
        let height: Double
        let horizontal: Axis
        let vertical: Axis

        func x(_ value: Double) -> Double { left + horizontal.position(value) * width }
        func y(_ value: Double) -> Double { top + height - vertical.position(value) * height }
    }

    /// Line colours that colour-blind readers can tell apart (Okabe and Ito, 2008), and a dash pattern each.
    static let strokes: [(color: String, dash: String)] = [
        ("#0072b2", ""), ("#d55e00", "7 4"), ("#007d5a", "2 3"), ("#a34f86", "9 3 2 3"), ("#7a6a00", "4 2"),
    ]

    private let width: Double
    private let height: Double
    private let title: String
    private let summary: String
    private var body = ""

    /// - Parameters:
    ///   - title: What the picture is, read first by a screen reader.
    ///   - summary: What it shows, in words.
    init(width: Double, height: Double, title: String, summary: String) {
        (self.width, self.height, self.title, self.summary) = (width, height, title, summary)
    }

    /// Frame, grid, ticks and axis titles of `plot`.
    mutating func axes(_ plot: Plot, title: String, horizontalTitle: String, verticalTitle: String) {
        for tick in plot.vertical.ticks {
            let y = plot.y(tick)
            line(from: (plot.left, y), to: (plot.left + plot.width, y), class: "lk-grid", stroke: "#d8dde3")
            text(plot.vertical.label(tick), x: plot.left - 8, y: y + 4, anchor: "end")
        }
        for tick in plot.horizontal.ticks {
            let x = plot.x(tick)
            line(from: (x, plot.top), to: (x, plot.top + plot.height), class: "lk-grid", stroke: "#d8dde3")
            text(plot.horizontal.label(tick), x: x, y: plot.top + plot.height + 18, anchor: "middle")
        }
        body +=
            "<rect class=\"lk-frame\" x=\"\(n(plot.left))\" y=\"\(n(plot.top))\" width=\"\(n(plot.width))\" "
            + "height=\"\(n(plot.height))\" fill=\"none\" stroke=\"#5b6570\"/>\n"
        let middle = plot.left + plot.width / 2
        text(title, x: middle, y: plot.top - 12, anchor: "middle", size: 15, weight: "600")
        text(horizontalTitle, x: middle, y: plot.top + plot.height + 38, anchor: "middle")
        let (x, y) = (plot.left - 46, plot.top + plot.height / 2)
        text(verticalTitle, x: x, y: y, anchor: "middle", transform: "rotate(-90 \(n(x)) \(n(y)))")
    }

    /// A line through `points`, broken where a value is not finite; a lone point becomes a dot.
    mutating func polyline(_ points: [(x: Double, y: Double)], in plot: Plot, stroke index: Int) {
        let stroke = Self.strokes[index % Self.strokes.count]
        let dash = stroke.dash.isEmpty ? "" : " stroke-dasharray=\"\(stroke.dash)\""
        for run in points.split(whereSeparator: { !$0.x.isFinite || !$0.y.isFinite }) {
            let pixels = run.map { (plot.x($0.x), plot.y($0.y)) }
            if pixels.count == 1 {
                body +=
                    "<circle class=\"lk-fill\(index % Self.strokes.count)\" cx=\"\(n(pixels[0].0))\" "
                    + "cy=\"\(n(pixels[0].1))\" r=\"3.5\" fill=\"\(stroke.color)\"/>\n"
            } else {
                let path = pixels.map { "\(n($0.0)),\(n($0.1))" }.joined(separator: " ")
                body +=
                    "<polyline class=\"lk-line\(index % Self.strokes.count)\" points=\"\(path)\" fill=\"none\" "
                    + "stroke=\"\(stroke.color)\" stroke-width=\"2.2\" stroke-linejoin=\"round\"\(dash)/>\n"
            }
        }
    }

    /// A bar of data coordinates.
    mutating func bar(x: ClosedRange<Double>, to y: Double, in plot: Plot, tooltip: String) {
        let (left, right) = (plot.x(x.lowerBound), plot.x(x.upperBound))
        let (top, bottom) = (plot.y(y), plot.y(plot.vertical.range.lowerBound))
        body +=
            "<rect class=\"lk-fill0\" x=\"\(n(left + 1))\" y=\"\(n(top))\" width=\"\(n(max(right - left - 2, 1)))\" "
            + "height=\"\(n(bottom - top))\" fill=\"#0072b2\"><title>\(Markup.escape(tooltip))</title></rect>\n"
    }

    /// A thin grey dashed line, as for chance or perfect calibration.
    mutating func reference(from start: (x: Double, y: Double), to end: (x: Double, y: Double), in plot: Plot) {
        line(
            from: (plot.x(start.x), plot.y(start.y)), to: (plot.x(end.x), plot.y(end.y)), class: "lk-frame",
            stroke: "#5b6570", extra: " stroke-dasharray=\"4 4\"")
    }

    /// One entry of a legend: a piece of line and its name, starting at `x`, `y`.
    mutating func legend(_ name: String, stroke index: Int, x: Double, y: Double) {
        let stroke = Self.strokes[index % Self.strokes.count]
        let dash = stroke.dash.isEmpty ? "" : " stroke-dasharray=\"\(stroke.dash)\""
        line(
            from: (x, y - 4), to: (x + 28, y - 4), class: "lk-line\(index % Self.strokes.count)",
            stroke: stroke.color, extra: " stroke-width=\"2.2\"\(dash)")
        text(name, x: x + 36, y: y, anchor: "start")
    }

    mutating func text(
        _ text: String, x: Double, y: Double, anchor: String, size: Int = 12, weight: String = "400",
        transform: String? = nil
    ) {
        let turn = transform.map { " transform=\"\($0)\"" } ?? ""
        body +=
            "<text class=\"lk-text\" x=\"\(n(x))\" y=\"\(n(y))\" text-anchor=\"\(anchor)\" font-size=\"\(size)\" "
            + "font-weight=\"\(weight)\" fill=\"#1d2630\"\(turn)>\(Markup.escape(text))</text>\n"
    }

    private mutating func line(
        from start: (Double, Double), to end: (Double, Double), class name: String, stroke: String, extra: String = ""
    ) {
        body +=
            "<line class=\"\(name)\" x1=\"\(n(start.0))\" y1=\"\(n(start.1))\" x2=\"\(n(end.0))\" y2=\"\(n(end.1))\" "
            + "stroke=\"\(stroke)\"\(extra)/>\n"
    }

    private func n(_ value: Double) -> String { Markup.length(value) }

    /// The finished document, an `svg` element that may stand alone or inside HTML.
    func svg() -> String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(n(width)) \(n(height))" width="\(n(width))" \
        height="\(n(height))" style="max-width:100%;height:auto" role="img" \
        aria-label="\(Markup.escape(title)). \(Markup.escape(summary))" \
        font-family="system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif">
        <title>\(Markup.escape(title))</title>
        <desc>\(Markup.escape(summary))</desc>
        <style>
        @media screen and (prefers-color-scheme: dark) {
        .lk-back { fill: #161b22 } .lk-text { fill: #e6edf3 } .lk-grid { stroke: #30363d } .lk-frame { stroke: #9aa4af }
        .lk-line0 { stroke: #56b4e9 } .lk-line1 { stroke: #ff9d5c } .lk-line2 { stroke: #2fd0a5 }
        .lk-line3 { stroke: #e79ac8 } .lk-line4 { stroke: #e0d04a } .lk-fill0 { fill: #56b4e9 }
        .lk-fill1 { fill: #ff9d5c } .lk-fill2 { fill: #2fd0a5 } .lk-fill3 { fill: #e79ac8 } .lk-fill4 { fill: #e0d04a }
        }
        </style>
        <rect class="lk-back" width="\(n(width))" height="\(n(height))" rx="8" fill="#ffffff"/>
        \(body)</svg>

        """
    }
}
