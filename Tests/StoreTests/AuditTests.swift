import Clinic
import Findings
import Foundation
import Store
import Testing

@Suite struct AuditTests {
    private static func entry(_ index: Int) -> AuditEntry {
        let (user, token) = (UserID("AAAAAAAAAAAAAAAAAAAAAA"), APITokenID("BBBBBBBBBBBBBBBBBBBBBB"))
        let actors: [AuditEntry.Actor] = [
            .system, .anonymous, user.map { .user($0) } ?? .system,
            user.flatMap { user in token.map { .token($0, owner: user) } } ?? .system,
        ]
        return AuditEntry(
            index.isMultiple(of: 2) ? .smearCase(.create) : .user(.login), by: actors[index % 4],
            object: "object-\(index)",
            detail: "ü=\(index)", at: moment(Double(index)))
    }

    private static func fill(_ database: any MaintainedDatabase) async throws {
        for index in 0..<6 { try await database.write { try $0.append(entry(index)) } }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `entries are kept in order, numbered from one, and found by actor, action and object`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            try await Self.fill(database)
            let all = try await database.read { try $0.auditRecords(after: 0, limit: 10) }
            #expect(all.map(\.sequence) == [1, 2, 3, 4, 5, 6])
            #expect(all.map(\.entry) == (0..<6).map(Self.entry))
            let filters: [(AuditFilter, Int64?, [Int64])] = [
                (AuditFilter(), nil, [6, 5, 4, 3, 2, 1]), (AuditFilter(), 3, [2, 1]),
                (AuditFilter(action: "case."), nil, [5, 3, 1]), (AuditFilter(action: "user.log"), nil, [6, 4, 2]),
                (AuditFilter(action: "us"), nil, [6, 4, 2]), (AuditFilter(object: "object-3"), nil, [4]),
                (AuditFilter(userID: UserID("AAAAAAAAAAAAAAAAAAAAAA")), nil, [4, 3]),
            ]
            for (filter, before, expected) in filters {
                let found = try await database.read {
                    try $0.auditRecords(matching: filter, before: before, limit: 10).map(\.sequence)
                }
                #expect(found == expected, "\(filter)")
            }
            let head = try await database.read { try $0.auditHead() }
            #expect(head.sequence == 6 && head.hash == all[5].hash)
            #expect(try await database.verifyAudit().hash == head.hash)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `twenty writers at once make one chain without a gap`(_ kind: TestedDatabase) async throws {
        try await kind.withPlace { place in
            let nodes = [try place.open(), try place.open()]
            try await nodes[0].migrate()
            _ = try await racing(20) { index in
                try await nodes[index % 2].write { transaction in
                    for step in 0..<3 { try transaction.append(Self.entry(index * 3 + step)) }
                }
            }
            let result = try await nodes[0].verifyAudit()
            #expect(result.entries == 60 && result.firstBreak == nil)
            for node in nodes { try await node.close() }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `an entry of another version keeps its words, and the chain holds`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let old = [("screening.picture", "heatmap"), ("case.read", "hologram"), ("x.y", "z")].map { name, detail in
                AuditEntry(storedAs: name, by: .system, object: "o", detail: detail, at: moment(1))
            }
            try await database.write { transaction in for entry in old { try transaction.append(entry) } }
            let read = try await database.read { try $0.auditRecords(after: 0, limit: 10).map(\.entry) }
            #expect(read == old)
            #expect(read.map(\.detail) == ["heatmap", "hologram", "z"])
            #expect(read[0].action == .screeningPicture(.overlay) && read[2].action == .unknown("x.y"))
            #expect(try await database.verifyAudit().firstBreak == nil)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `work that fails leaves no entry and no gap`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            try await Self.fill(database)
            struct Stop: Error {}
            await #expect(throws: Stop.self) {
                try await database.write { transaction in
                    try transaction.append(Self.entry(7))
                    _ = try transaction.auditHead()
                    throw Stop()
                }
            }
            try await database.write { try $0.append(Self.entry(8)) }
            let result = try await database.verifyAudit()
            #expect(result.entries == 7 && result.firstBreak == nil)
        }
    }

    @Test(
        arguments: TestedDatabase.allCases,
        [
            ("an altered field", ["UPDATE audit_log SET detail = 'x' WHERE sequence = 3"], 3),
            ("an altered moment", ["UPDATE audit_log SET at = at + 1 WHERE sequence = 1"], 1),
            ("another actor", ["UPDATE audit_log SET actor = 'anonymous', user_id = NULL WHERE sequence = 3"], 3),
            ("an unknown actor", ["UPDATE audit_log SET actor = 'nobody' WHERE sequence = 2"], 2),
            ("a hidden kind", ["UPDATE audit_log SET area = 'x' WHERE sequence = 4"], 4),
            ("a shifted border", ["UPDATE audit_log SET object = 'object-2ü', detail = '=2' WHERE sequence = 3"], 3),
            ("a deleted entry", ["DELETE FROM audit_log WHERE sequence = 2"], 2),
            (
                "an entry put in before the first",
                [
                    "INSERT INTO audit_log SELECT 0, at, actor, user_id, token_id, area, action, object, detail, hash FROM audit_log WHERE sequence = 1"
                ],
                0
            ),
            (
                "an entry put in at the end",
                [
                    "INSERT INTO audit_log SELECT 7, at, actor, user_id, token_id, area, action, object, detail, hash FROM audit_log WHERE sequence = 6"
                ],
                7
            ),
            (
                "two entries changed about",
                [
                    "UPDATE audit_log SET sequence = 100 WHERE sequence = 4",
                    "UPDATE audit_log SET sequence = 4 WHERE sequence = 5",
                    "UPDATE audit_log SET sequence = 5 WHERE sequence = 100",
                ], 4
            ),
            ("a cut-off end", ["DELETE FROM audit_log WHERE sequence > 4"], 5),
            (
                "a cut-off end with a mended head",
                [
                    "DELETE FROM audit_log WHERE sequence > 4",
                    "UPDATE audit_head SET sequence = 4, hash = (SELECT hash FROM audit_log WHERE sequence = 4)",
                ], 5
            ),
            ("an emptied log", ["DELETE FROM audit_log", "UPDATE audit_head SET sequence = 0, hash = ''"], 1),
            (
                "an emptied log with a head as no log has it",
                ["DELETE FROM audit_log", "UPDATE audit_head SET sequence = 0, hash = '', seal = ''"], 1
            ),
            ("a lost head", ["DELETE FROM audit_head"], 7),
        ] as [(String, [String], Int64)])
    func `tampering is found at the first entry that is wrong`(
        _ kind: TestedDatabase, _ tampering: (name: String, statements: [String], sequence: Int64)
    ) async throws {
        try await kind.with { database in
            try await Self.fill(database)
            #expect(try await database.verifyAudit().firstBreak == nil)
            try await database.writing { connection in
                for statement in tampering.statements { try connection.run(statement, []) }
            }
            #expect(try await database.verifyAudit().firstBreak?.sequence == tampering.sequence)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a log without entries verifies, and one that was emptied never does, whatever is written after`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let fresh = try await database.verifyAudit()
            #expect(fresh.entries == 0 && fresh.firstBreak == nil)
            let seal = try await database.reading { try $0.rows("SELECT seal FROM audit_head", []) }
            #expect(seal != [[.text("")]])
            try await Self.fill(database)
            _ = try await database.writing { connection in
                try connection.run("DELETE FROM audit_log", [])
                return try connection.run("UPDATE audit_head SET sequence = 0, hash = '', seal = ''", [])
            }
            #expect(try await database.verifyAudit().firstBreak?.sequence == 1)
            try await Self.fill(database)
            let later = try await database.verifyAudit()
            #expect(later.firstBreak?.sequence == 1 && later.entries == 0)
            // The step of the schema that seals a new database does not mend one that holds people.
            _ = try await database.writing { connection in
                try connection.run("DELETE FROM audit_log", [])
                try connection.run("UPDATE audit_head SET sequence = 0, hash = '', seal = ''", [])
                return try connection.run("DELETE FROM schema_migrations WHERE number >= 5", [])
            }
            try await database.write { try $0.insert(User.sample()) }
            try await database.migrate()
            #expect(try await database.verifyAudit().firstBreak?.sequence == 1)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `anchors outside show that the log was set back or replaced, though it holds by itself`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.withPlace { place in
            let file = place.directory.appending(path: "anchors")
            let database = try place.open()
            try await database.migrate()
            let none = try await database.anchorAudit(in: file, at: moment(0))
            #expect(none.sequence == 0 && none.hash.isEmpty)
            try await database.write { try $0.append(Self.entry(0)) }
            let early = try await database.reading { try $0.rows("SELECT sequence, hash, seal FROM audit_head", []) }
            try await Self.fill(database)
            let anchor = try await database.anchorAudit(in: file, at: moment(60))
            #expect(anchor.sequence == 7)
            #expect(try await database.anchorAudit(in: file, at: moment(90)) == anchor)
            let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            #expect(lines.count == 2)
            #expect(try await database.verifyAudit(against: file).firstBreak == nil)
            // Set back to an earlier state, as by an old copy of the database.
            _ = try await database.writing { connection in
                try connection.run("DELETE FROM audit_log WHERE sequence > 1", [])
                return try connection.run("UPDATE audit_head SET sequence = ?, hash = ?, seal = ?", early[0])
            }
            #expect(try await database.verifyAudit().firstBreak == nil)
            let set = try await database.verifyAudit(against: file).firstBreak
            #expect(set?.sequence == 2 && set?.reason.contains("set back") == true)
            let refused = await #expect(throws: ClinicError.self) { try await database.anchorAudit(in: file) }
            #expect(refused?.code == .corrupt)
            // Gone on from there by other entries.
            for index in 10..<20 { try await database.write { try $0.append(Self.entry(index)) } }
            #expect(try await database.verifyAudit().firstBreak == nil)
            #expect(try await database.verifyAudit(against: file).firstBreak?.sequence == 7)
            #expect(await #expect(throws: ClinicError.self) { try await database.anchorAudit(in: file) } != nil)
            // A line that somebody without the key wrote.
            let forged = lines[1].replacing(/^7/, with: "2")
            try Data((forged + "\n").utf8).write(to: file)
            let error = await #expect(throws: ClinicError.self) { try await database.verifyAudit(against: file) }
            #expect(error?.code == .corrupt)
            try await database.close()
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `another key verifies nothing`(_ kind: TestedDatabase) async throws {
        try await kind.withPlace { place in
            let database = try place.open()
            try await database.migrate()
            try await Self.fill(database)
            try await database.close()
            let stranger = try place.open(key: Array(repeating: 8, count: 32))
            #expect(try await stranger.verifyAudit().firstBreak?.sequence == 1)
            try await stranger.close()
        }
    }
}
