import Findings
import Formats
import Foundation
import Imaging
import Screening

/// `cells.csv`, which `predict --cells` writes: a line a cell, in the order of the images.
struct CellTable {
    static let columns = [
        "file", "cell", "x", "y", "width", "height", "type", "typeProbability", "blastEvidence", "nucleusArea",
        "redCellPixels",
    ]
    private let handle: FileHandle

    /// Begins the table anew.
    /// - Throws: `ProgramExit.unavailable` when it cannot be written.
    init(in folder: URL) throws {
        let url = folder.appendingPathComponent("cells.csv")
        try PictureFolder.write(Data(CSV.line(Self.columns).utf8), to: url)
        do {
            handle = try FileHandle(forWritingTo: url)
            try handle.seekToEnd()
        } catch {
            throw ProgramExit.stop(
                "\(url.path) cannot be written: \(error.localizedDescription)", ProgramExit.unavailable)
        }
    }

    /// The lines of one image.
    static func lines(_ explanation: ScreeningExplanation, file: String) -> String {
        let scale = explanation.result.cells.map { number($0.scale.redCellPixels) } ?? ""
        return explanation.cells.map { cell in
            CSV.line([
                CSV.plain(file), "\(cell.number)", number(cell.box.left), number(cell.box.top),
                number(cell.box.right - cell.box.left), number(cell.box.bottom - cell.box.top), cell.type.rawValue,
                number(cell.typeProbability, digits: 4), number(cell.blastEvidence, digits: 4),
                number(cell.nucleusArea, digits: 3), scale,
            ])
        }.joined()
    }

    func add(_ lines: String) throws {
        do { try handle.write(contentsOf: Data(lines.utf8)) } catch {
            throw ProgramExit.stop(
                "cells.csv cannot be written: \(error.localizedDescription)", ProgramExit.unavailable)
        }
    }

    private static func number(_ value: Double, digits: Int = 1) -> String {
        String(format: "%.\(digits)f", locale: Locale(identifier: "en_US_POSIX"), value)
    }
}
