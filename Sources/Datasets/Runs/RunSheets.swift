import Findings
import Foundation
import Imaging

/// Contact sheets by which a person checks inferred runs. They hold images: look at them, and leave them where they are.
public struct RunSheets: Sendable {
    /// Pixels of a picture's side, and of the coloured frame around it.
    private static let side = 96, frame = 4
    private static let columns = 16, rows = 12

    /// Frames of runs, by number within a class; grey for images without a run.
    private static let colours: [[UInt8]] = [
        [230, 25, 75], [60, 180, 75], [0, 130, 200], [245, 130, 48], [145, 30, 180], [70, 240, 240], [240, 50, 230],
        [128, 128, 0], [0, 0, 0], [170, 110, 40],
    ]
    private static let unknown: [UInt8] = [160, 160, 160]

    /// One sheet.
    private struct Sheet {
        let name: String
        let positions: [Int]
    }

    private let dataset: Dataset
    private let numbers: [Int]

    /// - Parameter dataset: With runs in its manifest.
    public init(_ dataset: Dataset) {
        self.dataset = dataset
        numbers = FileNumbers(dataset.manifest.entries).values
    }

    /// Writes, as PNG, a run's images in the order of their numbers (`runs/`) and a class's in that order, each framed in the
    /// colour of its run (`order/`); `index.tsv` tells which picture is which file. A `.gitignore` keeps all of it out.
    ///
    /// - Parameter folder: Must not exist.
    /// - Returns: Number of sheets.
    /// - Throws: `DatasetError` `alreadyExists`, `unreadable` or `unwritable`.
    public func write(to folder: URL, progress: Dataset.Progress = { _, _ in }) throws -> Int {
        guard !FileManager.default.fileExists(atPath: folder.path) else {
            throw DatasetError(.alreadyExists, "the folder exists already; name a new one", path: folder.path)
        }
        let sheets = self.sheets
        var index = ["sheet\trow\tcolumn\tnumber\trun\tfile"]
        do {
            for part in ["runs", "order"] {
                try FileManager.default.createDirectory(
                    at: folder.appendingPathComponent(part), withIntermediateDirectories: true)
            }
            try Data("*\n".utf8).write(to: folder.appendingPathComponent(".gitignore"))
            for (done, sheet) in sheets.enumerated() {
                let file = Data(try ImageEncoder.png(try picture(of: sheet), level: 3))
                try file.write(to: folder.appendingPathComponent(sheet.name))
                index += lines(of: sheet)
                progress(done + 1, sheets.count)
            }
            try Data((index.joined(separator: "\n") + "\n").utf8).write(to: folder.appendingPathComponent("index.tsv"))
        } catch let error as DatasetError {
            throw error
        } catch {
            throw DatasetError(.unwritable, "the sheets cannot be written: \(error)", path: folder.path)
        }
        return sheets.count
    }

    private var sheets: [Sheet] {
        let entries = dataset.manifest.entries
        let ordered = entries.indices.sorted { (entries[$0].label, numbers[$0]) < (entries[$1].label, numbers[$1]) }
        let runs = Dictionary(grouping: ordered, by: { entries[$0].run ?? SampleFacts.unassigned })
        let classes = Dictionary(grouping: ordered, by: { entries[$0].key })
        return pages(runs, in: "runs") + pages(classes, in: "order")
    }

    private func pages(_ parts: [String: [Int]], in folder: String) -> [Sheet] {
        let size = Self.columns * Self.rows
        return parts.sorted { $0.key < $1.key }.flatMap { name, positions in
            stride(from: 0, to: positions.count, by: size).map { start in
                let end = min(positions.count, start + size)
                return Sheet(
                    name: "\(folder)/\(name)-\(start / size + 1).png", positions: Array(positions[start..<end]))
            }
        }
    }

    private func lines(of sheet: Sheet) -> [String] {
        sheet.positions.enumerated().map { place, position in
            let entry = dataset.manifest.entries[position]
            let cell = "\(place / Self.columns + 1)\t\(place % Self.columns + 1)"
            let run = entry.run ?? SampleFacts.unassigned
            return "\(sheet.name)\t\(cell)\t\(numbers[position])\t\(run)\t\(entry.source)"
        }
    }

    private func picture(of sheet: Sheet) throws -> RGBImage {
        let cell = Self.side + 2 * Self.frame
        let rows = (sheet.positions.count + Self.columns - 1) / Self.columns
        let width = Self.columns * cell, height = max(rows, 1) * cell
        var canvas = RGBImage(width: width, height: height, pixels: Array(repeating: 255, count: width * height * 3))
        for (place, position) in sheet.positions.enumerated() {
            let entry = dataset.manifest.entries[position]
            let left = place % Self.columns * cell, top = place / Self.columns * cell
            canvas.fill(left: left, top: top, side: cell, colour: Self.colour(of: entry.run))
            canvas.paste(try miniature(entry.file), left: left + Self.frame, top: top + Self.frame)
        }
        return canvas
    }

    private func miniature(_ file: String) throws -> RGBImage {
        let url = dataset.folder.appendingPathComponent(file)
        do {
            let image = try ImageDecoder.decode([UInt8](Data(contentsOf: url)), minimumSide: Self.side)
            return try image.resized(width: Self.side, height: Self.side)
        } catch {
            throw DatasetError(.unreadable, "the image cannot be shown: \(error)", path: url.path)
        }
    }

    private static func colour(of run: String?) -> [UInt8] {
        guard let run else { return unknown }
        let number = run.split(separator: "-").last.flatMap { Int($0) } ?? run.utf8.reduce(0) { $0 + Int($1) }
        return colours[(max(number, 1) - 1) % colours.count]
    }
}

extension RGBImage {
    fileprivate mutating func fill(left: Int, top: Int, side: Int, colour: [UInt8]) {
        for y in top..<top + side {
            for x in left..<left + side {
                for channel in 0..<3 { pixels[(y * width + x) * 3 + channel] = colour[channel] }
            }
        }
    }

    fileprivate mutating func paste(_ image: RGBImage, left: Int, top: Int) {
        for y in 0..<image.height {
            let row = image.pixels[y * image.width * 3..<(y + 1) * image.width * 3]
            let start = ((top + y) * width + left) * 3
            pixels.replaceSubrange(start..<start + row.count, with: row)
        }
    }
}
