import Evaluation

/// Stated confidence against observed accuracy, bin by bin (Guo et al., ICML 2017, figure 1).
public struct ReliabilityDiagram: Sendable {
    public let title: String
    public let calibration: Calibration

    public init(title: String, calibration: Calibration) {
        self.title = title
        self.calibration = calibration
    }

    /// The diagram as an SVG document with title and description for screen readers.
    public func svg() -> String {
        let error = Markup.number(calibration.expectedError, places: 4)
        var canvas = ChartCanvas(
            width: 440, height: 444, title: title,
            summary: "Expected calibration error \(error) over \(calibration.bins.count) bins of equal width. "
                + "Bars on the dashed diagonal are perfectly calibrated.")
        let plot = ChartCanvas.Plot(
            left: 66, top: 46, width: 340, height: 320, horizontal: Axis(range: 0...1), vertical: Axis(range: 0...1))
        canvas.axes(plot, title: title, horizontalTitle: "Confidence", verticalTitle: "Accuracy")
        for bin in calibration.bins {
            guard let accuracy = bin.accuracy, let confidence = bin.confidence else { continue }
            canvas.bar(
                x: bin.lower...bin.upper, to: accuracy, in: plot,
                tooltip: "\(bin.count) images, confidence \(Markup.percent(confidence)), "
                    + "accuracy \(Markup.percent(accuracy))")
        }
        canvas.reference(from: (0, 0), to: (1, 1), in: plot)
        canvas.text("Expected calibration error \(error)", x: 66, y: 428, anchor: "start")
        return canvas.svg()
    }
}
