import Clinic
import Crypto
import Findings
import Formats
import Foundation
import Imaging

/// Cuts out the cells that readers stand for, as a collection of single cells that `leukoscope-lab` learns from:
/// `cells/<folder of the type>/<patient>-<image>-<number>.png`, and `cells/cells.csv` with a row each.
struct CellExport: Sendable {
    /// How wide a red cell is in the pictures, in pixels, whatever the microscope.
    static let redCellPixels = 40.0
    /// Side of a picture, in pixels: four and a half red cells.
    static let side = 180
    static let columns = [
        "file", "type", "network", "patient", "case", "model", "modelVersion", "redCellPixels", "sha256",
    ]

    /// A picture with its row.
    struct Picture: Sendable {
        let file: String
        let png: [UInt8]
        let row: [String]
    }

    /// - Parameters:
    ///   - bytes: The stored image.
    ///   - chosen: Its cells.
    ///   - patient: A pseudonym, as the next two.
    /// - Throws: `ImagingError`.
    static func pictures(
        of chosen: TrainingSelection.LabelledCells, in bytes: [UInt8], patient: String, smearCase: String, image: String
    ) throws -> [Picture] {
        let decoded = try ImageDecoder.decodeWithHeader(bytes)
        // Boxes are in pixels of the original, of which a reduced copy may be stored.
        let share = Double(decoded.image.width) / Double(chosen.image.width)
        return try chosen.cells.map { cell in
            let box = cell.network.box
            let wide = Double(side) / redCellPixels * chosen.redCellPixels * share
            let square = max(8, Int(wide.rounded()))
            let picture = try decoded.image.square(
                left: Int(((box.x + box.width / 2) * share - wide / 2).rounded()),
                top: Int(((box.y + box.height / 2) * share - wide / 2).rounded()), side: square
            ).resized(width: side, height: side)
            let png = try ImageEncoder.png(picture)
            let file = "cells/\(cell.type.folder)/\(patient)-\(image)-\(cell.network.number).png"
            return Picture(
                file: file, png: png,
                row: [
                    file, cell.type.rawValue, cell.network.type.rawValue, patient, smearCase, chosen.model.name,
                    chosen.model.version, "\(Int(redCellPixels))", SHA256.hash(data: png).hexadecimal,
                ])
        }
    }
}
