import Foundation

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
