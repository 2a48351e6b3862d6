import Foundation

/// Whose sample a case holds: a person apart from every account. Everything is optional.
///
/// It belongs to a case, is shown to whoever may see that, and goes with it. None of it stands in an address, in the name
/// of a file or in a log.
public struct Person: Sendable, Equatable, Codable {
    public enum Sex: String, Sendable, CaseIterable, Codable { case female, male, other }

    public let id: PersonID
    public let caseID: CaseID
    public var facts: Facts
    public var updatedAt: Date

    /// What is known.
    public struct Facts: Sendable, Equatable, Codable {
        /// Under which others know the person.
        public var identifiers: [PersonIdentifier]
        /// Under which the laboratory knows the sample.
        public var sample: PersonIdentifier?
        public var birthYear: Int?
        /// Whole years when the sample was taken; where there is a year of birth, that is told instead.
        public var ageYears: Int?
        public var sex: Sex?
        public var counts: BloodCounts

        public init(
            identifiers: [PersonIdentifier] = [], sample: PersonIdentifier? = nil, birthYear: Int? = nil,
            ageYears: Int? = nil, sex: Sex? = nil, counts: BloodCounts = BloodCounts()
        ) {
            (self.identifiers, self.sample, self.birthYear, self.ageYears) = (identifiers, sample, birthYear, ageYears)
            (self.sex, self.counts) = (sex, counts)
        }

        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            identifiers = try values.decodeIfPresent([PersonIdentifier].self, forKey: .identifiers) ?? []
            sample = try values.decodeIfPresent(PersonIdentifier.self, forKey: .sample)
            birthYear = try values.decodeIfPresent(Int.self, forKey: .birthYear)
            ageYears = try values.decodeIfPresent(Int.self, forKey: .ageYears)
            sex = try values.decodeIfPresent(Sex.self, forKey: .sex)
            counts = try values.decodeIfPresent(BloodCounts.self, forKey: .counts) ?? BloodCounts()
        }

        public var isEmpty: Bool { self == Facts() }

        /// Whether the person is under 18; nil where no age is known. Somebody whose 18th birthday falls into this year
        /// counts as a child: of a year of birth nobody knows the day.
        public func isChild(at now: Date) -> Bool? {
            if let birthYear {
                return Calendar(identifier: .gregorian).component(.year, from: now) - birthYear <= Self.adultAge
            }
            return ageYears.map { $0 < Self.adultAge }
        }

        /// Whole years from which somebody decides for themselves (India's DPDP Act 2023, section 2(f)).
        public static let adultAge = 18
    }

    public init(id: PersonID = PersonID(), caseID: CaseID, facts: Facts, updatedAt: Date) {
        (self.id, self.caseID, self.facts, self.updatedAt) = (id, caseID, facts, updatedAt)
    }
}

/// A number or name by which a laboratory, a hospital or a country knows a person or a sample.
public struct PersonIdentifier: Sendable, Hashable, Codable {
    /// Who gave it, such as `https://hospital.example.org/patients`; empty where that is not known.
    public var namespace: String
    public var value: String

    public init(namespace: String, value: String) {
        (self.namespace, self.value) = (namespace, value)
    }
}

/// The blood count of the sample.
public struct BloodCounts: Sendable, Equatable, Codable {
    /// g/dL.
    public var haemoglobin: Double?
    /// 10⁹/L.
    public var whiteCells: Double?
    /// 10⁹/L.
    public var platelets: Double?
    /// Blasts among the white cells, in percent, counted by hand.
    public var blastPercentage: Double?

    public init(
        haemoglobin: Double? = nil, whiteCells: Double? = nil, platelets: Double? = nil,
        blastPercentage: Double? = nil
    ) {
        (self.haemoglobin, self.whiteCells) = (haemoglobin, whiteCells)
        (self.platelets, self.blastPercentage) = (platelets, blastPercentage)
    }
}

public typealias PersonID = Identifier<Person>

/// The persons of cases, and those in somebody's care.
public protocol PersonRows: DependentRows {
    /// Stores whose sample a case holds, in place of what was there.
    func store(_ person: Person) throws
    func person(of smearCase: CaseID) throws -> Person?
    func deletePerson(of smearCase: CaseID) throws
}

extension Person.Facts {
    public static let maximumIdentifiers = 8
    public static let maximumIdentifier = 200

    /// What fits, cleaned of white space.
    ///
    /// - Parameter now: No year of birth lies after it.
    /// - Throws: `ClinicError.invalid` with the field: `identifier`, `sample`, `birthYear`, `ageYears`, `haemoglobin`, `whiteCells`,
    ///   `platelets`, `blastPercentage`.
    public func checked(now: Date) throws -> Person.Facts {
        var facts = self
        facts.identifiers = try identifiers.map { try Self.line($0, "identifier") }.filter { !$0.value.isEmpty }
        facts.sample = try sample.map { try Self.line($0, "sample") }.flatMap { $0.value.isEmpty ? nil : $0 }
        guard facts.identifiers.count <= Self.maximumIdentifiers,
            Set(facts.identifiers).count == facts.identifiers.count
        else {
            throw ClinicError(
                .invalid, "errors.persons.identifiers", ["maximum": Self.maximumIdentifiers], field: "identifier")
        }
        let year = Calendar(identifier: .gregorian).component(.year, from: now)
        try Self.check(birthYear.map(Double.init), year - 130...year, "birthYear")
        try Self.check(ageYears.map(Double.init), 0...130, "ageYears")
        guard birthYear == nil || ageYears == nil else {
            throw ClinicError(.invalid, "errors.persons.ageOrYear", field: "ageYears")
        }
        try Self.check(counts.haemoglobin, 0...30, "haemoglobin")
        try Self.check(counts.whiteCells, 0...2000, "whiteCells")
        try Self.check(counts.platelets, 0...5000, "platelets")
        try Self.check(counts.blastPercentage, 0...100, "blastPercentage")
        return facts
    }

    private static func line(_ identifier: PersonIdentifier, _ field: String) throws -> PersonIdentifier {
        PersonIdentifier(
            namespace: try line(identifier.namespace, field), value: try line(identifier.value, field))
    }

    /// One line without control characters.
    private static func line(_ text: String, _ field: String) throws -> String {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.unicodeScalars.count <= maximumIdentifier else {
            throw ClinicError(.invalid, "errors.texts.tooLong", ["maximum": maximumIdentifier], field: field)
        }
        guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw ClinicError(.invalid, "errors.texts.characters", field: field)
        }
        try HiddenLetters.refuse(in: text, field: field)
        return text
    }

    private static func check(_ value: Double?, _ range: ClosedRange<Int>, _ field: String) throws {
        guard let value else { return }
        guard value >= Double(range.lowerBound), value <= Double(range.upperBound) else {
            throw ClinicError(
                .invalid, "errors.persons.range", ["minimum": range.lowerBound, "maximum": range.upperBound],
                field: field)
        }
    }
}
