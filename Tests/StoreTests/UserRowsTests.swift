import Clinic
import FindingsFixtures
import Foundation
import Store
import Testing

@Suite struct UserRowsTests {
    @Test(arguments: TestedDatabase.allCases)
    func `an account comes back as it was stored, in any script`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            var user = User.sample("மருத்துவர்@example.org", name: "மருத்துவர் 🩸 O'Neil \"x\" \\")
            user.place = UserPlace(name: "Łódź", latitude: 51.7592, longitude: -19.456)
            user.totpSecret = "ABC"
            user.language = "ta"
            let stored = user
            try await database.write { try $0.insert(stored) }
            #expect(try await database.read { try $0.user(stored.id) } == stored)
            #expect(try await database.read { try $0.user(email: stored.email) } == stored)
            #expect(try await database.read { try $0.user(UserID()) } == nil)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `an address is one address in any case`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            try await database.write { try $0.insert(User.sample("Ada@Example.org")) }
            #expect(try await database.read { try $0.user(email: "aDA@example.ORG")?.email } == "ada@example.org")
            let error = await #expect(throws: ClinicError.self) {
                try await database.write { try $0.insert(User.sample("ADA@example.org")) }
            }
            #expect(error?.code == .duplicate && error?.field == "email")
            // Accents make another address, and nothing is taken away at its end.
            try await database.write { try $0.insert(User.sample("àda@example.org")) }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `an update keeps other accounts' addresses unique and refuses an unknown account`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            var (first, second) = (User.sample("a@x.org"), User.sample("b@x.org"))
            let both = [first, second]
            try await database.write { transaction in for user in both { try transaction.insert(user) } }
            second.email = "a@x.org"
            first.name = "Another"
            first.language = "hi"
            first.isDisabled = true
            first.role = .administrator
            let (changed, taken) = (first, second)
            try await database.write { try $0.update(changed) }
            // Once more with the same values: found, though nothing changes.
            try await database.write { try $0.update(changed) }
            #expect(try await database.read { try $0.user(changed.id) } == changed)
            let error = await #expect(throws: ClinicError.self) { try await database.write { try $0.update(taken) } }
            #expect(error?.code == .duplicate && error?.field == "email")
            let unknown = await #expect(throws: ClinicError.self) {
                try await database.write { try $0.update(User.sample("c@x.org")) }
            }
            #expect(unknown?.code == .notFound)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `accounts are listed newest first and found by the beginning of address or name`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let people = [("ada@x.org", "Émile Zola"), ("zola@x.org", "Ada King"), ("bob@x.org", "Bob_%")]
            let users = people.enumerated().map { index, person in
                User(
                    email: person.0, name: person.1, role: index == 0 ? .clinician : .patient, passwordHash: "x",
                    createdAt: moment(Double(index)))
            }
            try await database.write { transaction in for user in users { try transaction.insert(user) } }
            let expected: [(String, Role?, [String])] = [
                ("", nil, ["bob@x.org", "zola@x.org", "ada@x.org"]), ("", .clinician, ["ada@x.org"]),
                ("ada", nil, ["zola@x.org", "ada@x.org"]), ("EMILE z", nil, ["ada@x.org"]), ("%", nil, []),
                ("ada", .patient, ["zola@x.org"]), ("da", nil, []),
            ]
            for (search, role, emails) in expected {
                let found = try await database.read {
                    try $0.users(search: search, role: role, limit: 10, offset: 0).map(\.email)
                }
                #expect(found == emails, "\(search) \(String(describing: role))")
            }
            let second = try await database.read { try $0.users(search: "", role: nil, limit: 1, offset: 1) }
            #expect(second.map(\.email) == ["zola@x.org"])
            let counts = try await database.read { (try $0.countUsers(role: nil), try $0.countUsers(role: .patient)) }
            #expect(counts == (3, 2))
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `with an account goes everything under it, and the audit log stays`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let (user, other) = (User.sample(), User.sample("b@x.org", role: .clinician))
            let smearCase = SmearCase.sample(of: user.id, title: "gone soon")
            try await database.write { transaction in
                try transaction.insert(user)
                try transaction.insert(other)
                try transaction.insert(
                    LoginSession(
                        digest: SecretToken().digest, userID: user.id, createdAt: moment(0), lastSeenAt: moment(0),
                        expiresAt: moment(9)))
                try transaction.insert(
                    APIToken(
                        digest: SecretToken().digest, userID: user.id, label: "x", scopes: [.read],
                        createdAt: moment(0), expiresAt: moment(9)))
                try transaction.insert(
                    OneTimeToken(
                        digest: SecretToken().digest, purpose: .passwordReset, userID: user.id, expiresAt: moment(9)))
                try transaction.addScreened(smearCase, .sample(), at: moment(3))
                for screening in try transaction.screenings(of: smearCase.id) {
                    try transaction.share(screening.id, with: other.id, allowsTraining: false, at: moment(3))
                }
                try transaction.append(AuditEntry(.user(.delete), by: .user(user.id), object: "x", at: moment(4)))
                try transaction.deleteUser(user.id)
            }
            let tables = [
                "sessions", "api_tokens", "one_time_tokens", "cases", "case_words", "case_marks", "images",
                "screenings", "screening_shares", "screening_facts",
            ]
            for table in tables {
                let rows = try await database.reading { try $0.rows("SELECT * FROM \(table)", []).count }
                #expect(rows == 0, "\(table)")
            }
            #expect(try await database.read { try $0.user(other.id) } == other)
            #expect(try await database.verifyAudit().entries == 1)
        }
    }
}
