import Foundation

/// A folder that `predict` puts pictures into, named after their images and numbered when two images have the same name.
struct PictureFolder {
    let url: URL
    private var used: Set<String> = []

    /// - Parameters:
    ///   - path: Made if missing.
    ///   - pictures: What it is for, as in `heat maps`.
    /// - Throws: `ProgramExit.unavailable` when the folder cannot be made.
    init(_ path: String, for pictures: String) throws {
        url = URL(fileURLWithPath: path)
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        } catch {
            throw ProgramExit.stop(
                "the folder \(path) for \(pictures) cannot be made: \(error.localizedDescription)",
                ProgramExit.unavailable)
        }
    }

    /// A place that no image of this run has had yet, without an ending.
    mutating func place(for file: String) -> URL {
        let stem = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
        var name = stem
        var number = 2
        while !used.insert(name).inserted {
            name = "\(stem)-\(number)"
            number += 1
        }
        return url.appendingPathComponent(name)
    }

    /// - Throws: `ProgramExit.unavailable` when the file cannot be written.
    static func write(_ data: Data, to url: URL) throws {
        do {
            try data.write(to: url, options: .atomic)
        } catch {
            throw ProgramExit.stop(
                "\(url.path) cannot be written: \(error.localizedDescription)", ProgramExit.unavailable)
        }
    }
}
