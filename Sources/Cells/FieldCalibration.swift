import Findings
import Foundation
import Randomness

/// Fits the evidence of whole fields to one microscope, from labelled ones: a factor and a shift of its log-odds (Platt 1999, with
/// his targets for few examples), both kinds of field counting alike. No weight of a network changes.
///
/// The factor and the shift are held towards 1 and 0, so that few fields move little. `SiteCalibration` does with fields of
/// healthy people alone.
public struct FieldCalibration: Sendable, Equatable, Codable {
    /// A labelled field.
    public struct Field: Sendable, Equatable {
        /// Evidence of the field by the model as it is.
        public let logOdds: Double
        public let hasLeukaemia: Bool

        public init(logOdds: Double, hasLeukaemia: Bool) {
            (self.logOdds, self.hasLeukaemia) = (logOdds, hasLeukaemia)
        }
    }

    /// How sure the fit is with so many fields.
    public struct Point: Sendable, Equatable, Codable {
        /// Half of them with leukaemia.
        public let fields: Int
        /// Standard deviation of the evidence in the middle between both kinds, log-odds, over draws of fields.
        public let deviation: Double
    }

    /// Fewest fields of either kind.
    public static let fewestFields = 8
    /// How strongly factor and shift are held towards 1 and 0: one standard deviation is 1 and 3.
    private static let holds = (scale: 1.0, shift: 1.0 / 9)

    public let withLeukaemia: Int
    public let without: Int
    public let scale: Double
    /// Log-odds.
    public let shift: Double
    /// By number of fields, ascending.
    public let curve: [Point]

    /// - Parameters:
    ///   - fields: From one microscope, read by the model.
    ///   - seed: Of the draws for the curve.
    /// - Throws: `CellError` `calibration` for too few fields, or where fields with leukaemia have no more evidence than others.
    public init(_ fields: [Field], seed: UInt64 = 1) throws {
        let (yes, no) = (fields.filter(\.hasLeukaemia), fields.filter { !$0.hasLeukaemia })
        guard yes.count >= Self.fewestFields, no.count >= Self.fewestFields else {
            throw CellError(
                .calibration,
                "\(yes.count) fields with leukaemia and \(no.count) without are too few; \(Self.fewestFields) of each are "
                    + "needed")
        }
        let line = Self.fit(fields)
        guard line.scale > 0, Self.mean(yes) > Self.mean(no) else {
            throw CellError(
                .calibration,
                "the cells of fields with leukaemia look no more like blasts than those of the others; check labels and scale"
            )
        }
        (withLeukaemia, without, scale, shift) = (yes.count, no.count, line.scale, line.shift)
        let middle = (Self.mean(yes) + Self.mean(no)) / 2
        curve = Self.curve(yes, no, at: middle, seed: seed)
    }

    /// The model for this site: its field model gives `scale` times the evidence, and `shift` more.
    public func applied(to description: CellModelDescription) -> CellModelDescription {
        var fitted = description
        fitted.field.intercept = scale * fitted.field.intercept + shift
        fitted.field.shareWeight *= scale
        fitted.field.highestWeight *= scale
        fitted.field.densityWeight *= scale
        return fitted
    }

    /// Mean negative log-likelihood of labelled fields, both kinds counting alike, in nats.
    public static func logLoss(_ fields: [Field], scale: Double = 1, shift: Double = 0) -> Double {
        func loss(_ fields: [Field]) -> Double {
            let losses = fields.map { field in
                let odds = (scale * field.logOdds + shift) * (field.hasLeukaemia ? -1 : 1)
                return max(odds, 0) + log1p(exp(-abs(odds)))
            }
            return losses.reduce(0, +) / Double(max(1, losses.count))
        }
        return (loss(fields.filter(\.hasLeukaemia)) + loss(fields.filter { !$0.hasLeukaemia })) / 2
    }

    private static func mean(_ fields: [Field]) -> Double {
        fields.reduce(0) { $0 + $1.logOdds } / Double(max(1, fields.count))
    }

    /// One field as the fit sees it.
    private struct Row {
        let value: Double
        let target: Double
        let weight: Double
    }

    /// What is minimised: the weighted cross entropy of the targets, and what holds the line in its place.
    private static func objective(_ rows: [Row], scale: Double, shift: Double) -> Double {
        let held = (holds.scale * (scale - 1) * (scale - 1) + holds.shift * shift * shift) / 2
        return rows.reduce(held) { sum, row in
            let odds = scale * row.value + shift
            return sum + row.weight * (max(odds, 0) - row.target * odds + log1p(exp(-abs(odds))))
        }
    }

    /// Newton's method on two parameters, each step halved until it leads down; what is minimised is convex.
    private static func fit(_ fields: [Field]) -> (scale: Double, shift: Double) {
        let counts = [true, false].map { kind in Double(fields.count { $0.hasLeukaemia == kind }) }
        let few = min(counts[0], counts[1])
        let rows = fields.map { field in
            let count = field.hasLeukaemia ? counts[0] : counts[1]
            return Row(
                value: field.logOdds, target: field.hasLeukaemia ? (count + 1) / (count + 2) : 1 / (count + 2),
                weight: few / count)
        }
        var (scale, shift) = (1.0, 0.0)
        var height = objective(rows, scale: scale, shift: shift)
        for _ in 0..<50 {
            var gradient = ((scale - 1) * holds.scale, shift * holds.shift)
            var (a, b, c) = (holds.scale, 0.0, holds.shift)
            for row in rows {
                let answer = FieldModel.sigmoid(scale * row.value + shift)
                let (error, curvature) = (row.weight * (answer - row.target), row.weight * answer * (1 - answer))
                gradient.0 += error * row.value
                gradient.1 += error
                a += curvature * row.value * row.value
                b += curvature * row.value
                c += curvature
            }
            let determinant = a * c - b * b
            let step = (
                (c * gradient.0 - b * gradient.1) / determinant, (a * gradient.1 - b * gradient.0) / determinant
            )
            var length = 1.0
            while length > 1e-9,
                objective(rows, scale: scale - length * step.0, shift: shift - length * step.1) > height
            {
                length /= 2
            }
            scale -= length * step.0
            shift -= length * step.1
            height = objective(rows, scale: scale, shift: shift)
            if length * (abs(step.0) + abs(step.1)) < 1e-9 { break }
        }
        return (scale, shift)
    }

    private static func curve(_ yes: [Field], _ no: [Field], at middle: Double, seed: UInt64) -> [Point] {
        var random = SplitMix64(seed: seed, 62)
        return [16, 32, 64, 128, 256].filter { $0 <= 2 * min(yes.count, no.count) }.map { wanted in
            let values = (0..<200).map { _ in
                let drawn = [yes, no].flatMap { kind in
                    (0..<wanted / 2).map { _ in kind[random.next(below: kind.count)] }
                }
                let line = fit(drawn)
                return line.scale * middle + line.shift
            }
            let mean = values.reduce(0, +) / Double(values.count)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
            return Point(fields: wanted, deviation: variance.squareRoot())
        }
    }
}
