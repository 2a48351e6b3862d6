import Cells
import Findings
import Foundation
import Imaging
import Packaging

/// Fits the cell reader of a package to a laboratory's labelled fields, and says what that did to those held back.
public struct SiteCells {
    /// What was found.
    public struct Outcome: Sendable {
        /// The cell model for this laboratory; nil where it stays as it is.
        public let description: CellModelDescription?
        /// What was done or why not, with the figures on fields held back, in a few sentences.
        public let words: String
    }

    private let reader: CellReader
    private let redCellsAcross: Double

    /// - Returns: nil for a package that reads no cells.
    /// - Throws: `CellError`, `InferenceError`.
    public init?(_ package: ModelPackage) throws {
        guard let folder = package.cellModelURL, let cells = package.description.cells else { return nil }
        reader = try CellReader(folder: folder)
        redCellsAcross = cells.redCellsAcross
    }

    /// Reads all images and fits; the cell model stays as it is where there are too few fields of either kind, or where the fields held
    /// back would be read worse.
    /// - Parameters:
    ///   - images: Those of the laboratory, as they arrive.
    ///   - learning: The indices of those that are learned from.
    ///   - heldBack: The indices of those that judge.
    ///   - observe: Done and all.
    /// - Throws: `TrainingError` naming a file that cannot be read, `InferenceError`.
    public func run(
        _ images: [TrainingImage], learning: [Int], heldBack: [Int], observe: (Int, Int) -> Void = { _, _ in }
    ) throws -> Outcome {
        let total = learning.count + heldBack.count
        let learned = try learning.enumerated().map { number, index in
            observe(number + 1, total)
            return try field(images[index])
        }
        let held = try heldBack.enumerated().map { number, index in
            observe(learning.count + number + 1, total)
            return try field(images[index])
        }
        let fitted: FieldCalibration
        do { fitted = try FieldCalibration(learned) } catch let error as CellError where error.code == .calibration {
            return Outcome(description: nil, words: "The reader of cells stays as it is: \(error.message).")
        }
        let (before, after) = (
            FieldCalibration.logLoss(held), FieldCalibration.logLoss(held, scale: fitted.scale, shift: fitted.shift)
        )
        let figures = String(format: "Log loss on the fields held back: %.3f before, %.3f after.", before, after)
        guard after <= before || held.isEmpty else {
            return Outcome(description: nil, words: "The reader of cells stays as it is. \(figures)")
        }
        return Outcome(description: fitted.applied(to: reader.description), words: "\(fitted.words) \(figures)")
    }

    private func field(_ image: TrainingImage) throws -> FieldCalibration.Field {
        let picture: RGBImage
        do { picture = try ImageDecoder.decode([UInt8](Data(contentsOf: image.url))) } catch {
            throw TrainingError(.data, "\(image.url.path) cannot be read: \(error)")
        }
        return FieldCalibration.Field(
            logOdds: try reader.read(picture, redCellsAcross: redCellsAcross).evidence.logOdds,
            hasLeukaemia: SmearClass.isMalignant(image.label))
    }
}
