import Evaluation

/// ROC curves with the areas under them.
public struct ROCChart: Sendable {
    /// A named curve.
    public struct Curve: Sendable {
        public let name: String
        public let characteristic: ReceiverOperatingCharacteristic

        public init(name: String, characteristic: ReceiverOperatingCharacteristic) {
            self.name = name
            self.characteristic = characteristic
        }
    }

    public let title: String
    public let curves: [Curve]

    public init(title: String, curves: [Curve]) {
        self.title = title
        self.curves = curves
    }

    /// The chart as an SVG document with title and description for screen readers.
    public func svg() -> String {
        let areas = curves.map { "\($0.name): area \(Markup.number($0.characteristic.area, places: 4))" }
        var canvas = ChartCanvas(
            width: 440, height: 424 + Double(curves.count) * 20, title: title,
            summary: areas.isEmpty ? "No curve: one of the classes is missing." : areas.joined(separator: "; ") + ".")
        let plot = ChartCanvas.Plot(
            left: 66, top: 46, width: 340, height: 320, horizontal: Axis(range: 0...1), vertical: Axis(range: 0...1))
        canvas.axes(
            plot, title: title, horizontalTitle: "1 − specificity", verticalTitle: "Sensitivity")
        canvas.reference(from: (0, 0), to: (1, 1), in: plot)
        // Later curves lie on top, so the first, which matters most, is drawn last.
        for (index, curve) in curves.enumerated().reversed() {
            let points = curve.characteristic.points.map { (x: $0.falsePositiveRate, y: $0.truePositiveRate) }
            canvas.polyline(Self.corners(of: points), in: plot, stroke: index)
        }
        for (index, area) in areas.enumerated() {
            canvas.legend(area, stroke: index, x: 66, y: 428 + Double(index) * 20)
        }
        return canvas.svg()
    }

    /// `points` without those in the middle of a straight vertical or horizontal run, which change nothing.
    static func corners(of points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
        points.indices.filter { index in
            guard index > 0, index + 1 < points.count else { return true }
            let (before, here, after) = (points[index - 1], points[index], points[index + 1])
            return !(before.x == here.x && here.x == after.x) && !(before.y == here.y && here.y == after.y)
        }.map { points[$0] }
    }
}
