import Clinic
import Foundation
import Store
import Testing

extension Dependent {
    static func sample(of guardian: UserID, name: String = "மீனா") -> Dependent {
        Dependent(
            guardianID: guardian, facts: .init(name: name, birthYear: 2019, birthMonth: 4, sex: .female),
            ageToldAt: moment(1), createdAt: moment(1), updatedAt: moment(1))
    }
}

extension Consent {
    static func sample(
        of user: UserID, for dependent: DependentID? = nil, _ answer: Consent.Answer = .given,
        words: String = "அறிவிப்பு"
    ) -> Consent {
        Consent(
            of: user, for: dependent, answer, notice: "2026-12-01", text: ConsentText(language: "ta", words: words),
            at: moment(2))
    }
}

@Suite struct DependentRowsTests {
    @Test(arguments: TestedDatabase.allCases)
    func `people in care come back as they were told, with their cases, and go with their guardian`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let (guardian, other) = (User.sample(), User.sample("b@example.org"))
            var child = Dependent.sample(of: guardian.id)
            let parent = Dependent(
                guardianID: guardian.id, facts: .init(name: "Father", ageYears: 71), ageToldAt: moment(2),
                createdAt: moment(2), updatedAt: moment(2))
            var theirs = SmearCase.sample(of: guardian.id)
            theirs.dependentID = child.id
            let (first, own) = (theirs, SmearCase.sample(of: guardian.id, at: moment(3)))
            let made = child
            try await database.write { transaction in
                for user in [guardian, other] { try transaction.insert(user) }
                for dependent in [parent, made] { try transaction.insert(dependent) }
                for smearCase in [own, first] { try transaction.insert(smearCase) }
            }
            #expect(try await database.read { try $0.dependents(of: guardian.id) } == [child, parent])
            #expect(try await database.read { try $0.dependents(of: other.id) }.isEmpty)
            #expect(try await database.read { try $0.cases(ofDependent: made.id, limit: 9) } == [first])
            #expect(try await database.read { try $0.smearCase(own.id)?.dependentID } == nil)
            child.facts = .init(name: "Meena", ageYears: 7)
            (child.ageToldAt, child.updatedAt) = (moment(5), moment(5))
            let changed = child
            try await database.write { try $0.update(changed) }
            #expect(try await database.read { try $0.dependent(changed.id) } == changed)
            let moved = theirs
            try await database.write { transaction in try transaction.update(moved.id) { $0.dependentID = nil } }
            #expect(try await database.read { try $0.countCases(ofDependent: made.id) } == 0)
            try await database.write { transaction in
                try transaction.deleteDependent(parent.id)
                try transaction.deleteUser(guardian.id)
            }
            #expect(try await database.read { try $0.dependent(made.id) } == nil)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `somebody whom a restored backup brought back goes again, and a case that it still calls theirs stays`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let guardian = User.sample()
            let child = Dependent.sample(of: guardian.id)
            var theirs = SmearCase.sample(of: guardian.id)
            theirs.dependentID = child.id
            let smearCase = theirs
            let erasure = Erasure(.dependent, child.id.text, at: moment(4))
            let (first, again) = try await database.write { transaction in
                try transaction.insert(guardian)
                try transaction.insert(child)
                try transaction.insert(smearCase)
                return (
                    try erasure.carryOut(by: .system, in: transaction),
                    try erasure.carryOut(by: .system, in: transaction)
                )
            }
            #expect(first == [] && again == nil)
            #expect(try await database.read { try $0.dependent(child.id) } == nil)
            let left = try #require(try await database.read { try $0.smearCase(smearCase.id) })
            #expect(left.dependentID == nil && left.title == smearCase.title)
            #expect(try await database.read { try $0.erasures() } == [erasure])
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `the last answer counts, of each account and person, and every text is kept once`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let (user, other) = (User.sample(), User.sample("b@example.org"))
            let child = Dependent.sample(of: user.id)
            let answers = [
                Consent.sample(of: user.id), .sample(of: user.id, for: child.id),
                .sample(of: other.id, words: "Another notice"), .sample(of: user.id, .withdrawn),
            ]
            try await database.write { transaction in
                for one in [user, other] { try transaction.insert(one) }
                try transaction.insert(child)
                #expect(try transaction.consent(of: user.id, for: nil) == nil)
                for answer in answers { try transaction.append(answer) }
            }
            #expect(try await database.read { try $0.consents(of: user.id) } == [answers[0], answers[1], answers[3]])
            #expect(try await database.read { try $0.consent(of: user.id, for: nil) } == answers[3])
            #expect(try await database.read { try $0.consent(of: user.id, for: child.id) } == answers[1])
            #expect(try await database.read { try $0.consent(of: other.id, for: child.id) } == nil)
            let texts = try await database.reading { try $0.rows("SELECT COUNT(*) FROM consent_texts", []) }
            #expect(texts == [[.integer(2)]])
            // After a backup was put back whoever had agreed is asked again, once.
            let given = try await database.read { try $0.givenConsents() }
            #expect(Set(given.map(\.id)) == [answers[1].id, answers[2].id])
            try await database.write { try Consents.lapse(at: moment(3), in: $0) }
            #expect(try await database.read { try $0.givenConsents() }.isEmpty)
            let lapsed = try #require(try await database.read { try $0.consent(of: user.id, for: child.id) })
            #expect(lapsed.answer == .lapsed && lapsed.text == answers[1].text && lapsed.at == moment(3))
            #expect(try await database.read { try $0.consent(of: user.id, for: nil) } == answers[3])
            await #expect(throws: ClinicError.self) {
                try await database.read { (transaction: any ClinicTransaction) throws in
                    try Consents.requireNotTakenBack(of: other.id, for: nil, in: transaction)
                }
            }
            // What was answered for somebody stays when they are removed, and goes with the account.
            try await database.write { try $0.deleteDependent(child.id) }
            #expect(try await database.read { try $0.consents(of: user.id) }.count == 4)
            try await database.write { try $0.deleteUser(user.id) }
            #expect(try await database.read { try $0.consents(of: user.id) }.isEmpty)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `answers of one account that come at once are all kept`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let user = User.sample()
            try await database.write { try $0.insert(user) }
            _ = try await racing(8) { _ in
                try await database.write { try $0.append(Consent.sample(of: user.id)) }
            }
            #expect(try await database.read { try $0.consents(of: user.id) }.count == 8)
        }
    }
}
