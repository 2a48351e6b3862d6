import Casework
import Clinic
import Findings
import Foundation
import Store
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10)))
struct SweeperTests {
    private func sweeper(_ fixture: CaseworkFixture, database: (any ClinicDatabase)? = nil, days: Double = 0) -> Sweeper
    {
        let now = Date(timeIntervalSince1970: 1_750_000_000 + days * 86_400)
        return Sweeper(database: database ?? fixture.database, archive: fixture.archive, clock: { now })
    }

    @Test func `files without rows are put aside whole, and files with rows stay`() async throws {
        try await CaseworkFixture.run { fixture in
            let record = try await fixture.add(1)[0]
            let picture = ArchiveKey.picture(.display, of: record.id)
            try await fixture.archive.store([1], at: picture)
            let known = try await fixture.files()
            let orphans = [
                ArchiveKey.image(ImageID(), fileExtension: "png"), ArchiveKey.picture(.heat, of: ScreeningID()),
                "screenings/strange.jpg",
            ]
            for key in orphans { try await fixture.archive.store(Array(key.utf8), at: key) }
            #expect(Set(try await sweeper(fixture).sweep(waiting: .zero)) == Set(orphans))
            #expect(Set(try await fixture.files()) == Set(known + orphans.map { "quarantine/2025-06-15/\($0)" }))
            for key in orphans {
                #expect(try await fixture.archive.bytes(at: "quarantine/2025-06-15/\(key)") == Array(key.utf8))
            }
            let entry = try await fixture.database.read { try $0.auditRecords(after: 0, limit: 100).last?.entry }
            #expect(entry?.action == .archive(.quarantine) && entry?.detail.hasPrefix("files=3 ") == true)
        }
    }

    @Test func `an empty database takes no file of the archive, and says so`() async throws {
        try await CaseworkFixture.run { fixture in
            try await fixture.add(21)
            let before = try await fixture.files()
            let empty = try SQLiteDatabase(
                file: fixture.directory.appending(path: "empty.sqlite"), auditKey: CaseworkFixture.key)
            try await empty.migrate()
            let sweeper = sweeper(fixture, database: empty)
            #expect(try await sweeper.sweep(waiting: .zero) == [])
            #expect(try await fixture.files() == before)
            let entry = try await empty.read { try $0.auditRecords(after: 0, limit: 9).last?.entry }
            #expect(entry?.action == .archive(.refuse) && entry?.detail == "files=21 of=21")
            try await empty.close()
        }
    }

    @Test func `a database in doubt removes nothing from the quarantine either, however old`() async throws {
        try await CaseworkFixture.run { fixture in
            let orphan = "images/orphan.png"
            try await fixture.archive.store([1], at: orphan)
            #expect(try await sweeper(fixture).sweep(waiting: .zero) == [orphan])
            try await fixture.add(21)
            let before = try await fixture.files()
            let empty = try SQLiteDatabase(
                file: fixture.directory.appending(path: "empty.sqlite"), auditKey: CaseworkFixture.key)
            try await empty.migrate()
            #expect(try await sweeper(fixture, database: empty, days: 40).sweep(waiting: .zero) == [])
            #expect(try await fixture.files() == before)
            try await empty.close()
            try await sweeper(fixture, days: 40).sweep(waiting: .zero)
            #expect(try await fixture.files() == before.filter { !$0.hasPrefix(ArchiveKey.quarantine) })
        }
    }

    @Test func `a file comes back out of quarantine once a row knows it`() async throws {
        try await CaseworkFixture.run { fixture in
            try await fixture.add(2)
            let before = try await fixture.files()
            let empty = try SQLiteDatabase(
                file: fixture.directory.appending(path: "empty.sqlite"), auditKey: CaseworkFixture.key)
            try await empty.migrate()
            #expect(try await sweeper(fixture, database: empty).sweep(waiting: .zero).count == 2)
            try await empty.close()
            #expect(try await fixture.archive.keys(under: ArchiveKey.images).isEmpty)
            // Also after the time for which others are kept.
            #expect(try await sweeper(fixture, days: 40).sweep(waiting: .zero) == [])
            #expect(try await fixture.files() == before)
            #expect(try await fixture.actions().last == "archive.return")
        }
    }

