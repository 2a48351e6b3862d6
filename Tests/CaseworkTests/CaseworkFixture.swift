import Casework
import Clinic
import Findings
import FindingsFixtures
import Foundation
import Imaging
import Packaging
import Screening
import Store
import Testing

/// A database, an archive and a case in a temporary directory.
struct CaseworkFixture: Sendable {
    let directory: URL
    let database: any MaintainedDatabase
    let archive: DirectoryArchive
    let owner: User
    let caseID: CaseID

    var actor: AuditEntry.Actor { .user(owner.id) }
    var databaseFile: URL { directory.appending(path: "test.sqlite") }
    static let key = [UInt8](repeating: 5, count: 32)
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures")

    static func run(_ test: (CaseworkFixture) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "leukoscope-cases-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: directory) } catch { Issue.record(error) }
        }
        let database = try SQLiteDatabase(file: directory.appending(path: "test.sqlite"), auditKey: key)
        try await database.migrate()
        let now = Date()
        let owner = User(
            email: "owner@example.org", name: "Owner", role: .patient, passwordHash: "none", createdAt: now)
        let smearCase = SmearCase(ownerID: owner.id, title: "Sample", createdAt: now, updatedAt: now)
        try await database.write { transaction in
            try transaction.insert(owner)
            try transaction.append(agreed(owner.id, at: now))
            try transaction.insert(smearCase)
        }
        let fixture = CaseworkFixture(
            directory: directory, database: database,
            archive: try DirectoryArchive(directory: directory.appending(path: "archive")), owner: owner,
            caseID: smearCase.id)
        let result: Result<Void, any Error>
        do { result = .success(try await test(fixture)) } catch { result = .failure(error) }
        try await database.close()
        try result.get()
    }

    /// That somebody agreed to the notice.
    static func agreed(_ user: UserID, at now: Date) -> Consent {
        Consent(
            of: user, .given, notice: ConsentNotice.current.since,
            text: ConsentText(language: "en", words: "The notice of the tests."), at: now)
    }

    /// Puts the owner into the directory.
    func registerDoctor() async throws -> Doctor {
        var entry = DoctorEntry()
        (entry.name, entry.qualifications, entry.council, entry.registrationNumber) = ("Dr. Rao", "MD", "Council", "1")
        (entry.specialties, entry.languages, entry.practiceSince) = ([.haematology], ["en"], "2009")
        (entry.clinicName, entry.street, entry.city, entry.countryCode) = ("Clinic", "1 Road", "Bengaluru", "IN")
        entry.position = GeoPosition(latitude: 12.97, longitude: 77.59)
        entry.timeZone = "Asia/Kolkata"
        return try await Directory(database: database).register(entry, by: owner.id)
    }

    func intake(_ quota: IntakeQuota = IntakeQuota()) -> ImageIntake {
        ImageIntake(database: database, archive: archive, quota: quota)
    }

    func worker(
        settings: WorkerSettings = .quick, archive: (any ImageArchive)? = nil,
        clock: @escaping @Sendable () -> Date = { Date() },
        onEvent: @escaping @Sendable (WorkerEvent) -> Void = { _ in }, reading: @escaping ScreeningWorker.Reading
    ) -> ScreeningWorker {
        ScreeningWorker(
            database: database, archive: archive ?? self.archive, settings: settings, clock: clock,
            onEvent: onEvent, reading: reading)
    }

    /// Adds drawn images, each unlike the others.
    @discardableResult
    func add(_ count: Int, startingAt first: Int = 0) async throws -> [ScreeningRecord] {
        var records: [ScreeningRecord] = []
        for index in first..<first + count {
            records.append(
                try await intake().add(Self.drawing(index), to: caseID, by: actor, uploadKey: "image-\(index)").1)
        }
        return records
    }

    func screenings() async throws -> [ScreeningRecord] {
        try await database.read { [caseID] in try $0.screenings(of: caseID) }
    }

    func actions() async throws -> [String] {
        try await database.read { try $0.auditRecords(after: 0, limit: 1000).map(\.entry.action.name) }
    }

    func files() async throws -> [String] { try await archive.keys(under: "") }

    /// Runs workers until something is so, but not for ever.
    func run(
        _ workers: [ScreeningWorker], until isDone: @escaping @Sendable (CaseworkFixture) async throws -> Bool
    ) async throws {
        let running = workers.map { worker in Task { await worker.run() } }
        do { try await wait(until: isDone) } catch { Issue.record(error) }
        for task in running {
            task.cancel()
            await task.value
        }
    }

    /// Checks how many files and rows there are.
    func expect(files: Int, screenings: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let (foundFiles, foundRows) = (try await self.files(), try await self.screenings())
        #expect(foundFiles.count == files, sourceLocation: sourceLocation)
        #expect(foundRows.count == screenings, sourceLocation: sourceLocation)
    }

    struct TookTooLong: Error {}

    func wait(until isDone: @Sendable (CaseworkFixture) async throws -> Bool) async throws {
        // Three minutes: on a busy machine even what is brief may take one.
        for _ in 0..<18_000 {
            if try await isDone(self) { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw TookTooLong()
    }

    static let allDone: @Sendable (CaseworkFixture) async throws -> Bool = { fixture in
        try await fixture.screenings().allSatisfy { [.done, .failed].contains($0.state) }
    }

    static func drawing(_ seed: Int) throws -> [UInt8] {
        try ImageEncoder.png(DrawnSmear.draw(class: seed % 4, seed: UInt64(seed + 1), side: 48))
    }

    static func screener() throws -> Screener {
        try Screener(package: ModelPackage(directory: folder.appending(path: "inference/tiny-package")))
    }

    static func outcome(_ label: SmearClass = .benign) -> ScreenedImage {
        ScreenedImage(
            outcome: .sample(.report, label, confidence: 0.9), analyticsJSON: "{}",
            pictures: [(.display, [1, 2, 3]), (.thumbnail, [4])])
    }
}

extension WorkerSettings {
    /// For tests: everything happens soon.
    static var quick: WorkerSettings {
        var settings = WorkerSettings(
            lanes: 2, lease: .seconds(600), pollInterval: .milliseconds(30), maximumAttempts: 3,
            retryDelays: [.milliseconds(1), .milliseconds(1)], grace: .milliseconds(30))
        settings.postponement = .milliseconds(5)
        settings.shortestPause = .milliseconds(1)
        settings.longestPause = .milliseconds(20)
        return settings
    }
}
