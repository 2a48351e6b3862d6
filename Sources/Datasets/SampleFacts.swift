import Formats
import Foundation

/// What is known of files besides their class: patient, acquisition series and run, from tables a laboratory keeps.
public struct SampleFacts: Sendable, Equatable {
    /// Patient by file path below the scanned folder.
    public var patients: [String: String] = [:]
    /// Acquisition series by file path below the scanned folder.
    public var series: [String: String] = [:]
    /// Acquisition run by file path below the scanned folder; `unassigned` for a file of which it is known that it cannot be
    /// assigned.
    public var runs: [String: String] = [:]

    /// What a table of runs says of a file that cannot be assigned.
    public static let unassigned = "unassigned"

    public init(patients: [String: String] = [:], series: [String: String] = [:], runs: [String: String] = [:]) {
        (self.patients, self.series, self.runs) = (patients, series, runs)
    }

    /// The run of a file; nil where none is known.
    public func run(of file: String) -> String? {
        runs[file] == Self.unassigned ? nil : runs[file]
    }

    /// Reads `file<TAB>value` lines; a first line whose first field is `file` is the header.
    ///
    /// - Throws: `DatasetError` `unreadable`, or `malformedTable` with the line.
    public static func table(_ url: URL) throws -> [String: String] {
        let text: String
        do {
            text = try String(contentsOf: url, encoding: .utf8)
        } catch {
            throw DatasetError(.unreadable, "the table cannot be read: \(error)", path: url.path)
        }
        var values: [String: String] = [:]
        for record in try CSVReader.wholeTable(text, separator: "\t") {
            if record.line == 1, record.fields.first == "file" { continue }
            guard record.fields.count == 2, !record.fields[0].isEmpty, !record.fields[1].isEmpty else {
                throw DatasetError(
                    .malformedTable, "a line must be a file, a tab and a value", path: url.path, line: record.line)
            }
            guard values.updateValue(record.fields[1], forKey: record.fields[0]) == nil else {
                throw DatasetError(
                    .malformedTable, "\(record.fields[0]) stands twice", path: url.path, line: record.line)
            }
        }
        return values
    }

    /// Checks that every file named here was found.
    ///
    /// - Throws: `DatasetError` `malformedTable` with the first few that were not.
    public func check(against files: Set<String>) throws {
        let strangers = Set(patients.keys).union(series.keys).union(runs.keys).subtracting(files).sorted()
        guard let first = strangers.first else { return }
        throw DatasetError(
            .malformedTable, "\(strangers.count) files of the table are not in the folder, first \(first)")
    }
}
