import Findings
import Formats
import Foundation

/// One line of a list of doctors: what it says, and what became of it.
public struct DirectoryRow: Sendable, Equatable {
    /// What became of a line.
    public enum Outcome: String, Sendable, Codable, CaseIterable {
        case added, updated, unchanged, refused
    }

    /// Why a line was refused.
    public struct Problem: Sendable, Equatable {
        /// Nil where the line as a whole cannot be read.
        public let column: String?
        public let reason: Message

        init(_ column: DirectoryColumn?, _ reason: Message) {
            (self.column, self.reason) = (column?.rawValue, reason)
        }

        init(_ column: DirectoryColumn?, _ key: StaticString, _ facts: [String: any FactConvertible] = [:]) {
            self.init(column, Message(key, facts: facts))
        }
    }

    /// From 1; the first line has the names of the columns.
    public let line: Int
    /// As the line has it; empty where it cannot be read.
    public let registrationNumber: String
    public let outcome: Outcome
    /// Not empty for a line that was refused.
    public let problems: [Problem]

    public init(line: Int, registrationNumber: String, outcome: Outcome, problems: [Problem] = []) {
        (self.line, self.registrationNumber) = (line, registrationNumber)
        (self.outcome, self.problems) = (outcome, problems)
    }
}

/// A line that was read, before the database is asked.
struct DirectoryLine: Sendable {
    let line: Int
    let registrationNumber: String
    let content: Result<CheckedDoctorEntry, DirectoryLineProblems>
    /// What the towns and postcodes of the database have to tell.
    let wanted: DirectoryLocation

    struct DirectoryLineProblems: Error { let problems: [DirectoryRow.Problem] }

    init(_ record: CSVReader.Record, header: DirectoryHeader, now: Date) throws {
        line = record.line
        wanted = DirectoryLocation { header.text($0, in: record) }
        registrationNumber = String(header.text(.registrationNumber, in: record).prefix(60))
        var problems: [DirectoryRow.Problem] = []
        if let problem = record.problem {
            problems = [.init(nil, problem.message)]
        } else if header.fields(in: record) != header.count {
            problems = [
                .init(
                    nil, "errors.import.fields",
                    ["count": header.fields(in: record), "expected": header.count])
            ]
        }
        guard problems.isEmpty else {
            content = .failure(.init(problems: problems))
            return
        }
        problems = DirectoryColumn.allCases.compactMap { column in
            let text = header.text(column, in: record)
            if text.wholeMatch(of: Self.spreadsheetError) != nil {
                return .init(column, "errors.import.spreadsheetError", ["typed": String(text.prefix(60))])
            }
            guard Self.isPlaceholder(text, in: column) else { return nil }
            return .init(column, "errors.import.placeholder", ["typed": String(text.prefix(60))])
        }
        // What stands for no value is told once, not again as a value that cannot be read.
        let placeholders = Set(problems.map(\.column))
        var entry = Self.entry(record, header, wanted) { problem in
            if !placeholders.contains(problem.column) { problems.append(problem) }
        }
        wanted.stand(in: &entry)
        do {
            let checked = try entry.checked(now: now)
            content = problems.isEmpty ? .success(checked) : .failure(.init(problems: problems))
        } catch let error as DoctorEntryProblems {
            let named = Set(problems.map(\.column))
            problems += error.problems.map {
                .init(DirectoryColumn(field: $0.field), $0.message)
            }.filter { !named.contains($0.column) }
            content = .failure(.init(problems: problems))
        }
    }

    /// What spreadsheets write in place of a value: an error, in several languages, or a number that its column is too
    /// narrow for.
    private static var spreadsheetError: Regex<Substring> {
        /#(?:N\/?[ADV]|[\p{Lu}\d_\/¡]+[!?]|GETTING_DATA|#+)|Err:\d{3}/
    }

    /// What databases and people write where they have no value. `NA` is also Namibia and Nauruan.
    private static func isPlaceholder(_ text: String, in column: DirectoryColumn) -> Bool {
        if text == "NA" { return column != .country && column != .languages }
        return text.wholeMatch(
            of: /(?:n\/a|n\.a\.?|null|\(null\)|\\n|nil|none|nan|undefined|unknown|tb[acd]|[\-–—.?_*\/\\]+)/
                .ignoresCase()) != nil
    }

