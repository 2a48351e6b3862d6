import Clinic
import Datasets
import Findings
import Formats
import Foundation

/// Control fields in class folders, with whose they are and how that is known.
struct ControlFolder {
    /// The fields of one person.
    struct Person {
        let label: Sites.ControlLabel
        let files: [URL]
    }

    /// A file that could not be screened.
    struct Refusal: Error {
        let file: String
        let reason: String
    }

    /// In the order of their codes.
    let people: [Person]
    var count: Int { people.reduce(0) { $0 + $1.files.count } }

    /// The table of people beside the class folders.
    static let table = "persons.csv"
    private static let columns = ["file", "person", "known_by"]

    private struct Fact {
        let person: String
        let method: ControlField.Method?
    }

    /// - Throws: `ExitCode` after what is missing went to standard error.
    init(_ folder: URL, knownBy: ControlField.Method?) throws {
        let dataset: Dataset
        do { dataset = try Dataset.load(folder: folder) } catch {
            throw ProgramExit.stop("the control fields cannot be used: \(error)", ProgramExit.badData)
        }
        let facts = try Self.facts(in: folder)
        for file in dataset.rejected where file.file != Self.table {
            ProgramExit.say("left out: \(file.file): \(file.detail)")
        }
        var (groups, nobody, unknown): ([String: (Int, ControlField.Method, [URL])], [String], [String]) = ([:], [], [])
        for item in dataset.items {
            let fact = facts[item.file]
            guard let person = fact?.person ?? item.patient ?? Self.person(inName: item.url.lastPathComponent) else {
                nobody.append(item.file)
                continue
            }
            guard let method = fact?.method ?? knownBy else {
                unknown.append(item.file)
                continue
            }
            groups["\(person)\u{0}\(item.label)\u{0}\(method.rawValue)", default: (item.label, method, [])].2.append(
                item.url)
        }
        try Self.check(
            nobody,
            "have no person: write \(Self.table) with the columns file and person, or begin the file names with a code and "
                + "an underscore, as in P17_03.png")
        try Self.check(
            unknown,
            "are not known by another method: state it with --known-by, or in a column known_by of \(Self.table)")
        guard !groups.isEmpty else {
            throw ProgramExit.stop("there is no labelled image in \(folder.path)", ProgramExit.badData)
        }
        people = try groups.sorted { $0.key < $1.key }.map { key, group in
            let person = String(key.prefix { $0 != "\u{0}" })
            do {
                return Person(
                    label: try Sites.ControlLabel(
                        person: person, label: SmearClass(index: group.0), knownBy: group.1), files: group.2)
            } catch {
                throw ProgramExit.stop("\(person): \(ProgramExit.words(error))", ProgramExit.badData)
            }
        }
    }

    /// What stands before the first underscore; nil where there is none.
    private static func person(inName name: String) -> String? {
        guard let end = name.firstIndex(of: "_"), end > name.startIndex else { return nil }
        return String(name[..<end])
    }

    private static func check(_ files: [String], _ problem: String) throws {
        guard let first = files.first else { return }
        throw ProgramExit.stop("\(files.count) files, first \(first), \(problem)", ProgramExit.badData)
    }

    private static func facts(in folder: URL) throws -> [String: Fact] {
        let url = folder.appending(path: table)
        guard FileManager.default.fileExists(atPath: url.path) else { return [:] }
        func fail(_ line: Int, _ reason: String) -> any Error {
            ProgramExit.stop("\(url.path), line \(line): \(reason)", ProgramExit.badData)
        }
        let text: String
        do { text = try String(contentsOf: url, encoding: .utf8) } catch {
            throw ProgramExit.stop("\(url.path) cannot be read: \(error.localizedDescription)", ProgramExit.badData)
        }
        let records = CSVReader.records(in: text)
        guard let head = records.first?.fields, head.starts(with: columns.prefix(2)),
            head.allSatisfy(columns.contains)
        else { throw fail(1, "the columns must be file, person and, where wanted, known_by") }
        var facts: [String: Fact] = [:]
        for record in records.dropFirst() {
            if let problem = record.problem { throw fail(record.line, problem.rawValue) }
            guard record.fields.count == head.count, !record.fields[0].isEmpty, !record.fields[1].isEmpty else {
                throw fail(record.line, "a line must have a file and a person")
            }
            let name = record.fields.count > 2 ? record.fields[2] : ""
            let method = ControlField.Method(rawValue: name)
            guard method != nil || name.isEmpty else {
                throw fail(
                    record.line,
                    "“\(name)” is no method: there are "
                        + ControlField.Method.allCases.map(\.rawValue).joined(separator: ", "))
            }
            guard facts.updateValue(Fact(person: record.fields[1], method: method), forKey: record.fields[0]) == nil
            else { throw fail(record.line, "\(record.fields[0]) stands twice") }
        }
        return facts
    }
}
