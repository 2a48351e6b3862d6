import Findings
import Foundation
import Randomness

/// Fits the evidence of cells to one microscope, from fields of healthy people alone: the 95th hundredth of their white cells is
/// moved to where it lay in the laboratories of training. No weight of a network changes.
///
/// The order of cells carries over to another laboratory, their level does not; this brings the level back.
public struct SiteCalibration: Sendable, Equatable, Codable {
    /// How sure the shift is with so many cells.
    public struct Point: Sendable, Equatable, Codable {
        /// White cells, of whole fields.
        public let cells: Int
        /// Standard deviation of the shift over draws of fields, log-odds.
        public let deviation: Double
    }

    /// Fewest white cells that a shift may rest on.
    public static let fewestCells = 20
    /// What a shift may be uncertain by before more cells are asked for, log-odds: about a tenth of the size of a nucleus.
    public static let wantedDeviation = 0.5

    public let fields: Int
    public let cells: Int
    /// Added to the log-odds of each cell.
    public let shift: Double
    /// By number of cells, ascending; empty where there are too few fields to tell.
    public let curve: [Point]

    /// The least number of cells at which the shift is sure enough; nil where even all of them are too few.
    public var neededCells: Int? { curve.first { $0.deviation <= Self.wantedDeviation }?.cells }

    /// - Parameters:
    ///   - readings: Fields of healthy people from the site, read by the model.
    ///   - description: The model.
    ///   - seed: Of the draws for the curve.
    /// - Throws: `CellError` `calibration` for too few cells, or a model that does not state where normal cells lie.
    public init(normal readings: [CellReading], of description: CellModelDescription, seed: UInt64 = 1) throws {
        try self.init(
            evidence: readings.map { $0.cells.filter(\.type.isWhiteCell).map(\.blastEvidence) }, of: description,
            seed: seed)
    }

    /// - Parameter evidence: Log-odds of the white cells, a list a field.
    /// - Throws: As `init(normal:of:seed:)`.
    public init(evidence: [[Double]], of description: CellModelDescription, seed: UInt64 = 1) throws {
        guard let reference = description.normalHigh else {
            throw CellError(.calibration, "the cell model does not say where normal cells lie (normalHigh)")
        }
        let byField = evidence.filter { !$0.isEmpty }
        let all = byField.flatMap(\.self)
        guard all.count >= Self.fewestCells else {
            throw CellError(
                .calibration,
                "\(all.count) white cells were found in \(evidence.count) fields; at least \(Self.fewestCells) are needed"
            )
        }
        (fields, cells) = (evidence.count, all.count)
        shift = reference - Self.high(all)
        curve = Self.curve(byField, seed: seed)
    }

    /// The model for this site.
    public func applied(to description: CellModelDescription) -> CellModelDescription {
        var fitted = description
        fitted.calibration.shift += shift
        return fitted
    }

    /// What 95 of 100 do not exceed.
    public static func high(_ evidence: [Double]) -> Double {
        let sorted = evidence.sorted()
        return sorted[min(sorted.count - 1, Int((0.95 * Double(sorted.count)).rounded(.down)))]
    }

    private static func curve(_ byField: [[Double]], seed: UInt64) -> [Point] {
        guard byField.count >= 4 else { return [] }
        var random = SplitMix64(seed: seed, 61)
        let most = byField.reduce(0) { $0 + $1.count }
        return [20, 50, 100, 200, 400, 800].filter { $0 <= most }.map { wanted in
            let highs = (0..<200).map { _ in
                var drawn: [Double] = []
                while drawn.count < wanted { drawn += byField[random.next(below: byField.count)] }
                return high(drawn)
            }
            let mean = highs.reduce(0, +) / Double(highs.count)
            let variance = highs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(highs.count - 1)
            return Point(cells: wanted, deviation: variance.squareRoot())
        }
    }
}
