import Findings
import Foundation
import Packaging
import Screening
import Tensors

/// A package that reads cells, made of the network that tells colours apart and a cell model of drawn smears.
enum CellPackage {
    static let screener = Result { try make(AgreementLimits(benignMaximum: 1, malignantMinimum: 0)) }

    static func make(_ agreement: AgreementLimits) throws -> Screener {
        let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/inference/tiny-package")
        let original = try ModelPackage(directory: fixture)
        var description = original.description
        description.formatVersion = ModelDescription.currentFormatVersion
        description.cells = .init(agreement: agreement)
        description.quality = QualityLimits()
        description.novelty.threshold = 2
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("cells-\(UUID().uuidString)")
        let package = try ModelPackage.write(
            description, onnx: original.networkURL,
            parameters: Safetensors.read(fixture.appendingPathComponent("parameters.safetensors")),
            cells: DrawnModel.folder.get(), card: "", metrics: Data("{}".utf8), to: place)
        return try Screener(package: package)
    }
}
