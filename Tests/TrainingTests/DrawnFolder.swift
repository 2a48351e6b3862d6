import Foundation
import Imaging
import Training

/// Drawn smears in a temporary folder of their own, classes in turn; removed with the value.
final class DrawnFolder {
    let folder: URL
    let items: [TrainingImage]

    init(count: Int, side: Int, seed: UInt64, labels: ((Int) -> Int)? = nil) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("drawn-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var items: [TrainingImage] = []
        for index in 0..<count {
            let image = try DrawnSmear.draw(class: index % 4, seed: seed * 1_000_003 + UInt64(index), side: side)
            let url = folder.appendingPathComponent("\(index).png")
            try Data(ImageEncoder.png(image)).write(to: url)
            items.append(
                TrainingImage(
                    url: url, label: labels?(index) ?? index % 4, group: "\(index)", id: url.lastPathComponent))
        }
        self.items = items
    }

    deinit {
        do { try FileManager.default.removeItem(at: folder) } catch { print("left \(folder.path): \(error)") }
    }
}
