import Cells
import Foundation
import Packaging
import Tensors

extension ModelPackage {
    /// Puts a cell model beside the field network, which stays as it is.
    /// - Parameters:
    ///   - folder: The cell model; its three files are copied.
    ///   - agreement: What the cells have to say for a class to be told, and how that was chosen; nil for what the package says
    ///     already.
    ///   - redCellsAcross: How many red cells lie along the shorter side of an image whose scale nothing tells; nil likewise.
    ///   - name: Of the package that is made; nil for the name it has.
    ///   - version: Of the package that is made.
    ///   - history: Earlier versions and what changed, in Markdown, for the card.
    ///   - directory: The package to make or replace; may be this one.
    /// - Throws: `CellError` for a folder that holds no cell model, `TrainingError`, `PackagingError`; what is there is then
    ///   unchanged.
    @discardableResult
    public func adding(
        cells folder: URL, agreement: CellAgreement? = nil, redCellsAcross: Double? = nil, name: String? = nil,
        version: String, history: String?, to directory: URL
    ) throws -> ModelPackage {
        _ = try CellModelDescription.read(folder: folder)
        var description = description
        description.formatVersion = ModelDescription.currentFormatVersion
        description.version = version
        description.name = name ?? description.name
        var metrics = try Data(contentsOf: metricsURL)
        if let agreement { metrics = try MetricsFile.adding("cells", agreement, to: metrics) }
        let figures = try ModelFigures(json: metrics, path: metricsURL.path)
        guard let limits = agreement?.limits ?? description.cells?.agreement else {
            throw TrainingError(
                .configuration, "\(self.directory.path) reads no cells yet; put a cell model into it first (cells pack)"
            )
        }
        description.cells = .init(
            redCellsAcross: redCellsAcross ?? description.cells?.redCellsAcross ?? 12, agreement: limits)
        return try ModelPackage.write(
            description, onnx: networkURL,
            parameters: Safetensors.read(self.directory.appendingPathComponent(FileName.parameters)),
            references: references, cells: folder,
            card: ModelCard(description: description, figures: figures, history: history).markdown,
            metrics: metrics, to: directory)
    }
}

extension ModelPackage {
    /// A package whose cell model is fitted to a site; the rest stays as it is.
    /// - Parameters:
    ///   - cells: The description of the fitted cell model, whose networks are this package's.
    ///   - words: What was done, for the card.
    ///   - name: Of the package that is made.
    ///   - version: Likewise.
    ///   - directory: The package to make or replace; may be this one.
    /// - Throws: `TrainingError`, `PackagingError`, or an error of the file system.
    @discardableResult
    public func fitting(
        cells description: CellModelDescription, words: String, name: String, version: String, to directory: URL
    ) throws -> ModelPackage {
        let files = FileManager.default
        let folder = files.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try files.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? files.removeItem(at: folder) }  // a leftover temporary folder harms nothing
        for name in ModelPackage.FileName.cells.dropFirst() {
            try files.copyItem(
                at: self.directory.appendingPathComponent(name), to: folder.appendingPathComponent(name))
        }
        try description.write(to: folder)
        return try adding(
            cells: folder, name: name, version: version,
            history:
                "\(self.description.name) \(self.description.version), its cells fitted to one microscope. \(words)",
            to: directory)
    }
}

extension SiteCalibration {
    /// What was done and how sure it is, in a sentence or two.
    public var words: String {
        let points = curve.map { String(format: "%.2f with %d cells", $0.deviation, $0.cells) }
        let needed =
            neededCells.map { "\($0) cells are enough." }
            ?? "More cells are needed before the shift is sure to \(Self.wantedDeviation)."
        return String(
            format: "Shift %+.2f log-odds from %d white cells in %d fields of healthy people. ", shift, cells, fields)
            + "Standard deviation: \(points.isEmpty ? "not known" : points.joined(separator: ", ")). \(needed)"
    }
}

extension FieldCalibration {
    /// What was done and how sure it is, in a sentence or two.
    public var words: String {
        let points = curve.map { String(format: "%.2f with %d fields", $0.deviation, $0.fields) }
        return String(
            format: "Log-odds of the evidence times %.2f and %+.2f, from %d fields with leukaemia and %d without. ",
            scale,
            shift, withLeukaemia, without)
            + "Standard deviation in the middle between both: \(points.joined(separator: ", "))."
    }
}
