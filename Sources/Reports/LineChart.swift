/// Line charts side by side over one horizontal quantity, for example loss and accuracy over the epochs of a training.
public struct LineChart: Sendable, Equatable {
    /// A named line.
    public struct Series: Sendable, Equatable {
        public let name: String
        /// One value at each of the chart's positions, `[N]`; NaN leaves a gap.
        public let values: [Double]

        public init(name: String, values: [Double]) {
            self.name = name
            self.values = values
        }
    }

    /// One pair of axes.
    public struct Panel: Sendable, Equatable {
        public let title: String
        public let verticalTitle: String
        public let series: [Series]

        public init(title: String, verticalTitle: String, series: [Series]) {
            (self.title, self.verticalTitle, self.series) = (title, verticalTitle, series)
        }
    }

    public let title: String
    public let horizontalTitle: String
    /// Horizontal positions, `[N]`, ascending.
    public let positions: [Double]
    public let panels: [Panel]

    public init(title: String, horizontalTitle: String, positions: [Double], panels: [Panel]) {
        (self.title, self.horizontalTitle, self.positions, self.panels) = (title, horizontalTitle, positions, panels)
    }

    /// Loss and accuracy over the epochs of a training, each for training and validation images.
    ///
    /// - Parameters:
    ///   - epochs: Epoch numbers, `[N]`.
    ///   - trainingLoss: Mean loss of each epoch, `[N]`, in nats.
    ///   - validationLoss: The same on the validation images.
    ///   - trainingAccuracy: Share of images classified correctly, `[N]`, 0 to 1.
    ///   - validationAccuracy: The same on the validation images.
    public static func trainingCurves(
        title: String, epochs: [Int], trainingLoss: [Double], validationLoss: [Double], trainingAccuracy: [Double],
        validationAccuracy: [Double]
    ) -> LineChart {
        LineChart(
            title: title, horizontalTitle: "Epoch", positions: epochs.map(Double.init),
            panels: [
                Panel(
                    title: "Loss", verticalTitle: "Cross-entropy (nats)",
                    series: [
                        Series(name: "Training", values: trainingLoss),
                        Series(name: "Validation", values: validationLoss),
                    ]),
                Panel(
                    title: "Accuracy", verticalTitle: "Share of images",
                    series: [
                        Series(name: "Training", values: trainingAccuracy),
                        Series(name: "Validation", values: validationAccuracy),
                    ]),
            ])
    }

    private static let panelWidth = 440.0
    private static let plotHeight = 240.0

    /// The chart as an SVG document with title and description for screen readers.
    public func svg() -> String {
        let entries = panels.map(\.series.count).max() ?? 0
        let top = 74.0
        let height = top + Self.plotHeight + 58 + Double(entries) * 20
        var canvas = ChartCanvas(
            width: Self.panelWidth * Double(max(panels.count, 1)), height: height, title: title, summary: summary)
        canvas.text(title, x: 20, y: 28, anchor: "start", size: 17, weight: "600")
        let horizontal = Axis(wholeSpan: positions)
        for (index, panel) in panels.enumerated() {
            let left = Double(index) * Self.panelWidth + 66
            let plot = ChartCanvas.Plot(
                left: left, top: top, width: Self.panelWidth - 90, height: Self.plotHeight, horizontal: horizontal,
                vertical: Axis(covering: panel.series.flatMap(\.values)))
            canvas.axes(
                plot, title: panel.title, horizontalTitle: horizontalTitle, verticalTitle: panel.verticalTitle)
            for (line, series) in panel.series.enumerated() {
                canvas.polyline(zip(positions, series.values).map { (x: $0, y: $1) }, in: plot, stroke: line)
                canvas.legend(series.name, stroke: line, x: left, y: top + Self.plotHeight + 62 + Double(line) * 20)
            }
        }
        return canvas.svg()
    }

    /// Tells in words where every line ends.
    private var summary: String {
        let lines = panels.flatMap { panel in
            panel.series.compactMap { series in
                series.values.last(where: \.isFinite).map {
                    "\(panel.title), \(series.name.lowercased()): \(Markup.number($0, places: 4)) at the end"
                }
            }
        }
        return lines.isEmpty ? "No values yet." : lines.joined(separator: "; ") + "."
    }
}
