import Cells
import Evaluation
import Findings
import Foundation
import Imaging

/// What a wrong ruler does to the evidence of fields: cells are measured against red cells, and people have small or large ones.
struct CellRuler {
    /// Fields read with a ruler that is wrong by one factor.
    struct Reading: Codable, Sendable, Equatable {
        /// What was read: a laboratory, or `drawn`.
        let fields: String
        /// By what the ruler was too long; 1 is the true one.
        let factor: Double
        let malignant: Int
        let healthy: Int
        /// Area under the ROC curve between both.
        let area: Double
        /// Median evidence, log-odds.
        let malignantMedian: Double
        let healthyMedian: Double
    }

    /// People's red cells differ from the usual by so much (microcytes, macrocytes).
    private static let factors = [0.8, 0.9, 1, 1.1, 1.2]
    private static let drawnOfClass = 25

    let reader: CellReader

    /// Labelled fields of one laboratory, told a scale that is wrong.
    /// - Throws: `ImagingError`, `InferenceError`, or an error of the file system.
    func told(_ smears: [LabelledSmear], of laboratory: String) throws -> [Reading] {
        let fields = smears.filter { $0.laboratory == laboratory && $0.showsLeukaemia != nil }
        return try Self.factors.compactMap { factor in
            try reading(
                laboratory, factor,
                fields.map { smear in
                    (
                        smear.showsLeukaemia == true,
                        try reader.read(image: smear.image(), redCellPixels: factor * smear.redCellPixels)
                    )
                })
        }
    }

    /// Drawn smears whose red cells are smaller or larger than usual while their white cells stay, read by those red cells.
    /// - Throws: As `told(_:of:)`.
    func drawn() throws -> [Reading] {
        try Self.factors.compactMap { factor in
            let readings = try SmearClass.allCases.flatMap { smearClass in
                try (0..<Self.drawnOfClass).compactMap { seed -> (Bool, CellReading)? in
                    let smear = try DrawnSmear.drawMeasured(
                        class: smearClass.index, seed: UInt64(7000 + seed), redCellScale: factor)
                    guard let edge = smear.redCellEdgePixels else { return nil }
                    return (
                        smearClass.isMalignant,
                        try reader.read(image: smear.image, redCellPixels: edge * RedCell.boxPerEdge)
                    )
                }
            }
            return try reading("drawn", factor, readings)
        }
    }

    /// - Returns: nil without both kinds of field.
    private func reading(_ name: String, _ factor: Double, _ readings: [(Bool, CellReading)]) throws -> Reading? {
        let evidence = readings.map { (isMalignant: $0, value: $1.evidence.logOdds) }
        let (malignant, healthy) = (
            evidence.filter(\.isMalignant).map(\.value).sorted(),
            evidence.filter { !$0.isMalignant }.map(\.value).sorted()
        )
        guard !malignant.isEmpty, !healthy.isEmpty else { return nil }
        let curve = try ReceiverOperatingCharacteristic(
            scores: evidence.map(\.value), positives: evidence.map(\.isMalignant))
        return Reading(
            fields: name, factor: factor, malignant: malignant.count, healthy: healthy.count, area: curve?.area ?? 0.5,
            malignantMedian: malignant[malignant.count / 2], healthyMedian: healthy[healthy.count / 2])
    }
}
