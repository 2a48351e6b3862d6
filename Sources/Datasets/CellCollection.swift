import Findings
import Formats
import Foundation

/// Single cells that lie in folders by type beside a set of images, with a list of them: `cells/cells.csv`. An export of what
/// readers confirmed has one; `leukoscope-lab cells train` learns from it (a source of the kind `cells`).
public struct CellCollection: Sendable, Equatable {
    /// A picture with a cell in its middle.
    public struct Cell: Sendable, Equatable {
        /// Path below the folder of the set.
        public let file: String
        public let type: CellType
        /// SHA-256 of the file, 64 lower-case hexadecimal digits.
        public let sha256: String
    }

    public let cells: [Cell]
    private let header: [String]
    /// Those of the list, one a cell.
    private let rows: [[String]]

    /// Cells of each type.
    public var counts: [CellType: Int] { Dictionary(cells.map { ($0.type, 1) }, uniquingKeysWith: +) }

    /// - Parameter folder: Of the set.
    /// - Returns: Nil for a set without cells.
    /// - Throws: `DatasetError` `unreadable`, or `malformedTable` naming the line of the list.
    public init?(in folder: URL) throws {
        let file = folder.appendingPathComponent(Dataset.cellsName)
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        let list: Data
        do { list = try Data(contentsOf: file) } catch {
            throw DatasetError(.unreadable, error.localizedDescription, path: file.path)
        }
        let records = CSVReader.records(in: String(decoding: list, as: UTF8.self))
        let names = records.first?.fields ?? []
        (header, rows) = (names, records.dropFirst().map(\.fields))
        guard let path = names.firstIndex(of: "file"), let type = names.firstIndex(of: "type"),
            let digest = names.firstIndex(of: "sha256")
        else {
            throw DatasetError(.malformedTable, "the columns file, type and sha256 are needed", path: file.path)
        }
        cells = try records.dropFirst().map { record in
            let fields = record.fields
            guard record.problem == nil, fields.count == names.count, let cellType = CellType(rawValue: fields[type]),
                fields[path].hasPrefix("cells/\(cellType.folder)/"), FilePath.staysBelow(fields[path])
            else {
                throw DatasetError(
                    .malformedTable, "a cell needs a type and a file in its folder, such as cells/monocyte/a.png",
                    path: file.path, line: record.line)
            }
            return Cell(file: fields[path], type: cellType, sha256: fields[digest])
        }
    }

    /// Copies the cells and their list; a cell that is not as the list says is left out of the copy and told.
    func copy(from source: URL, to target: URL) throws -> [RejectedFile] {
        var (refused, kept): ([RejectedFile], [[String]]) = ([], [])
        for (cell, row) in zip(cells, rows) {
            let from = source.appendingPathComponent(cell.file)
            let data: Data
            do { data = try Data(contentsOf: from) } catch {
                refused.append(
                    RejectedFile(file: cell.file, reason: .unreadable, detail: error.localizedDescription))
                continue
            }
            guard data.sha256 == cell.sha256 else {
                refused.append(
                    RejectedFile(
                        file: cell.file, reason: .damaged, detail: "the file is not the one that the list names"))
                continue
            }
            let to = target.appendingPathComponent(cell.file)
            try FileManager.default.createDirectory(
                at: to.deletingLastPathComponent(), withIntermediateDirectories: true)
            try data.write(to: to, options: .atomic)
            kept.append(row)
        }
        let file = target.appendingPathComponent(Dataset.cellsName)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(CSV.table([header] + kept).utf8).write(to: file, options: .atomic)
        return refused
    }
}
