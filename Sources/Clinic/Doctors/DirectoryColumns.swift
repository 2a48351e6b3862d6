import Formats
import Foundation

/// The columns of a list of doctors, by the names in its first line.
public enum DirectoryColumn: String, Sendable, CaseIterable {
    case name
    case qualifications
    case council
    case registrationNumber = "registration_number"
    case specialties
    case languages
    case practiceSince = "practice_since"
    case clinic
    case street
    case city
    case postcode
    case country
    case latitude
    case longitude
    case timeZone = "time_zone"
    case fee
    case currency
    case phone
    case email
    case website
    case about
    case seesChildren = "sees_children"
    case openingHours = "opening_hours"
    case slotMinutes = "slot_minutes"

    /// Whether the column may be missing.
    public var isOptional: Bool {
        switch self {
        case .postcode, .latitude, .longitude, .timeZone, .fee, .currency, .phone, .email, .website, .about,
            .seesChildren, .openingHours, .slotMinutes:
            true
        default: false
        }
    }

    /// What stands in it, for help texts.
    public var explanation: String {
        switch self {
        case .name: "as patients know it"
        case .qualifications: "such as “MD, DM (Clinical Haematology)”"
        case .council: "the medical council that keeps the register"
        case .registrationNumber: "the number there; council and number together name an entry"
        case .specialties:
            "one or more of \(Specialty.allCases.map(\.rawValue).joined(separator: ", ")), the main one first, separated by |"
        case .languages: "names or codes of ISO 639, separated by |, such as English|Hindi|தமிழ் or en|hi|ta"
        case .practiceSince: "the year in which practice began, such as 2009"
        case .clinic: "the name of the practice or hospital"
        case .street: "street and number"
        case .city: "the town"
        case .postcode: "tells where the practice is, where latitude and longitude are empty"
        case .country: "ISO 3166-1, two letters, such as IN"
        case .latitude, .longitude: "degrees, with a point; both empty where postcode or town tell them"
        case .timeZone: "of the IANA database, such as Asia/Kolkata; empty where the place tells it"
        case .fee: "of a visit, such as 800 or 65.50"
        case .currency: "of the fee, ISO 4217, such as INR"
        case .phone, .email: "for patients"
        case .website: "https://…"
        case .about: "a few sentences"
        case .seesChildren: "yes or no"
        case .openingHours: "such as “Mon-Fri 09:00-17:00; Sat 09:00-12:00”"
        case .slotMinutes: "minutes of one visit, 5 to 240"
        }
    }

    /// The column in which a field of `DoctorEntry` stands.
    init(field: String?) {
        self =
            switch field ?? "" {
            case "registrationNumber": .registrationNumber
            case "practiceSince": .practiceSince
            case "clinicName": .clinic
            case "countryCode": .country
            case "position": .latitude
            case "timeZone": .timeZone
            case "slotMinutes": .slotMinutes
            case let field where field.hasPrefix("weekly") || field.hasPrefix("exceptions"): .openingHours
            case let field: DirectoryColumn(rawValue: field) ?? .name
            }
    }
}

/// Which column stands where in a list.
struct DirectoryHeader: Sendable {
    private let places: [DirectoryColumn: Int]
    let count: Int

    /// - Parameter record: The first line.
    /// - Throws: `ClinicError.invalid` for names that are unknown, missing or there twice.
    init(_ record: CSVReader.Record) throws {
        if let problem = record.problem { throw ClinicError(.invalid, problem.message) }
        var places: [DirectoryColumn: Int] = [:]
        // Spreadsheets end every line with a separator for each column that once held something.
        let names = record.fields.trimmedAtEnd
        for (index, name) in names.enumerated() {
            let key = name.trimmingCharacters(in: .whitespaces).lowercased().replacing(/[ -]/, with: "_")
            guard let column = DirectoryColumn(rawValue: key) else {
                let known = DirectoryColumn.allCases.map(\.rawValue).joined(separator: ", ")
                throw ClinicError(
                    .invalid, "errors.import.unknownColumn",
                    ["line": record.line, "column": "\(name.prefix(60))", "columns": known])
            }
            guard places.updateValue(index, forKey: column) == nil else {
                throw ClinicError(.invalid, "errors.import.columnTwice", ["line": record.line, "column": key])
            }
        }
        let missing = DirectoryColumn.allCases.filter { !$0.isOptional && places[$0] == nil }.map(\.rawValue)
        guard missing.isEmpty else {
            throw ClinicError(
                .invalid, "errors.import.missingColumns",
                ["line": record.line, "columns": missing.joined(separator: ", ")])
        }
        self.places = places
        count = names.count
    }

    /// How many fields a record has, without empty ones behind the last column.
    func fields(in record: CSVReader.Record) -> Int {
        max(min(count, record.fields.count), record.fields.trimmedAtEnd.count)
    }

    func has(_ column: DirectoryColumn) -> Bool { places[column] != nil }

    /// The text of a column, trimmed; empty where the list has no such column.
    func text(_ column: DirectoryColumn, in record: CSVReader.Record) -> String {
        guard let index = places[column], index < record.fields.count else { return "" }
        return record.fields[index].trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

extension [String] {
    /// Without empty texts at the end.
    fileprivate var trimmedAtEnd: ArraySlice<String> {
        self[..<((lastIndex { !$0.allSatisfy(\.isWhitespace) } ?? -1) + 1)]
    }
}
