import Casework
import Clinic
import Foundation
import Testing

@Suite("Sweeper and CaseRemoval", .timeLimit(.minutes(10)))
struct SweeperTests {
    @Test("Files without rows go, files with rows stay")
    func sweeps() async throws {
        try await CaseworkFixture.run { fixture in
            let record = try await fixture.add(1)[0]
            let known = try await fixture.files()
            try await fixture.archive.store([1], at: ArchiveKey.picture(.display, of: record.id))
            let orphans = [
                ArchiveKey.image(ImageID(), fileExtension: "png"), ArchiveKey.picture(.heat, of: ScreeningID()),
                "screenings/strange.jpg",
            ]
            for key in orphans { try await fixture.archive.store([1], at: key) }
            let removed = try await Sweeper(database: fixture.database, archive: fixture.archive)
                .sweep(waiting: .zero)
            #expect(Set(removed) == Set(orphans))
            #expect(Set(try await fixture.files()) == Set(known + [ArchiveKey.picture(.display, of: record.id)]))
        }
    }

    @Test("A file whose row comes while the sweeper waits is kept")
    func spares() async throws {
        try await CaseworkFixture.run { fixture in
            let id = ImageID()
            let key = ArchiveKey.image(id, fileExtension: "png")
            try await fixture.archive.store([1], at: key)
            let sweep = Task {
                try await Sweeper(database: fixture.database, archive: fixture.archive).sweep(waiting: .seconds(1))
            }
            try await fixture.database.write { transaction in
                let image = CaseImage(
                    id: id, caseID: fixture.caseID, number: 0, uploadKey: "a", width: 48, height: 48, byteCount: 1,
                    sha256: String(repeating: "0", count: 64), archiveKey: key, createdAt: Date())
                _ = try transaction.insert(
                    image, screening: ScreeningRecord(imageID: id, caseID: fixture.caseID, createdAt: Date()))
            }
            #expect(try await sweep.value.isEmpty)
            #expect(try await fixture.files() == [key])
        }
    }

    @Test("Deleting a case takes rows and files, and says so in the audit log")
    func removesCase() async throws {
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

    @Test("Those who listen to a case hear of it, and only of it")
    func changes() async throws {
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

    @Test("The pace follows what the worker reports")
    func pace() async throws {
        let changes = CaseChanges()
        let record = ScreeningRecord(imageID: ImageID(), caseID: CaseID(), createdAt: Date())
        let start = ContinuousClock.now
        #expect(changes.secondsPerScreening == nil)
        changes.observe(.began(record), at: start)
        changes.observe(.finished(record, CaseworkFixture.outcome().outcome), at: start.advanced(by: .seconds(2)))
        #expect(abs((changes.secondsPerScreening ?? 0) - 2) < 1e-9)
    }
}
