import Foundation

/// How far estimates of a scale are from the truth.
public struct ScaleFigures: Sendable, Equatable, Codable {
    public let images: Int
    /// Share of the images without an estimate, 0 to 1.
    public let refused: Double
    /// Of the estimates: the median of their distance from the truth, as a share of it; nil without any.
    public let medianError: Double?
    /// Of the estimates: the share that is within 10, 15 and 20 % of the truth.
    public let within10: Double?
    public let within15: Double?
    public let within20: Double?
    /// Median of estimate over truth.
    public let medianRatio: Double?

    /// - Parameter pairs: For each image the estimate, nil where it was refused, and the truth, in one unit.
    public init(_ pairs: [(estimate: Double?, truth: Double)]) {
        let ratios = pairs.compactMap { pair in pair.estimate.map { $0 / pair.truth } }
        let errors = ratios.map { abs($0 - 1) }
        func share(_ limit: Double) -> Double? {
            errors.isEmpty ? nil : Double(errors.count { $0 <= limit }) / Double(errors.count)
        }
        images = pairs.count
        refused = pairs.isEmpty ? 0 : Double(pairs.count - ratios.count) / Double(pairs.count)
        medianError = Self.median(errors)
        (within10, within15, within20) = (share(0.1), share(0.15), share(0.2))
        medianRatio = Self.median(ratios)
    }

    static func median(_ values: [Double]) -> Double? { quantile(values, 0.5) }

    /// The value below which `share` of the values lie, nil for none.
    static func quantile(_ values: [Double], _ share: Double) -> Double? {
        values.isEmpty ? nil : values.sorted()[min(values.count - 1, Int(share * Double(values.count)))]
    }
}
