import Clinic
import Foundation
import Store
import Testing

@Suite struct MigrationTests {
    @Test(arguments: TestedDatabase.allCases)
    func `migrating twice, and from many places at once, gives one schema`(_ kind: TestedDatabase) async throws {
        try await kind.withPlace { place in
            let databases = try (0..<4).map { _ in try place.open() }
            #expect(try await databases[0].schemaVersion() == 0)
            _ = try await racing(4) { try await databases[$0].migrate() }
            try await databases[1].migrate()
            let version = try await databases[2].schemaVersion()
            #expect(version >= 1)
            let steps = try await databases[3].reading { try $0.rows("SELECT number FROM schema_migrations", []) }
            #expect(steps.count == version)
            try await databases[0].write { try $0.append(AuditEntry(.unknown("x.y"), by: .system, at: moment(0))) }
            try await databases[1].migrate()
            #expect(try await databases[0].verifyAudit().entries == 1)
            for database in databases { try await database.close() }
        }
    }

    @Test func `a migration waits for another process that changes the tables, and tells when it gave up`() async throws
    {
        try await TestedDatabase.mariadb.withPlace { place in
            let url = try #require(place.url)
            let busy = try MariaDBDatabase(url: url, auditKey: [1], poolSize: 1)
            let hurried = try MariaDBDatabase(url: url, auditKey: [1], poolSize: 1, migrationPatienceSeconds: 0)
            let patient = try MariaDBDatabase(url: url, auditKey: [1], poolSize: 1)
            let (holding, held) = AsyncStream<Void>.makeStream()
            let release = DispatchSemaphore(value: 0)
            async let holder: Void = busy.migrating { _ in
                held.finish()
                release.wait()
            }
            for await _ in holding {}
            async let waiting: Void = patient.migrate()
            let refusal = await #expect(throws: ClinicError.self) { try await hurried.migrate() }
            #expect(refusal?.code == .databaseUnavailable)
            #expect(try await hurried.schemaVersion() == 0)
            release.signal()
            try await holder
            try await waiting
            #expect(try await hurried.schemaVersion() >= 1)
            for database in [busy, hurried, patient] { try await database.close() }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a schema from the future is refused and left alone`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            _ = try await database.writing { try $0.run("INSERT INTO schema_migrations VALUES (999, 0)", []) }
            let error = await #expect(throws: ClinicError.self) { try await database.migrate() }
            #expect(error?.code == .newerSchema)
            #expect(try await database.schemaVersion() == 999)
        }
    }

    @Test func `SQLite synchronises every commit, writes over what is deleted, and checks references`() async throws {
        try await TestedDatabase.sqlite.with { database in
            for (pragma, value) in [
                ("synchronous", SQLValue.integer(2)), ("foreign_keys", .integer(1)), ("journal_mode", .text("wal")),
                ("secure_delete", .integer(1)),
            ] {
                let found = try await database.writing { try $0.rows("PRAGMA \(pragma)", []) }
                #expect(found == [[value]], "\(pragma)")
            }
        }
    }

    @Test func `the embedded database is its owner's alone`() async throws {
        try await TestedDatabase.sqlite.withPlace { place in
            let database = try place.open()
            try await database.migrate()
            for name in try FileManager.default.contentsOfDirectory(atPath: place.directory.path) {
                let file = place.directory.appending(path: name).path
                let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
                #expect(mode == 0o600, "\(name)")
            }
            try await database.close()
        }
    }
}
