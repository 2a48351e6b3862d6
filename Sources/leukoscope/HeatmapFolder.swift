import Foundation
import Screening

/// Where `predict --heatmap` puts its pictures: `<name>.heatmap.png`, numbered when two images have the same name.
struct HeatmapFolder {
    private let folder: URL
    private var used: Set<String> = []

    /// - Throws: `ProgramExit.unavailable` when the folder cannot be made.
    init(_ path: String) throws {
        folder = URL(fileURLWithPath: path)
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw ProgramExit.stop(
                "the folder \(path) for heat maps cannot be made: \(error.localizedDescription)",
                ProgramExit.unavailable)
        }
    }

    /// A name that no image of this run has had yet.
    mutating func place(for file: String) -> URL {
        let stem = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
        var name = stem
        var number = 2
        while !used.insert(name).inserted {
            name = "\(stem)-\(number)"
            number += 1
        }
        return folder.appendingPathComponent("\(name).heatmap.png")
    }
}
