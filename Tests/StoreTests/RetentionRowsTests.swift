import Clinic
import Foundation
import Store
import Testing

@Suite struct RetentionRowsTests {
    @Test(arguments: TestedDatabase.allCases)
    func `cases and accounts are unused since their last use, and what is in use or to come keeps an account`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            try await database.write { (transaction: any ClinicTransaction) throws in
                let practice = try Practice(in: transaction)
                let lonely = User.sample("lonely@x.org")
                let administrator = User.sample("admin@x.org", role: .administrator)
                try transaction.insert(lonely)
                try transaction.insert(administrator)
                let smearCase = SmearCase.sample(of: practice.patient.id, at: moment(100))
                try transaction.insert(smearCase)
                func unused(_ what: Erasure.Kind, _ seconds: Double) throws -> Set<String> {
                    let found = try transaction.unused(what, since: moment(seconds), now: moment(seconds), limit: 9)
                    for object in found {
                        #expect(
                            try transaction.isUnused(
                                what, object.id, since: moment(seconds), now: moment(seconds)))
                    }
                    return Set(found.map(\.id))
                }
                #expect(try unused(.smearCase, 100) == [])
                #expect(try unused(.smearCase, 101) == [smearCase.id.text])
                #expect(try unused(.image, 1e9) == [] && unused(.document, 1e9) == [])
                let found = try transaction.unused(.smearCase, since: moment(101), now: moment(101), limit: 9)
                #expect(
                    found.first == UnusedObject(id: smearCase.id.text, userID: practice.patient.id, usedAt: moment(100))
                )
                // The patient's case is in use until 100.
                #expect(try unused(.account, 50) == [practice.clinician.id.text, lonely.id.text])
                #expect(
                    try unused(.account, 101) == [
                        practice.clinician.id.text, lonely.id.text, practice.patient.id.text,
                    ])
                // A visit to come keeps both sides.
                let visit = try transaction.add(
                    .sample(with: practice.doctor.id, by: practice.patient.id, at: 9000, state: .confirmed))
                #expect(try unused(.account, 101) == [lonely.id.text])
                #expect(try unused(.account, visit.endsAt.timeIntervalSince(moment(0))).count == 3)
                try transaction.noteUse(of: smearCase.id, at: moment(200_000))
                #expect(try unused(.smearCase, 200_000) == [])
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `an announcement is due when its letter has gone, and stale when what it names was used or is gone`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            try await database.write { (transaction: any ClinicTransaction) throws in
                let user = User.sample()
                try transaction.insert(user)
                var announced: [RetentionAnnouncement] = []
                for (index, what) in [Erasure.Kind.smearCase, .account].enumerated() {
                    let smearCase = SmearCase.sample(of: user.id, at: moment(1))
                    if what == .smearCase { try transaction.insert(smearCase) }
                    let notice = Notice(
                        to: user.id, what == .account ? .accountEnding : .caseEnding,
                        caseID: what == .account ? nil : smearCase.id, createdAt: moment(10))
                    try transaction.post(notice)
                    let object = UnusedObject(
                        id: what == .account ? user.id.text : smearCase.id.text, userID: user.id,
                        usedAt: moment(what == .account ? 0 : 1))
                    announced.append(
                        RetentionAnnouncement(
                            what, object, noticeID: notice.id, announcedAt: moment(10),
                            dueAt: moment(20 + Double(index))))
                    try transaction.insert(announced[index])
                    #expect(try transaction.announcements(of: what, limit: 9) == [announced[index]])
                }
                #expect(try transaction.unused(.account, since: moment(1e6), now: moment(1e6), limit: 9) == [])
                #expect(try transaction.staleAnnouncements(limit: 9) == [])
                #expect(try transaction.dueAnnouncements(now: moment(1e6), limit: 9) == [])
                for announcement in announced { #expect(try transaction.claimLetter(announcement.noticeID)) }
                // A letter that is on its way is none that was sent.
                #expect(try transaction.dueAnnouncements(now: moment(1e6), limit: 9) == [])
                for announcement in announced { try transaction.confirmLetter(announcement.noticeID) }
                #expect(try transaction.dueAnnouncements(now: moment(19), limit: 9) == [])
                #expect(try transaction.dueAnnouncements(now: moment(20), limit: 9) == [announced[0]])
                #expect(try transaction.dueAnnouncements(now: moment(21), limit: 9) == announced)
                // A token of the owner's is used.
                let token = APIToken(
                    digest: SecretToken().digest, userID: user.id, label: "x", scopes: [.read], createdAt: moment(1),
                    expiresAt: moment(1e9))
                try transaction.insert(token)
                try transaction.touchAPIToken(token.id, at: moment(90_000))
                #expect(try transaction.staleAnnouncements(limit: 9) == [announced[1]])
                let smearCase = try #require(CaseID(announced[0].object.id))
                try transaction.deleteCase(smearCase)
                #expect(try transaction.staleAnnouncements(limit: 9) == announced)
                for announcement in announced { try transaction.removeAnnouncement(of: announcement.object.id) }
                #expect(try transaction.staleAnnouncements(limit: 9) == [])
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `what is there before the step counts as used on the day of the step, however often it is begun`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.withPlace { place in
            let database = try place.open()
            try await database.migrate()
            let owner = User.sample()
            let smearCase = SmearCase.sample(of: owner.id)
            try await database.write { transaction in
                try transaction.insert(owner)
                try transaction.insert(smearCase)
                try transaction.append(AuditEntry(.user(.register), by: .system, at: moment(0)))
            }
            try await database.migrating { connection in
                for table in ["retention_announcements", "retention_watch", "audit_base", "privacy_records"] {
                    try connection.run("DROP TABLE \(table)", [])
                }
                switch connection.dialect {
                case .sqlite: try connection.run("DROP INDEX users_used", [])
                case .mariadb: try connection.run("ALTER TABLE users DROP INDEX users_used", [])
                }
                try connection.run("ALTER TABLE users DROP COLUMN used_at", [])
                // The column of cases is left, as after a crash in the middle.
                try connection.run("UPDATE cases SET used_at = NULL", [])
                try connection.run("DELETE FROM schema_migrations WHERE number >= 12", [])
            }
            #expect(try await database.verifyAudit().firstBreak == nil)
            let begin = Date().addingTimeInterval(-60)
            try await database.migrate()
            for (what, id) in [(Erasure.Kind.account, owner.id.text), (.smearCase, smearCase.id.text)] {
                let found = try await database.read { transaction in
                    try [begin, Date().addingTimeInterval(60)].map {
                        try transaction.unused(what, since: $0, now: $0, limit: 9).map(\.id)
                    }
                }
                #expect(found == [[], [id]], "\(what)")
            }
            #expect(try await database.verifyAudit().entries == 1)
            try await database.close()
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `the first look at the clock is noted by many servers at once, and one of them is kept`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let looks = (0..<8).map { RetentionWatch(lastAt: moment(Double($0)), steadySince: moment(0)) }
            // Often: the first ones still open their connections, and meet less.
            for _ in 0..<10 {
                _ = try await database.writing { try $0.run("DELETE FROM retention_watch", []) }
                _ = try await racing(looks.count) { index in
                    try await database.write { try $0.store(looks[index]) }
                }
                let stored = try #require(try await database.read { try $0.retentionWatch() })
                #expect(looks.contains(stored))
            }
        }
    }

    private static func fill(_ database: any MaintainedDatabase, _ days: Range<Int>) async throws {
        for day in days {
            try await database.write {
                try $0.append(
                    AuditEntry(.user(.login), by: .system, object: "\(day)", at: moment(Double(day) * 86_400)))
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `old entries go in order, the last stays, and the rest verifies against anchors of before and after`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.withPlace { place in
            let file = place.directory.appending(path: "anchors")
            let database = try place.open()
            try await database.migrate()
            try await Self.fill(database, 0..<4)
            _ = try await database.anchorAudit(in: file, at: moment(1))
            try await Self.fill(database, 4..<10)
            let cut = { (day: Double, limit: Int) in
                try await database.write { try $0.cutAudit(before: moment(day * 86_400), limit: limit) }
            }
            #expect(try await cut(3, 2) == 2)
            #expect(try await cut(3, 2) == 1)
            #expect(try await cut(3, 2) == 0)
            #expect(
                try await database.read { try $0.auditRecords(after: 0, limit: 99).map(\.sequence) } == Array(4...10))
            #expect(try await database.verifyAudit(against: file).firstBreak == nil)
            #expect(try await cut(6, 99) == 3)
            #expect(try await database.verifyAudit(against: file).firstBreak == nil)
            #expect(try await database.anchorAudit(in: file, at: moment(2)).sequence == 10)
            #expect(try await cut(1000, 99) == 3)
            let proof = try await database.verifyAudit(against: file)
            #expect(proof.firstBreak == nil && proof.entries == 10)
            try await Self.fill(database, 10..<12)
            #expect(try await database.verifyAudit(against: file).entries == 12)
            try await database.close()
        }
    }

    @Test(
        arguments: TestedDatabase.allCases,
        [
            "DELETE FROM audit_log WHERE sequence < 5", "DELETE FROM audit_base",
            "UPDATE audit_base SET sequence = 4, hash = (SELECT hash FROM audit_log WHERE sequence = 4)",
            "UPDATE audit_base SET sequence = 0, hash = '', seal = ''",
            "UPDATE audit_log SET detail = 'x' WHERE sequence = 4",
        ])
    func `nobody else can take the beginning away, and of an altered log nothing is removed`(
        _ kind: TestedDatabase, _ tampering: String
    ) async throws {
        try await kind.with { database in
            try await Self.fill(database, 0..<8)
            let cut = { (day: Double) in
                try await database.write { try $0.cutAudit(before: moment(day * 86_400), limit: 99) }
            }
            #expect(try await cut(2) == 2)
            #expect(try await database.verifyAudit().firstBreak == nil)
            _ = try await database.writing { try $0.run(tampering, []) }
            #expect(try await database.verifyAudit().firstBreak != nil)
            let before = try await database.read { try $0.auditRecords(after: 0, limit: 99).count }
            let error = await #expect(throws: ClinicError.self) { try await cut(7) }
            #expect(error?.code == .corrupt)
            #expect(try await database.read { try $0.auditRecords(after: 0, limit: 99).count } == before)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `the record of breaches and requests is kept, settled once, and stands in the audit log without its words`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let register = PrivacyRegister(database: database, clock: { moment(1000) })
            let breach = try await register.record(.breach, knownAt: moment(0), note: " Laptop, “stolen” ")
            let request = try await register.record(.erasure, knownAt: moment(-5), note: "Asked by letter")
            #expect(breach.note == "Laptop, “stolen”")
            #expect(try await register.records(onlyOpen: false) == [request, breach])
            try await register.settle(breach.id, settlement: "Told the board")
            #expect(try await register.records(onlyOpen: true) == [request])
            let settled = try #require(try await register.records(onlyOpen: false, forExport: true).last)
            #expect(settled.settledAt == moment(1000) && settled.settlement == "Told the board")
            for (id, note) in [(breach.id, "again"), (PrivacyRecordID(), "x"), (request.id, " ")] {
                await #expect(throws: ClinicError.self) { try await register.settle(id, settlement: note) }
            }
            await #expect(throws: ClinicError.self) {
                try await register.record(.access, knownAt: moment(1001), note: "x")
            }
            let entries = try await database.read { try $0.auditRecords(after: 0, limit: 99).map(\.entry) }
            #expect(
                entries.map(\.action.name) == ["privacy.record", "privacy.record", "privacy.settle", "privacy.export"])
            #expect(!entries.contains { "\($0.detail)\($0.object)".contains("Laptop") })
        }
    }

    @Test func `backups go by their own age, only this installation's, and only beside a younger whole one`()
        async throws
    {
        try await TestedDatabase.sqlite.withPlace { place in
            let data = place.directory.appending(path: "data")
            let folder = place.directory.appending(path: "backups")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let own = try await Installation.open(data, databaseURL: nil, .ready)
            let other = try await Installation.open(place.directory.appending(path: "other"), databaseURL: nil, .ready)
            for (installation, source, name) in [
                (own, data, "old"), (own, data, "young"), (other, place.directory.appending(path: "other"), "foreign"),
            ] {
                _ = try await Backup(
                    database: installation.database, archive: installation.archive, dataDirectory: source
                ).write(into: folder.appending(path: name))
            }
            try FileManager.default.createDirectory(
                at: folder.appending(path: "photographs"), withIntermediateDirectories: true)
            let now = Date()
            for name in ["old", "foreign"] { try Self.age(folder.appending(path: name), days: 100, from: now) }
            let retention = BackupRetention(installation: own, folder: folder, days: 30)
            #expect(try await retention.expired(at: now).map(\.lastPathComponent) == ["old"])
            // A clock that is far ahead finds no younger one.
            #expect(try await retention.expired(at: now + 1000 * 86_400) == [])
            // One that is behind is told.
            let error = await #expect(throws: ClinicError.self) {
                try await retention.expired(at: now - 10 * 86_400)
            }
            #expect(error?.code == .invalid)
            try await retention.remove(try await retention.expired(at: now), at: now)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
                    == ["foreign", "photographs", "young"])
            // The only one left stays, however old.
            try Self.age(folder.appending(path: "young"), days: 200, from: now)
            #expect(try await retention.expired(at: now) == [])
            try await own.database.close()
            try await other.database.close()
        }
    }

    /// Makes a backup's manifest say that it was made days before.
    private static func age(_ backup: URL, days: Int64, from now: Date) throws {
        let file = backup.appending(path: "manifest.json")
        var manifest = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
        manifest["createdAt"] = Int64(now.timeIntervalSince1970) - days * 86_400
        try JSONSerialization.data(withJSONObject: manifest).write(to: file)
    }
}
