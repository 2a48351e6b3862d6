import Foundation

/// Of whom a case is: a person in care, or else the owner of the account.
public struct CaseSubject: Sendable, Equatable {
    /// nil for the owner of the account, and for whom it is not told.
    public let dependent: Dependent?
    /// How the person in care is called.
    public let name: String?
    /// What is known of them; nil where nothing is.
    public let person: Person?

    /// Nothing is known, and nobody is in care.
    static let unknown = CaseSubject()

    private init(name: String? = nil, person: Person? = nil) {
        (dependent, self.name, self.person) = (nil, name, person)
    }

    init(of smearCase: SmearCase, in transaction: any PersonRows) throws {
        let stored = try transaction.person(of: smearCase.id)
        dependent = try smearCase.dependentID.flatMap { try transaction.dependent($0) }
        name = dependent?.facts.name
        person =
            dependent.map { dependent in
                Person(
                    id: stored?.id ?? PersonID(), caseID: smearCase.id,
                    facts: (stored?.facts ?? Person.Facts()).of(dependent, sampled: smearCase.createdAt),
                    updatedAt: stored?.updatedAt ?? dependent.updatedAt)
            } ?? stored
    }

    /// With nothing but what is told.
    func telling(_ told: ToldOfCase) -> CaseSubject {
        var person = person
        person?.facts = told.facts
        return CaseSubject(name: told.name, person: person)
    }

    /// Whether anything is known that another system could tell somebody by.
    public var isKnown: Bool { name != nil || person?.facts.isEmpty == false }

    /// `2019` or `2019-04`, as far as it is known.
    public var birthDate: String? {
        let month = dependent?.facts.birthMonth.map { $0 < 10 ? "-0\($0)" : "-\($0)" } ?? ""
        return (person?.facts.birthYear).map { String($0) + month }
    }

    /// Whether they are under 18; nil where no age is known.
    public func isChild(at now: Date) -> Bool? {
        dependent?.isChild(at: now) ?? person?.facts.isChild(at: now)
    }
}