    /// What the fields say; what cannot be read at all is reported.
    private static func entry(
        _ record: CSVReader.Record, _ header: DirectoryHeader, _ wanted: DirectoryLocation,
        report: (DirectoryRow.Problem) -> Void
    ) -> DoctorEntry {
        let text = { header.text($0, in: record) }
        let list = { (column: DirectoryColumn) in
            text(column).split { "|,;/".contains($0) }.map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
        }
        var entry = DoctorEntry()
        (entry.name, entry.qualifications) = (text(.name), text(.qualifications))
        (entry.council, entry.registrationNumber) = (text(.council), text(.registrationNumber))
        for name in list(.specialties) {
            if let specialty = Specialty(rawValue: name.replacing(" ", with: "-")) {
                entry.specialties.append(specialty)
            } else {
                report(
                    .init(
                        .specialties, "errors.import.specialty",
                        ["typed": "\(name.prefix(60))", "specialties": Specialty.allCases.map(\.rawValue)]))
            }
        }
        entry.languages = LanguageNames.english.codes(in: text(.languages))
        entry.practiceSince = text(.practiceSince)
        (entry.clinicName, entry.street, entry.city) = (text(.clinic), text(.street), text(.city))
        (entry.countryCode, entry.timeZone) = (text(.country), text(.timeZone))
        if !wanted.lacksPosition { entry.position = position(text, report) }
        (entry.fee, entry.currency) = (text(.fee), text(.currency))
        (entry.phone, entry.email) = (text(.phone), text(.email))
        (entry.website, entry.about) = (text(.website), text(.about))
        entry.seesChildren = flag(text(.seesChildren), report)
        entry.openingHours = hours(header, text, report)
        return entry
    }

    private static func position(
        _ text: (DirectoryColumn) -> String, _ report: (DirectoryRow.Problem) -> Void
    ) -> GeoPosition? {
        let ranges: [(DirectoryColumn, ClosedRange<Double>)] = [(.latitude, -90...90), (.longitude, -180...180)]
        let degrees = ranges.map { column, range -> Double? in
            if let value = Double(text(column)), range.contains(value) { return value }
            report(
                .init(
                    column, "errors.import.degrees",
                    ["minimum": Int(range.lowerBound), "maximum": Int(range.upperBound)]))
            return nil
        }
        guard let latitude = degrees[0], let longitude = degrees[1] else { return nil }
        return GeoPosition(latitude: latitude, longitude: longitude)
    }

    private static func flag(_ text: String, _ report: (DirectoryRow.Problem) -> Void) -> Bool {
        switch text.lowercased() {
        case "", "no", "n", "false", "0": return false
        case "yes", "y", "true", "1": return true
        default:
            report(.init(.seesChildren, "errors.import.flag"))
            return false
        }
    }

    /// Nil where the list has no such column, so that hours which a doctor has set stay.
    private static func hours(
        _ header: DirectoryHeader, _ text: (DirectoryColumn) -> String, _ report: (DirectoryRow.Problem) -> Void
    ) -> OpeningHours? {
        guard header.has(.openingHours) else { return nil }
        do {
            var hours = OpeningHours(weekly: try OpeningHours.weekly(written: text(.openingHours)))
            let minutes = text(.slotMinutes)
            if !minutes.isEmpty {
                guard let value = Int(minutes) else {
                    report(.init(.slotMinutes, "errors.import.minutes"))
                    return nil
                }
                hours.slotMinutes = value
            }
            return hours
        } catch {
            report(.init(.openingHours, Message(error)))
            return nil
        }
    }
}

extension CSVReader.Problem {
    var message: Message {
        switch self {
        case .unclosedQuote: Message("errors.import.openQuote")
        case .quoteInField: Message("errors.import.strayQuote")
        case .textAfterQuote: Message("errors.import.afterQuote")
        case .tooLong: Message("errors.import.tooLong")
        case .notUTF8: Message("errors.import.encoding")
        }
    }
}