    @Test(arguments: [(30.0, true), (31.0, false)])
    func `a file without a row is kept for thirty days`(_ days: Double, _ isKept: Bool) async throws {
        try await CaseworkFixture.run { fixture in
            try await fixture.archive.store([1], at: "images/orphan.png")
            try await sweeper(fixture).sweep(waiting: .zero)
            try await sweeper(fixture, days: days).sweep(waiting: .zero)
            #expect(try await fixture.files() == (isKept ? ["quarantine/2025-06-15/images/orphan.png"] : []))
            #expect(try await fixture.actions().last == (isKept ? "archive.quarantine" : "archive.expire"))
        }
    }

    @Test func `a file whose row comes while the sweeper waits is kept`() async throws {
        try await CaseworkFixture.run { fixture in
            let id = ImageID()
            let key = ArchiveKey.image(id, fileExtension: "png")
            try await fixture.archive.store([1], at: key)
            let image = CaseImage(
                id: id, caseID: fixture.caseID, number: 0, uploadKey: "a", width: 48, height: 48, byteCount: 1,
                sha256: String(repeating: "0", count: 64), archiveKey: key, createdAt: Date())
            let late = LateRow(base: fixture.database) { transaction in
                _ = try transaction.insert(
                    image, screening: ScreeningRecord(imageID: id, caseID: fixture.caseID, createdAt: Date()))
            }
            let sweeper = Sweeper(database: late, archive: fixture.archive)
            #expect(try await sweeper.sweep(waiting: .milliseconds(1)).isEmpty)
            #expect(try await fixture.files() == [key])
        }
    }

    @Test func `deleting a case takes rows and files, and says so in the audit log`() async throws {
        try await CaseworkFixture.run { fixture in
            try await fixture.add(2)
            try await fixture.run(
                [fixture.worker { _ in CaseworkFixture.outcome() }], until: CaseworkFixture.allDone)
            let removal = CaseRemoval(database: fixture.database, archive: fixture.archive)
            let stranger = User(
                email: "x@example.org", name: "X", role: .administrator, passwordHash: "none", createdAt: Date())
            let error = await #expect(throws: ClinicError.self) {
                try await removal.removeCase(fixture.caseID, of: stranger, by: .user(stranger.id))
            }
            #expect(error?.code == .notFound)
            try await removal.removeCase(fixture.caseID, of: fixture.owner, by: fixture.actor)
            #expect(try await fixture.files().isEmpty)
            #expect(try await fixture.database.read { try $0.smearCase(fixture.caseID) } == nil)
            #expect(try await fixture.actions().last == "case.delete")
        }
    }

    @Test func `those who listen to a case hear of it, and only of it`() async throws {
        let (changes, id) = (CaseChanges(), CaseID())
        var listener: AsyncStream<Void>.Iterator? = changes.changes(of: id, atLeastEvery: .seconds(3600))
            .makeAsyncIterator()
        changes.publish(CaseID())
        #expect(changes.listenerCount == 1)
        changes.publish(id)
        #expect(await listener?.next() != nil)
        listener = nil
        #expect(changes.listenerCount == 0)
    }

    @Test func `the pace follows what the worker reports`() async throws {
        let changes = CaseChanges()
        let record = ScreeningRecord(imageID: ImageID(), caseID: CaseID(), createdAt: Date())
        let start = ContinuousClock.now
        #expect(changes.secondsPerScreening == nil)
        changes.observe(.began(record), at: start)
        changes.observe(.finished(record, CaseworkFixture.outcome().outcome), at: start.advanced(by: .seconds(2)))
        #expect(abs((changes.secondsPerScreening ?? 0) - 2) < 1e-9)
    }
}

/// A database in which something is stored right after it was looked at for the first time.
private final class LateRow: ClinicDatabase {
    private let base: any ClinicDatabase
    private let store: @Sendable (any ClinicTransaction) throws -> Void
    private let hasStored = Atomic(false)

    init(base: any ClinicDatabase, store: @escaping @Sendable (any ClinicTransaction) throws -> Void) {
        (self.base, self.store) = (base, store)
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any ClinicTransaction) throws -> Value
    ) async throws -> Value {
        let value = try await base.read(body)
        if !hasStored.exchange(true, ordering: .relaxed) { try await base.write(store) }
        return value
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any ClinicTransaction) throws -> Value
    ) async throws -> Value { try await base.write(body) }

    func eraseTraces() async throws -> Bool { try await base.eraseTraces() }
}
