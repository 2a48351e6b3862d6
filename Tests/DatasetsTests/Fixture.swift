import Foundation
import Glibc
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

/// Folders within folders, deeper than a path may be long (`PATH_MAX`): nobody can list the innermost by its path, not even root.
/// They are taken away when the value goes out of use.
final class DeepFolder: Sendable {
    let levels: Int
    private let folders: [Int32]
    private static let name = String(repeating: "d", count: 250)

    init(below path: String) throws {
        var open = [Glibc.open(path, O_RDONLY | O_DIRECTORY)]
        for _ in 0..<18 {
            guard let last = open.last, mkdirat(last, Self.name, 0o700) == 0 else { break }
            open.append(openat(last, Self.name, O_RDONLY | O_DIRECTORY))
        }
        (folders, levels) = (open, open.count - 1)
    }

    deinit {
        for folder in folders.reversed() {
            // The innermost holds none.
            unlinkat(folder, Self.name, AT_REMOVEDIR)
            close(folder)
        }
    }
}
