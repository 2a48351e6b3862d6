import Cells
import Foundation
import Imaging
import Training

/// One small model, trained once on drawn smears, end to end.
enum DrawnModel {
    static let folder = Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cells-\(UUID().uuidString)")
        var configuration = CellTrainingConfiguration()
        configuration.finder.count = 200
        configuration.finder.batchSize = 8
        configuration.reader.count = 150
        configuration.reader.batchSize = 32
        let smears = try DrawnField.fields(48, firstSeed: 100).enumerated().map {
            LabelledSmear($1, group: "drawn-\($0)")
        }
        try CellModelTraining(configuration).run(smears, into: folder, provenance: "Drawn smears.")
        return folder
    }
}
