import Foundation
import Imaging

/// A folder that is removed when the value goes out of use.
final class TemporaryFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("datasets-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        do { try FileManager.default.removeItem(at: url) } catch { print("left behind: \(url.path): \(error)") }
    }

    func write(_ bytes: [UInt8], _ file: String) throws {
        let target = url.appendingPathComponent(file)
        try FileManager.default.createDirectory(
            at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: target)
    }

    /// Drawn smears of 64 pixels, `count` a class, numbered from 1.
    func drawClasses(count: Int) throws {
        for (label, name) in ["Benign", "Early", "Pre", "Pro"].enumerated() {
            for number in 1...count {
                let image = try DrawnSmear.draw(class: label, seed: UInt64(number), side: 64)
                try write(try ImageEncoder.png(image), "\(name)/\(name)-\(number).png")
            }
        }
    }
}
