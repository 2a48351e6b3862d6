import Foundation

/// A range of values with round tick marks.
struct Axis: Sendable, Equatable {
    /// Values at the ends of the axis.
    let range: ClosedRange<Double>
    /// Values of the tick marks, ascending, within `range`.
    let ticks: [Double]
    /// Digits after the point that tell the ticks apart.
    let places: Int

    /// An axis over exactly `range`, with ticks inside it.
    init(range: ClosedRange<Double>, tickCount: Int = 5) {
        let step = Self.niceStep(span: range.upperBound - range.lowerBound, ticks: tickCount)
        self.init(range: range, step: step)
    }

    /// An axis that reaches from round number to round number around `values`; 0 to 1 when there are none.
    ///
    /// - Parameter whole: Whether ticks stand at whole numbers only.
    init(covering values: [Double], tickCount: Int = 5, whole: Bool = false) {
        let finite = values.filter(\.isFinite)
        var lower = finite.min() ?? 0
        var upper = finite.max() ?? 1
        if upper - lower < 1e-9 * max(abs(upper), 1e-6) {
            lower -= whole ? 1 : max(abs(lower) * 0.1, 1e-3)
            upper += whole ? 1 : max(abs(upper) * 0.1, 1e-3)
        }
        var step = Self.niceStep(span: upper - lower, ticks: tickCount)
        if whole { step = max(step.rounded(.up), 1) }
        self.init(range: (lower / step).rounded(.down) * step...(upper / step).rounded(.up) * step, step: step)
    }

    /// An axis of whole numbers over exactly the span of `values`, as for epochs.
    init(wholeSpan values: [Double]) {
        let finite = values.filter(\.isFinite)
        let lower = finite.min() ?? 0
        let upper = max(finite.max() ?? 1, lower + 1)
        self.init(
            range: lower...upper, step: max(Self.niceStep(span: upper - lower, ticks: 8).rounded(.up), 1))
    }

    private init(range: ClosedRange<Double>, step: Double) {
        self.range = range
        places = max(0, Int((-log10(step) - 1e-9).rounded(.up)))
        let first = (range.lowerBound / step - 1e-9).rounded(.up)
        let last = (range.upperBound / step + 1e-9).rounded(.down)
        // The zero added turns -0 into 0.
        ticks = first <= last ? stride(from: first, through: last, by: 1).map { $0 * step + 0 } : []
    }

    /// The 1, 2 or 5 times a power of ten that cuts `span` into about `ticks` parts
    /// (Heckbert, "Nice Numbers for Graph Labels", Graphics Gems, 1990).
    static func niceStep(span: Double, ticks: Int) -> Double {
        let rough = span / Double(max(ticks, 1))
        guard rough > 0, rough.isFinite else { return 1 }
        let power = pow(10, log10(rough).rounded(.down))
        let fraction = rough / power
        let nice = fraction < 1.5 ? 1.0 : fraction < 3 ? 2.0 : fraction < 7 ? 5.0 : 10.0
        return nice * power
    }

    /// Where `value` lies, 0 at the start of the axis and 1 at its end.
    func position(_ value: Double) -> Double {
        (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    }

    /// The text beside a tick.
    func label(_ tick: Double) -> String { Markup.number(tick, places: places) }
}
