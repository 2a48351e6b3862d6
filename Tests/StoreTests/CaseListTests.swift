import Clinic
import Findings
import FindingsFixtures
import Foundation
import Store
import Testing

@Suite struct CaseListTests {
    private func pages(
        _ database: any MaintainedDatabase, of owner: UserID, _ filter: CaseFilter = CaseFilter(), size: Int
    ) async throws -> [[String]] {
        var pages: [[String]] = []
        var cursor: CaseCursor?
        while pages.count < 50 {
            let after = cursor
            let page = try await database.read {
                try $0.cases(of: owner, matching: filter, after: after, limit: size).map(\.smearCase)
            }
            guard let last = page.last else { break }
            pages.append(page.map(\.title))
            cursor = CaseCursor(updatedAt: last.updatedAt, id: last.id)
        }
        return pages
    }

    @Test(arguments: TestedDatabase.allCases)
    func `pages hold every case once, newest first, even where moments are equal`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let (user, other) = (User.sample(), User.sample("b@x.org"))
            try await database.write { transaction in
                try transaction.insert(user)
                try transaction.insert(other)
                for index in 0..<11 {
                    let at = moment(Double(index / 4))
                    try transaction.insert(SmearCase.sample(of: user.id, title: "\(index / 4)-\(index)", at: at))
                }
                try transaction.insert(SmearCase.sample(of: other.id, title: "not mine"))
            }
            let found = try await pages(database, of: user.id, size: 3)
            #expect(found.map(\.count) == [3, 3, 3, 2])
            #expect(Set(found.joined()).count == 11)
            #expect(found.joined().map { $0.prefix(1) } == ["2", "2", "2", "1", "1", "1", "1", "0", "0", "0", "0"])
            #expect(try await database.read { try $0.countCases(of: user.id) } == 11)
        }
    }

    @Test(
        arguments: TestedDatabase.allCases,
        [
            ("knoch", ["Émile Knochenmark"]), ("EMILE", ["Émile Knochenmark"]), ("zwei emi", ["Émile Knochenmark"]),
            ("mark", []), ("ரத்", ["ரத்தம் 7"]), ("lodz", ["Łódź smear"]), ("７", ["ரத்தம் 7"]), ("%", []), ("_", []),
            ("knoch smear", []), ("", ["ரத்தம் 7", "Łódź smear", "Émile Knochenmark"]),
            ("   ", ["ரத்தம் 7", "Łódź smear", "Émile Knochenmark"]), ("' OR 1=1 --", []),
        ] as [(String, [String])])
    func `words are found by their beginning, in any case, with or without accents`(
        _ kind: TestedDatabase, _ expected: (search: String, titles: [String])
    ) async throws {
        try await kind.with { database in
            let user = User.sample()
            try await database.write { transaction in
                try transaction.insert(user)
                try transaction.insert(
                    SmearCase.sample(of: user.id, title: "Émile Knochenmark", note: "zweite Probe", at: moment(1)))
                try transaction.insert(SmearCase.sample(of: user.id, title: "Łódź smear", at: moment(2)))
                try transaction.insert(SmearCase.sample(of: user.id, title: "ரத்தம் 7", note: "🩸", at: moment(3)))
            }
            let found = try await pages(database, of: user.id, CaseFilter(search: expected.search), size: 10)
            #expect(Array(found.joined()) == expected.titles)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a renamed case is found by its new words alone, and a note may be long`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let user = User.sample()
            let long = String(repeating: "wort ", count: 20_000) + String(repeating: "x", count: 300)
            let first = SmearCase.sample(of: user.id, title: "before", note: long)
            try await database.write { transaction in
                try transaction.insert(user)
                try transaction.insert(first)
            }
            #expect(try await database.read { try $0.smearCase(first.id) } == first)
            try await database.write { transaction in
                try transaction.update(first.id) { ($0.title, $0.note, $0.updatedAt) = ("after", "", moment(9)) }
            }
            #expect(try await pages(database, of: user.id, CaseFilter(search: "before"), size: 5) == [])
            #expect(try await pages(database, of: user.id, CaseFilter(search: "wort"), size: 5) == [])
            #expect(try await pages(database, of: user.id, CaseFilter(search: "aft"), size: 5) == [["after"]])
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `of changes to a case at the same time none undoes another`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let user = User.sample()
            let smearCase = SmearCase.sample(of: user.id, note: "")
            try await database.write { transaction in
                try transaction.insert(user)
                try transaction.insert(smearCase)
            }
            _ = try await racing(12) { index in
                try await database.write { transaction in
                    // As every use case does: whose it is stands before the change.
                    #expect(try transaction.smearCase(smearCase.id)?.ownerID == user.id)
                    try transaction.update(smearCase.id) {
                        $0.note += "x"
                        $0.updatedAt = moment(Double(20 - index))
                    }
                }
            }
            let stored = try await database.read { try $0.smearCase(smearCase.id) }
            #expect(stored?.note == String(repeating: "x", count: 12) && stored?.updatedAt == moment(20))
            await #expect(throws: ClinicError.self) { try await database.write { try $0.update(CaseID()) { _ in } } }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `the list is filtered by what the screenings found`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let user = User.sample()
            try await database.write { transaction in
                try transaction.insert(user)
                for (index, outcome) in [
                    ScreeningOutcome.sample(), .sample(.uncertain, .preB), .sample(.report, .preB),
                    .sample(.rejected, .benign),
                ].enumerated() {
                    try transaction.addScreened(
                        .sample(of: user.id, title: "case \(index)", at: moment(Double(index))), outcome,
                        at: moment(Double(index)))
                }
            }
            let expected: [(CaseFilter, [String])] = [
                (CaseFilter(decision: .report), ["case 2", "case 0"]), (CaseFilter(label: .preB), ["case 2"]),
                (CaseFilter(decision: .uncertain), ["case 1"]), (CaseFilter(label: .proB), []),
                (CaseFilter(decision: .rejected, label: .benign), []),
                (CaseFilter(search: "case", decision: .report, label: .benign), ["case 0"]),
            ]
            for (filter, titles) in expected {
                let found = try await pages(database, of: user.id, filter, size: 1)
                #expect(Array(found.joined()) == titles)
            }
            // Without its only image, a case is found by no decision.
            let case0 = try await database.read {
                try $0.cases(of: user.id, matching: CaseFilter(label: .benign), after: nil, limit: 1)[0].smearCase.id
            }
            try await database.write { transaction in
                for image in try transaction.images(of: case0) { try transaction.deleteImage(image.id) }
            }
            #expect(try await pages(database, of: user.id, CaseFilter(label: .benign), size: 5) == [])
        }
    }

    /// A user, two cases reported benign, and a reader who signs the first one *Pro-B*.
    private func read(_ database: any MaintainedDatabase) async throws -> (UserID, CaseID) {
        let (user, reader) = (User.sample(), User.sample("reader@x.org", role: .clinician))
        return try await database.write { transaction in
            for account in [user, reader] { try transaction.insert(account) }
            let cases = (0..<2).map { SmearCase.sample(of: user.id, title: "case \($0)", at: moment(Double($0))) }
            for smearCase in cases { try transaction.addScreened(smearCase, .sample(), at: moment(2)) }
            let screening = try #require(try transaction.screenings(of: cases[0].id).first)
            try transaction.insert(Reading.sample(of: screening.id, by: reader.id, signed: 9))
            return (user.id, cases[0].id)
        }
    }

    private let filters: [(CaseFilter, [String])] = [
        (CaseFilter(label: .proB), ["case 0"]), (CaseFilter(label: .benign), ["case 1"]),
        (CaseFilter(decision: .report), ["case 1", "case 0"]),
    ]

    @Test(arguments: TestedDatabase.allCases)
    func `a case is found by the signed reading that leads, not by the network's class`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let (user, smearCase) = try await read(database)
            for (filter, titles) in filters {
                #expect(try await pages(database, of: user, filter, size: 5).joined().sorted() == titles.sorted())
            }
            try await database.write { transaction in
                for image in try transaction.images(of: smearCase) { try transaction.deleteImage(image.id) }
            }
            #expect(try await pages(database, of: user, CaseFilter(label: .proB), size: 5) == [])
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `cases read before the fifth schema are found by their readings after it`(_ kind: TestedDatabase) async throws
    {
        try await kind.with { database in
            let (user, smearCase) = try await read(database)
            _ = try await database.writing { connection in
                try connection.run("DELETE FROM schema_migrations WHERE number >= 5", [])
                try connection.run(
                    "UPDATE case_marks SET mark = 'label=benign' WHERE mark LIKE 'label=%' AND case_id = ?",
                    [.text(smearCase.text)])
            }
            #expect(try await pages(database, of: user, CaseFilter(label: .proB), size: 5) == [])
            try await database.migrate()
            for (filter, titles) in filters {
                #expect(try await pages(database, of: user, filter, size: 5).joined().sorted() == titles.sorted())
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a summary counts images and tells findings in the images' order`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let user = User.sample()
            let smearCase = SmearCase.sample(of: user.id)
            let screenings = try await database.write { transaction in
                try transaction.insert(user)
                try transaction.insert(smearCase)
                let all = try (0..<4).map { try transaction.add(.sample(in: smearCase.id, at: moment(Double($0)))).1 }
                for (index, outcome) in [ScreeningOutcome.sample(.uncertain, .proB), .sample()].enumerated() {
                    _ = try transaction.claimScreening(worker: "w", now: moment(9), leaseUntil: moment(99))
                    _ = try transaction.complete(
                        all[index].id, worker: "w", outcome: outcome, analyticsJSON: "[]", at: moment(10))
                }
                _ = try transaction.claimScreening(worker: "w", now: moment(9), leaseUntil: moment(99))
                _ = try transaction.fail(
                    all[2].id, worker: "w", failure: Message("errors.screenings.server"), at: moment(10))
                return all
            }
            let summary = try #require(try await database.read { try $0.summary(of: smearCase.id) })
            #expect(summary.imageCount == 4 && summary.pendingCount == 1 && summary.failedCount == 1)
            #expect(summary.findings.map(\.decision) == [.uncertain, .report])
            #expect(summary.findings.map(\.confidence) == [0.875, 0.875])
            #expect(summary.coverScreeningID == screenings[0].id)
            #expect(try await database.read { try $0.summary(of: CaseID()) } == nil)
        }
    }
}
