import Cells
import Foundation
import Packaging
import Tensors

extension ModelPackage {
    /// Puts a cell model beside the field network, which stays as it is.
    /// - Parameters:
    ///   - folder: The cell model; its three files are copied.
    ///   - agreement: What the cells have to say for a class to be told, and how that was chosen.
    ///   - redCellsAcross: How many red cells lie along the shorter side of an image whose scale nothing tells.
    ///   - version: Of the package that is made.
    ///   - history: Earlier versions and what changed, in Markdown, for the card.
    ///   - directory: The package to make or replace; may be this one.
    /// - Throws: `CellError` for a folder that holds no cell model, `TrainingError`, `PackagingError`; what is there is then
    ///   unchanged.
    @discardableResult
    public func adding(
        cells folder: URL, agreement: CellAgreement, redCellsAcross: Double, version: String, history: String?,
        to directory: URL
    ) throws -> ModelPackage {
        _ = try CellModelDescription.read(folder: folder)
        var description = description
        description.formatVersion = ModelDescription.currentFormatVersion
        description.version = version
        description.cells = .init(redCellsAcross: redCellsAcross, agreement: agreement.limits)
        var figures = try ModelFigures(of: self)
        figures.cells = agreement
        return try ModelPackage.write(
            description, onnx: networkURL,
            parameters: Safetensors.read(self.directory.appendingPathComponent(FileName.parameters)),
            references: references, cells: folder,
            card: ModelCard(description: description, figures: figures, history: history).markdown,
            metrics: figures.json(), to: directory)
    }
}
