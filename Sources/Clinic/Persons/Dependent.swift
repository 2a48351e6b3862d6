import Foundation

/// A child or another person in somebody's care: a guardian keeps their cases within the own account.
///
/// None of it stands in an address, in the name of a file or in a log.
public struct Dependent: Sendable, Equatable, Codable {
    public let id: DependentID
    /// Whose account it is.
    public let guardianID: UserID
    public var facts: Facts
    /// When the age was told; from then on it is counted on.
    public var ageToldAt: Date
    public let createdAt: Date
    public var updatedAt: Date

    /// What the guardian tells. There is always a year of birth or an age.
    public struct Facts: Sendable, Equatable, Codable {
        /// As the guardian wants to call them: 1 to 100 characters.
        public var name: String
        public var birthYear: Int?
        /// 1 to 12; only with a year.
        public var birthMonth: Int?
        /// Whole years; only without a year of birth.
        public var ageYears: Int?
        public var sex: Person.Sex?

        public init(
            name: String, birthYear: Int? = nil, birthMonth: Int? = nil, ageYears: Int? = nil, sex: Person.Sex? = nil
        ) {
            (self.name, self.birthYear, self.birthMonth) = (name, birthYear, birthMonth)
            (self.ageYears, self.sex) = (ageYears, sex)
        }
    }

    public init(
        id: DependentID = DependentID(), guardianID: UserID, facts: Facts, ageToldAt: Date, createdAt: Date,
        updatedAt: Date
    ) {
        (self.id, self.guardianID, self.facts) = (id, guardianID, facts)
        (self.ageToldAt, self.createdAt, self.updatedAt) = (ageToldAt, createdAt, updatedAt)
    }

    /// Whole years at a moment, as far as they are known: of a year of birth alone the greater of two, of a year and a month
    /// that of somebody born on the month's first day.
    ///
    /// - Parameter moment: Of before the birth, 0 is told.
    public func age(at moment: Date) -> Int {
        let calendar = Self.calendar
        guard let year = facts.birthYear else {
            let since = calendar.dateComponents([.year], from: ageToldAt, to: moment).year ?? 0
            return max(0, (facts.ageYears ?? 0) + since)
        }
        let now = calendar.dateComponents([.year, .month], from: moment)
        let months = ((now.year ?? year) - year) * 12 + (now.month ?? 1) - (facts.birthMonth ?? 1)
        return max(0, months / 12)
    }

    /// Whether they are under 18. Somebody whose 18th birthday falls into this month, or of whom only the year is known into
    /// this year, counts as a child: nobody knows the day.
    public func isChild(at now: Date) -> Bool {
        guard let year = facts.birthYear else { return age(at: now) < Person.Facts.adultAge }
        let parts = Self.calendar.dateComponents([.year, .month], from: now)
        guard let month = facts.birthMonth else { return (parts.year ?? year) - year <= Person.Facts.adultAge }
        return ((parts.year ?? year) - year) * 12 + (parts.month ?? 1) - month <= Person.Facts.adultAge * 12
    }

    /// The same everywhere on Earth; a month is as exact as it gets.
    private static var calendar: Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar
    }
}

public typealias DependentID = Identifier<Dependent>

extension Dependent.Facts {
    /// What fits, cleaned of white space.
    ///
    /// - Parameter now: Nobody is born after it.
    /// - Throws: `ClinicError.invalid` with field `name`, `birthYear`, `birthMonth` or `ageYears`.
    public func checked(now: Date) throws -> Dependent.Facts {
        var facts = self
        facts.name = try AccountRules.name(name)
        let person = try Person.Facts(birthYear: birthYear, ageYears: ageYears).checked(now: now)
        guard person.birthYear != nil || person.ageYears != nil else {
            throw ClinicError(.invalid, "errors.care.age", field: "ageYears")
        }
        if let birthMonth {
            guard let birthYear, (1...12).contains(birthMonth) else {
                throw ClinicError(.invalid, "errors.care.month", field: "birthMonth")
            }
            let parts = Calendar(identifier: .gregorian).dateComponents([.year, .month], from: now)
            guard (birthYear, birthMonth) <= (parts.year ?? birthYear, parts.month ?? 12) else {
                throw ClinicError(.invalid, "errors.care.month", field: "birthMonth")
            }
        }
        return facts
    }
}

/// People in somebody's care.
public protocol DependentRows {
    func insert(_ dependent: Dependent) throws
    /// Stores what is told of them.
    func update(_ dependent: Dependent) throws
    func deleteDependent(_ id: DependentID) throws
    func dependent(_ id: DependentID) throws -> Dependent?
    /// In the order in which they came.
    func dependents(of guardian: UserID) throws -> [Dependent]
}

extension Person.Facts {
    /// The same of a person in care, whose age and sex the guardian's account knows: those of the case give way.
    ///
    /// - Parameter sampled: When the sample was taken, for an age in years.
    public func of(_ dependent: Dependent, sampled: Date) -> Person.Facts {
        var facts = self
        facts.birthYear = dependent.facts.birthYear
        facts.ageYears = dependent.facts.birthYear == nil ? dependent.age(at: sampled) : nil
        facts.sex = dependent.facts.sex
        return facts
    }
}

extension Dependent {
    /// One of a guardian's.
    ///
    /// - Throws: `ClinicError.notFound` for anybody but their guardian.
    static func owned(
        _ id: DependentID, by guardian: UserID, in transaction: any DependentRows
    ) throws -> Dependent {
        guard let dependent = try transaction.dependent(id), dependent.guardianID == guardian else {
            throw ClinicError(.notFound, "errors.nothingHere")
        }
        return dependent
    }
}
