import Findings
import Formats
import Foundation

extension Manifest {
    /// Reads and checks a manifest.
    ///
    /// - Throws: `DatasetError` `unreadable`, `malformedTable` or `invalidManifest`, with the line.
    public init(contentsOf url: URL) throws {
        let text: String
        do {
            text = try String(contentsOf: url, encoding: .utf8)
        } catch {
            throw DatasetError(.unreadable, "the manifest cannot be read: \(error)", path: url.path)
        }
        do {
            try self.init(csv: text)
        } catch var error as DatasetError {
            error.path = url.path
            throw error
        }
    }

    /// Reads and checks the text of a manifest; columns may stand in any order.
    ///
    /// - Throws: `DatasetError` `malformedTable` or `invalidManifest`, with the line.
    public init(csv: String) throws {
        let records = try CSVReader.wholeTable(csv)
        guard let header = records.first else { throw DatasetError(.malformedTable, "the manifest is empty") }
        var positions: [String: Int] = [:]
        for (position, name) in header.fields.enumerated() {
            guard positions.updateValue(position, forKey: name) == nil else {
                throw DatasetError(.malformedTable, "column \(name) stands twice", line: 1)
            }
        }
        let missing = Self.columns.filter { positions[$0] == nil }
        guard missing.isEmpty else {
            throw DatasetError(.malformedTable, "columns missing: \(missing.joined(separator: ", "))", line: 1)
        }
        let additional = header.fields.filter { !Self.columns.contains($0) && $0 != Self.runColumn }
        var entries: [Entry] = []
        var lines: [String: Int] = [:]
        for record in records.dropFirst() {
            let row = try Row(record, positions: positions, width: header.fields.count)
            let entry = try row.entry(additional: additional)
            if let earlier = lines.updateValue(record.line, forKey: entry.file) {
                throw DatasetError(
                    .invalidManifest, "\(entry.file) stands on line \(earlier) already", line: record.line)
            }
            entries.append(entry)
        }
        self.init(entries: entries, additionalColumns: additional)
    }
}

extension CSVReader {
    /// The records of a table each of which must be readable.
    /// - Throws: `DatasetError` `malformedTable`, with the line of the first that is not.
    static func wholeTable(_ text: String, separator: Unicode.Scalar = ",") throws -> [Record] {
        let records = records(in: text, separator: separator)
        for record in records {
            if let problem = record.problem {
                throw DatasetError(.malformedTable, problem.rawValue, line: record.line)
            }
        }
        return records
    }
}

/// One record with its fields by name.
private struct Row {
    let line: Int
    let fields: [String]
    let positions: [String: Int]

    init(_ record: CSVReader.Record, positions: [String: Int], width: Int) throws {
        guard record.fields.count == width else {
            throw DatasetError(
                .malformedTable, "\(record.fields.count) fields where the header has \(width)", line: record.line)
        }
        line = record.line
        fields = record.fields
        self.positions = positions
    }

    func text(_ column: String) -> String {
        positions[column].map { fields[$0] } ?? ""
    }

    func optional(_ column: String) -> String? {
        let text = text(column)
        return text.isEmpty ? nil : text
    }

    func number(_ column: String) throws -> Int {
        guard let number = Int(text(column)), number >= 0 else {
            throw DatasetError(.invalidManifest, "\(column) is “\(text(column))”, not a whole number", line: line)
        }
        return number
    }

    func entry(additional: [String]) throws -> Manifest.Entry {
        guard let label = SmearClass(rawValue: text("label"))?.index else {
            let keys = SmearClass.keys.joined(separator: ", ")
            throw DatasetError(.invalidManifest, "label “\(text("label"))” is none of \(keys)", line: line)
        }
        let file = text("file")
        guard FilePath.staysBelow(file) else {
            throw DatasetError(.invalidManifest, "“\(file)” is no path below the folder of the manifest", line: line)
        }
        let sha256 = text("sha256")
        guard sha256.utf8.count == 64, sha256.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) else {
            throw DatasetError(.invalidManifest, "“\(sha256)” is no SHA-256", line: line)
        }
        return Manifest.Entry(
            file: file, label: label, sha256: sha256, bytes: try number("bytes"), width: try number("width"),
            height: try number("height"), source: text("source"), patient: optional("patient"),
            series: optional("series"), run: optional(Manifest.runColumn), group: try number("group"),
            fold: text("fold").isEmpty ? nil : try number("fold"), additional: additional.map(text))
    }
}
