import Clinic
import FindingsFixtures
import Foundation
import Store
import Testing

@Suite struct RequestKeyRowsTests {
    @Test(arguments: TestedDatabase.allCases)
    func `a key is its account's, used once, and outlives its case but not its account`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let (user, other) = (User.sample("a@x.org"), User.sample("b@x.org"))
            let smearCase = SmearCase.sample(of: user.id)
            let key = UsedRequestKey(
                userID: user.id, text: "a-1", digest: String(repeating: "0", count: 64), caseID: smearCase.id,
                createdAt: moment(1))
            try await database.write { transaction in
                try transaction.insert(user)
                try transaction.insert(other)
                try transaction.insert(smearCase)
                try transaction.insert(key)
            }
            let twice = await #expect(throws: ClinicError.self) { try await database.write { try $0.insert(key) } }
            #expect(twice?.code == .duplicate)
            try await database.write { (transaction: any ClinicTransaction) throws in
                #expect(try transaction.usedRequestKey("a-1", of: user.id) == key)
                #expect(try transaction.usedRequestKey("A-1", of: user.id) == nil, "case counts")
                #expect(try transaction.usedRequestKey("a-1", of: other.id) == nil)
                try transaction.deleteCase(smearCase.id)
                #expect(try transaction.usedRequestKey("a-1", of: user.id) == key)
                try transaction.deleteUser(user.id)
                #expect(try transaction.usedRequestKey("a-1", of: user.id) == nil)
            }
        }
    }
}
