import Clinic
import Foundation

/// The people in somebody's care.
struct APIPeople: Encodable, Sendable {
    /// How somebody is named where a case is theirs.
    struct Name: Encodable, Sendable {
        let id: DependentID
        let name: String

        init(_ dependent: Dependent) { (id, name) = (dependent.id, dependent.facts.name) }
    }

    struct Entry: Encodable, Sendable {
        let id: DependentID
        let name: String
        /// Whole years today.
        let ageYears: Int
        let birthYear: Int?
        let birthMonth: Int?
        let sex: Person.Sex?
        let cases: Int
        /// Whether the guardian has agreed for them to the notice in force; without, nothing of theirs is screened.
        let consented: Bool
    }

    let people: [Entry]

    init(_ entries: [Care.Entry], now: Date) {
        people = entries.map { entry in
            let (dependent, facts) = (entry.dependent, entry.dependent.facts)
            return Entry(
                id: dependent.id, name: facts.name, ageYears: dependent.age(at: now), birthYear: facts.birthYear,
                birthMonth: facts.birthMonth, sex: facts.sex, cases: entry.cases, consented: entry.standing == .given)
        }
    }
}
