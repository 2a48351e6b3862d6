import Clinic
import Foundation
import Store
import Testing

@Suite struct KeptFormRowsTests {
    @Test(arguments: TestedDatabase.allCases)
    func `kept forms are their account's, few, and gone after their time`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let (user, other) = (User.sample(), User.sample("b@example.org"))
            let forms = (0..<4).map {
                KeptForm(userID: user.id, sealed: "sealed \($0)", createdAt: moment(Double($0)))
            }
            let theirs = KeptForm(userID: other.id, sealed: "theirs", createdAt: moment(0))
            try await database.write { transaction in
                for one in [user, other] { try transaction.insert(one) }
                for form in forms + [theirs] { try transaction.insert(form) }
                try transaction.deleteKeptForms(of: user.id, butNewest: 2)
            }
            for (form, isThere) in [(forms[0], false), (forms[1], false), (forms[2], true), (theirs, true)] {
                #expect(try await database.read { try $0.keptForm(form.id) } == (isThere ? form : nil))
            }
            try await database.write { try $0.deleteKeptForms(before: moment(3)) }
            #expect(try await database.read { try $0.keptForm(theirs.id) } == nil)
            #expect(try await database.read { try $0.keptForm(forms[3].id) } == forms[3])
            try await database.write { try $0.deleteUser(user.id) }
            #expect(try await database.read { try $0.keptForm(forms[3].id) } == nil)
            let late = moment(9)
            let kept = KeptForms(database: database, clock: { late })
            let id = try await kept.keep("words", of: other.id)
            #expect(try await kept.kept(id, of: other.id) == "words")
            #expect(try await kept.kept(id, of: user.id) == nil)
            let hour = KeptForms(database: database, clock: { late + 3600 })
            #expect(try await hour.kept(id, of: other.id) == nil)
        }
    }
}
