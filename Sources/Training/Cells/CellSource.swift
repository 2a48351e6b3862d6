import Cells
import Datasets
import Findings
import Foundation
import Imaging

/// A set of images with cells, as it lies in the data folder.
public struct CellSource: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable {
        /// `JPEGImages/` and `Annotations/` with boxes of WBC, RBC and Platelets (VOC XML); red cells tell the scale.
        case boxes
        /// `images/` and `labels/` with the same as classes 0, 1, 2 (YOLO). Where red cells are all wider or all higher than
        /// they should be, the image is stretched back.
        case labels
        /// A folder a type of cell (`CellType.folder`), the cell in the middle.
        case cells
        /// A folder a class (Benign, Early, Pre, Pro), with the scale by class and series.
        case classes
        /// Single cells cut out on black, `UID_<person>_…_all` or `…_hem`; never learned from.
        case persons
        /// Drawn smears of the four classes, `limit` of each; they need no folder.
        case drawn
    }

    /// The name of the laboratory.
    public var laboratory: String
    public var kind: Kind
    /// Under the data folder.
    public var folder: String
    /// How wide a red cell is, in pixels, where the images do not tell.
    public var redCellPixels: Double?
    /// The same by class and series, `Benign boxed-100`.
    public var redCellPixelsOfSeries: [String: Double]?
    /// A table of file and series, under the data folder.
    public var series: String?
    /// How many times wider the images are made, so that pixels are square.
    public var stretch: Double?
    /// Only images of this width belong to it.
    public var imageWidth: Int?
    /// At most so many images of a folder.
    public var limit: Int?
    /// Whether it is learned from; else it is measured only.
    public var isLearned: Bool

    /// The images of the set.
    /// - Throws: `TrainingError` for a folder or file that cannot be read.
    public func smears(in data: URL) throws -> [LabelledSmear] {
        let root = data.appendingPathComponent(folder)
        switch kind {
        case .boxes: return try CellBoxes.annotated(root, source: self)
        case .labels: return try CellBoxes.labelled(root, source: self)
        case .cells: return try cells(root)
        case .classes: return try classes(root, data: data)
        case .persons: return try persons(root)
        case .drawn: return try drawn()
        }
    }

    /// Images in a folder, by name, at most `limit`, evenly spread.
    public static func images(in folder: URL, limit: Int? = nil) throws -> [URL] {
        let all: [URL]
        do {
            all = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
                .filter { ["jpg", "png"].contains($0.pathExtension.lowercased()) }
                .sorted { $0.lastPathComponent < $1.lastPathComponent }
        } catch {
            throw TrainingError(.data, "\(folder.path) cannot be listed: \(error.localizedDescription)")
        }
        guard let limit, limit < all.count else { return all }
        return (0..<limit).map { all[$0 * all.count / limit] }
    }

    private func cells(_ root: URL) throws -> [LabelledSmear] {
        let types = CellType.answers.filter {
            FileManager.default.fileExists(atPath: root.appendingPathComponent($0.folder).path)
        }
        guard !types.isEmpty else {
            let names = CellType.answers.map(\.folder).joined(separator: ", ")
            throw TrainingError(.data, "\(root.path) holds no folder of cells; their names are \(names)")
        }
        return try types.sorted { $0.folder < $1.folder }.flatMap { type in
            try Self.images(in: root.appendingPathComponent(type.folder), limit: limit).map { url in
                LabelledSmear(
                    pixels: .file(url, across: 1, down: 1), truth: .middle(type),
                    redCellPixels: try scale(), laboratory: laboratory, group: Self.person(of: url))
            }
        }
    }

    /// Exported cells are named `<person>-<image>-<number>`; what has no such name stands for itself.
    private static func person(of url: URL) -> String {
        let name = url.lastPathComponent
        return name.firstIndex(of: "-").map { String(name[..<$0]) } ?? name
    }

    private func classes(_ root: URL, data: URL) throws -> [LabelledSmear] {
        let table = try series.map { try Self.table(data.appendingPathComponent($0)) } ?? [:]
        return try SmearClass.allCases.flatMap { smearClass in
            let name = smearClass.folder
            return try Self.images(in: root.appendingPathComponent(name), limit: limit).map { url in
                let file = "\(name)/\(url.lastPathComponent)"
                let pixels = redCellPixelsOfSeries?["\(name) \(table[file] ?? "")"]
                return LabelledSmear(
                    pixels: .file(url, across: stretch ?? 1, down: 1),
                    truth: .diagnosis(isMalignant: smearClass.isMalignant, class: name),
                    redCellPixels: try pixels ?? scale(), laboratory: laboratory, group: file)
            }
        }
    }

    private func drawn() throws -> [LabelledSmear] {
        try SmearClass.allCases.flatMap { smearClass in
            try (0..<(limit ?? 100)).compactMap { number in
                let drawn = try DrawnSmear.drawMeasured(class: smearClass.index, seed: UInt64(number))
                guard let edge = drawn.redCellEdgePixels else { return nil }
                return LabelledSmear(
                    pixels: .memory(drawn.image),
                    truth: .diagnosis(isMalignant: smearClass.isMalignant, class: smearClass.rawValue),
                    redCellPixels: edge * RedCell.boxPerEdge, laboratory: laboratory, group: "drawn-\(number)")
            }
        }
    }

    private func persons(_ root: URL) throws -> [LabelledSmear] {
        try Self.images(in: root, limit: limit).map { url in
            let parts = url.deletingPathExtension().lastPathComponent.split(separator: "_")
            guard parts.count > 2 else { throw TrainingError(.data, "\(url.path) names no person") }
            return LabelledSmear(
                pixels: .file(url, across: 1, down: 1),
                truth: .diagnosis(isMalignant: parts.last == "all", class: String(parts[parts.count - 1])),
                redCellPixels: try scale(), laboratory: laboratory, group: parts[1].uppercased())
        }
    }

    private func scale() throws -> Double {
        guard let redCellPixels else {
            throw TrainingError(.configuration, "the source \(laboratory) says not how wide a red cell is")
        }
        return redCellPixels
    }

    /// The first two columns of a tabbed file under a line of headings.
    private static func table(_ file: URL) throws -> [String: String] {
        do {
            let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst()
            let rows = lines.map { $0.split(separator: "\t").map(String.init) }.filter { $0.count > 1 }
            return Dictionary(rows.map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
        } catch {
            throw TrainingError(.data, "\(file.path) cannot be read: \(error.localizedDescription)")
        }
    }
}
