import Casework
import Clinic
import Findings
import Foundation
import Packaging
import Screening
import Store
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ScreeningWorkerTests {
    @Test func `a queued image is screened by the model, and its pictures and audit entry are there`() async throws {
        let screener = try CaseworkFixture.screener()
        try await CaseworkFixture.run { fixture in
            let record = try await fixture.add(1)[0]
            let worker = ScreeningWorker(
                database: fixture.database, archive: fixture.archive, models: ModelShelf(screener), settings: .quick)
            try await fixture.run([worker], until: CaseworkFixture.allDone)
            let stored = try await fixture.screenings()[0]
            let outcome = try #require(try stored.answer)
            #expect(stored.finding == outcome.finding)
            #expect(outcome.model.name == screener.package.description.name)
            let names = try await fixture.archive.keys(under: ArchiveKey.pictures(of: record.id))
            for kind in [PictureKind.display, .thumbnail, .cells, .step(0)] {
                #expect(names.contains(ArchiveKey.picture(kind, of: record.id)))
            }
            #expect(try await fixture.actions() == ["image.add", "screening.done"])
        }
    }

    @Test func `what waits when the consent is withdrawn is not screened, and is once it is given again`() async throws
    {
        try await CaseworkFixture.run { fixture in
            let consents = Consents(database: fixture.database)
            let text = ConsentText(language: "en", words: "The notice.")
            let record = try await fixture.add(1)[0]
            try await consents.answer(.withdrawn, to: text, of: fixture.owner.id, by: fixture.actor)
            let readings = Counter<[UInt8]>()
            let worker = fixture.worker { file in
                readings.count(file.bytes)
                return CaseworkFixture.outcome()
            }
            try await fixture.run([worker], until: CaseworkFixture.allDone)
            let refused = try await fixture.screenings()[0]
            #expect(refused.state == .failed && refused.failure == Message("errors.screenings.consent"))
            #expect(readings.all.isEmpty)
            try await consents.answer(.given, to: text, of: fixture.owner.id, by: fixture.actor)
            let owner = SlideSweepTests.principal(fixture)
            _ = try await Cases(database: fixture.database).screenAgain(record.id, by: owner)
            try await fixture.run([worker], until: CaseworkFixture.allDone)
            #expect(try await fixture.screenings()[0].state == .done)
        }
    }

    @Test func `two workers with connections of their own never screen one image twice`() async throws {
        try await CaseworkFixture.run { fixture in
            try await fixture.add(12)
            let other = try SQLiteDatabase(file: fixture.databaseFile, auditKey: CaseworkFixture.key)
            let readings = Counter<[UInt8]>()
            let reading: ScreeningWorker.Reading = { file in
                readings.count(file.bytes)
                try await Task.sleep(for: .milliseconds(2))
                return CaseworkFixture.outcome()
            }
            let workers = [fixture.database as any ClinicDatabase, other].map { database in
                ScreeningWorker(database: database, archive: fixture.archive, settings: .quick, reading: reading)
            }
            try await fixture.run(workers, until: CaseworkFixture.allDone)
            try await other.close()
            #expect(readings.all.count == 12)
            #expect(readings.all.values.allSatisfy { $0 == 1 })
            #expect(try await fixture.screenings().allSatisfy { $0.state == .done && $0.attempts == 1 })
            #expect(try await fixture.actions().count { $0 == "screening.done" } == 12)
        }
    }

    @Test func `new work is taken up when the worker is woken, long before it would look by itself`() async throws {
        try await CaseworkFixture.run { fixture in
            var settings = WorkerSettings.quick
            settings.pollInterval = .seconds(3600)
            let worker = fixture.worker(settings: settings) { _ in CaseworkFixture.outcome() }
            let task = Task { await worker.run() }
            try await fixture.add(1)
            // Woken again and again, because the first time may come before the worker listens.
            try await fixture.wait { fixture in
                worker.wake()
                return try await CaseworkFixture.allDone(fixture)
            }
            task.cancel()
            await task.value
            #expect(try await fixture.screenings()[0].state == .done)
        }
    }

    @Test(arguments: [[1], [2], [1, 2]])
    func `an archive that refuses for a moment is tried again`(failing: [Int]) async throws {
        try await CaseworkFixture.run { fixture in
            try await fixture.add(1)
            let archive = FailingArchive(base: fixture.archive, failing: Set(failing))
            let worker = fixture.worker(archive: archive) { _ in CaseworkFixture.outcome() }
            try await fixture.run([worker], until: CaseworkFixture.allDone)
            #expect(try await fixture.screenings()[0].state == .done)
        }
    }

    @Test func `an archive that is away for long costs no attempt, and leaves no image behind`() async throws {
        try await CaseworkFixture.run { fixture in
            try await fixture.add(2)
            // More refusals than an image has attempts and a try has repetitions.
            let archive = FailingArchive(base: fixture.archive, failing: Set(1...60))
            let rests = Counter<String>()
            let worker = fixture.worker(
                archive: archive, onEvent: { if case .interrupted = $0 { rests.count("interrupted") } },
                reading: { _ in CaseworkFixture.outcome() })
            try await fixture.run([worker], until: CaseworkFixture.allDone)
            #expect(try await fixture.screenings().map(\.state) == [.done, .done])
            #expect(try await fixture.screenings().allSatisfy { $0.attempts == 1 })
            #expect((rests.all["interrupted"] ?? 0) > WorkerSettings.quick.maximumAttempts * 2)
        }
    }

    @Test func `an image is given up when what nobody knows happens at each attempt`() async throws {
        struct Odd: Error {}
        try await CaseworkFixture.run { fixture in
            let record = try await fixture.add(1)[0]
            let tries = Counter<Int>()
            let worker = fixture.worker { _ in
                tries.count(0)
                throw Odd()
            }
            try await fixture.run([worker], until: CaseworkFixture.allDone)
            let row = try await fixture.screenings()[0]
            #expect(row.state == .failed && row.failure == Message("errors.screenings.server"))
            #expect(tries.all == [0: 3])
            #expect(try await fixture.archive.keys(under: ArchiveKey.pictures(of: record.id)).isEmpty)
            #expect(try await fixture.actions().last == "screening.failed")
        }
    }

    @Test func `a stored image that is missing fails at once, with words`() async throws {
        try await CaseworkFixture.run { fixture in
            let record = try await fixture.add(1)[0]
            let image = try #require(try await fixture.database.read { try $0.image(record.imageID) })
            try await fixture.archive.remove(image.archiveKey)
            let worker = fixture.worker { _ in CaseworkFixture.outcome() }
            try await fixture.run([worker], until: CaseworkFixture.allDone)
            #expect(try await fixture.screenings()[0].failure == Message("errors.screenings.missing"))
        }
    }

    @Test func `what a crashed worker left running is taken up again, once, when its lease is over`() async throws {
        try await CaseworkFixture.run { fixture in
            let record = try await fixture.add(1)[0]
            // Killed after it had stored half of the pictures.
            let past = Date(timeIntervalSinceNow: -60)
            _ = try await fixture.database.write {
                try $0.claimScreening(worker: "dead", now: past, leaseUntil: past.addingTimeInterval(30))
            }
            try await fixture.archive.store([9, 9], at: ArchiveKey.picture(.display, of: record.id))
            let readings = Counter<Int>()
            let worker = fixture.worker { _ in
                readings.count(0)
                return CaseworkFixture.outcome()
            }
            try await fixture.run([worker], until: CaseworkFixture.allDone)
            let row = try await fixture.screenings()[0]
            #expect(row.state == .done)
            #expect(row.attempts == 2)
            #expect(readings.all == [0: 1])
            #expect(try await fixture.archive.bytes(at: ArchiveKey.picture(.display, of: record.id)) == [1, 2, 3])
        }
    }

    @Test func `a lease that still runs is respected, and renewed while the work goes on`() async throws {
        try await CaseworkFixture.run { fixture in
            let record = try await fixture.add(1)[0]
            var settings = WorkerSettings.quick
            settings.lease = .seconds(6)
            // A millisecond passes each time somebody looks: however busy the machine is, no lease ends by itself.
            let looks = Counter<Int>()
            let start = Date()
            let clock = { @Sendable in start.addingTimeInterval(Double(looks.count(0)) / 1000) }
            let readings = Counter<Int>()
            let reading: ScreeningWorker.Reading = { _ in
                readings.count(0)
                let first = try await fixture.database.read { try $0.screening(record.id)?.leaseUntil }
                // Works until its lease has been renewed, while another worker looks for work all the time.
                try await fixture.wait { fixture in
                    let now = try await fixture.database.read { try $0.screening(record.id)?.leaseUntil }
                    return (now ?? .distantPast) > (first ?? .distantFuture)
                }
                return CaseworkFixture.outcome()
            }
            let workers = (0..<2).map { _ in fixture.worker(settings: settings, clock: clock, reading: reading) }
            try await fixture.run(workers, until: CaseworkFixture.allDone)
            #expect(readings.all == [0: 1])
            #expect(try await fixture.screenings()[0].attempts == 1)
        }
    }

    @Test func `a screening that broke off too often is given up`() async throws {
        try await CaseworkFixture.run { fixture in
            try await fixture.add(1)
            let past = Date(timeIntervalSinceNow: -600)
            for _ in 0..<3 {
                _ = try await fixture.database.write {
                    try $0.claimScreening(worker: "dead", now: Date(), leaseUntil: past)
                }
            }
            let worker = fixture.worker { _ in
                Issue.record("this image must not be tried again")
                return CaseworkFixture.outcome()
            }
            try await fixture.run([worker], until: CaseworkFixture.allDone)
            let row = try await fixture.screenings()[0]
            #expect(row.state == .failed)
            #expect(row.failure == Message("errors.screenings.tried", ["count": 3]))
        }
    }

    @Test(arguments: [true, false])
    func `a graceful stop finishes what is nearly done, and puts back what is not`(_ ends: Bool) async throws {
        try await CaseworkFixture.run { fixture in
            try await fixture.add(2)
            var settings = WorkerSettings.quick
            // What ends does so within the grace, however busy the machine is; the other would take for ever.
            settings.grace = ends ? .seconds(3600) : .milliseconds(30)
            let started = Counter<Int>()
            let worker = fixture.worker(settings: settings) { _ in
                started.count(0)
                try await Task.sleep(for: ends ? .milliseconds(100) : .seconds(3600))
                return CaseworkFixture.outcome()
            }
            let task = Task { await worker.run() }
            try await fixture.wait { _ in started.all[0] == 2 }
            task.cancel()
            await task.value
            let rows = try await fixture.screenings()
            #expect(rows.map(\.state) == Array(repeating: ends ? .done : .queued, count: 2))
            #expect(rows.allSatisfy { $0.workerID == nil || $0.state == .done })
        }
    }

    @Test func `when an image is deleted while it is screened, nothing of it stays`() async throws {
        try await CaseworkFixture.run { fixture in
            let record = try await fixture.add(1)[0]
            let removal = CaseRemoval(database: fixture.database, archive: fixture.archive)
            let ended = Counter<Int>()
            let worker = fixture.worker { _ in
                try await removal.removeImage(
                    record.imageID, in: fixture.caseID, of: fixture.owner, by: fixture.actor)
                ended.count(0)
                return CaseworkFixture.outcome()
            }
            try await fixture.run([worker]) { fixture in
                guard ended.all[0] == 1 else { return false }
                return try await fixture.files().isEmpty
            }
            #expect(try await fixture.files().isEmpty)
            #expect(try await fixture.screenings().isEmpty)
        }
    }
}
