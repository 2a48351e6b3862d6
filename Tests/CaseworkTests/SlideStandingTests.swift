import Casework
import Clinic
import Crypto
import Foundation
import Slides
import Store
import Synchronization
import Testing

/// Files of slides that are not there for a while, and parts that a restore did not bring back.
@Suite(.timeLimit(.minutes(15))) struct SlideStandingTests {
    private final class Clock: Sendable {
        private let moment = Mutex(Date())
        var now: Date { moment.withLock { $0 } }
        func advance(days: Double) { moment.withLock { $0 += days * 86_400 } }
    }

    /// Each time a slide is taken up that cannot be reached, it is put off: how often that was.
    private final class PutOff: Sendable {
        private let moments = Mutex<Set<Date>>([])
        func note(_ moment: Date?) -> Int {
            moments.withLock { moments in
                if let moment { moments.insert(moment) }
                return moments.count
            }
        }
    }

    private static let part = SlideIntake.partBytes

    private static func digest(_ bytes: ArraySlice<UInt8>) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

    private static func intake(_ fixture: CaseworkFixture, _ folder: SlideFolder) -> SlideIntake {
        SlideIntake(slides: CaseSlides(database: fixture.database), folder: folder)
    }

    private static func begin(_ fixture: CaseworkFixture, _ folder: SlideFolder, _ bytes: [UInt8]) async throws
        -> CaseSlide
    {
        let fingerprint = digest(bytes.prefix(part)).map { String(format: "%02x", $0) }.joined()
        return try await intake(fixture, folder).begin(
            in: fixture.caseID, name: "\(bytes.count).svs", bytes: bytes.count, fingerprint: fingerprint,
            by: SlideSweepTests.principal(fixture))
    }

    /// Sends the part that begins at a place.
    private static func send(
        _ bytes: [UInt8], at start: Int, of slide: CaseSlide, _ fixture: CaseworkFixture, _ folder: SlideFolder
    ) async throws -> SlideIntake.Receipt {
        let piece = bytes[start..<min(start + part, bytes.count)]
        return try await intake(fixture, folder).receive(
            Array(piece), digest: digest(piece), at: start, of: slide.id, in: fixture.caseID,
            by: SlideSweepTests.principal(fixture))
    }

    private static func file(_ slide: CaseSlide, _ folder: SlideFolder) -> URL {
        folder.directory.appending(path: "\(slide.id)/slide.svs")
    }

    private static func stored(_ slide: CaseSlide, _ fixture: CaseworkFixture) async throws -> CaseSlide {
        try #require(try await fixture.database.read { try $0.slide(slide.id) })
    }

    /// A reader that gives up what fails once, and whose process opens nothing.
    private static func reader(_ fixture: CaseworkFixture, _ folder: SlideFolder) -> SlideReader {
        var settings = SlideReader.Settings()
        (settings.maximumAttempts, settings.absence) = (1, .milliseconds(20))
        settings.pollInterval = .milliseconds(20)
        return SlideReader(
            slides: { CaseSlides(database: fixture.database) }, database: fixture.database, folder: folder,
            intake: fixture.intake(), changes: CaseChanges(),
            command: SlideWorker.Command(executable: URL(filePath: "/bin/false"), arguments: []), settings: settings)
    }

    /// Reads while a slide cannot be reached, then brings it back: it was put off, again and again, and is taken up once it is there.
    private static func read(
        _ slide: CaseSlide, _ fixture: CaseworkFixture, _ folder: SlideFolder, bringBack: () throws -> Void
    ) async throws {
        let (reader, putOff) = (reader(fixture, folder), PutOff())
        let reading = Task { await reader.run() }
        try await fixture.wait { fixture in
            let found = try await stored(slide, fixture)
            #expect([.waiting, .reading].contains(found.state), "\(found.state) \(String(describing: found.failure))")
            return putOff.note(found.state == .waiting ? found.leaseUntil : nil) >= 3 || found.state == .failed
        }
        try bringBack()
        try await fixture.wait { try await stored(slide, $0).state == .failed }
        reading.cancel()
        await reading.value
        // It was opened, by a process that cannot: so it is not what was sent that is wrong.
        #expect(try await stored(slide, fixture).failure == .damaged)
    }

    @Test func `a slide of the operator's folder waits while that is empty or gone, and is read when it is back`()
        async throws
    {
        try await CaseworkFixture.run { fixture in
            let registered = fixture.directory.appending(path: "registered")
            let folder = SlideFolder(archive: fixture.archive.directory, registered: registered)
            let now = Date()
            let slide = CaseSlide(
                caseID: fixture.caseID, ownerID: fixture.owner.id, name: "smear.svs", source: .folder,
                path: "smear.svs", byteCount: 3, received: 3, state: .waiting, wanted: 20, createdAt: now,
                updatedAt: now)
            try await fixture.database.write { try $0.insert(slide) }
            let intake = Self.intake(fixture, folder)
            #expect(try await intake.standing(of: slide) == .away, "no folder")
            try FileManager.default.createDirectory(at: registered, withIntermediateDirectories: true)
            #expect(try await intake.standing(of: slide) == .away, "an empty folder")
            #expect(
                try await Self.intake(fixture, SlideFolder(archive: fixture.archive.directory)).standing(of: slide)
                    == .away, "no folder named")
            try await Self.read(slide, fixture, folder) {
                try Data([1, 2, 3]).write(to: registered.appending(path: "smear.svs"))
            }
            #expect(try await intake.standing(of: slide) == .here)
        }
    }

    @Test func `a slide that is put back keeps what its search found, and an attempt that does not count`() async throws
    {
        try await CaseworkFixture.run { fixture in
            let (folder, slides) = (
                SlideFolder(archive: fixture.archive.directory), CaseSlides(database: fixture.database)
            )
            let sent = try await Self.begin(fixture, folder, [1, 2, 3])
            _ = try await Self.send([1, 2, 3], at: 0, of: sent, fixture, folder)
            let lease = Date().addingTimeInterval(60)
            let taken = try #require(try await slides.claim(worker: "one", leaseUntil: lease))
            var known = taken
            (known.width, known.height, known.micrometresPerPixel) = (600, 400, 0.5)
            try await slides.store(
                known,
                fields: [SlideField(slideID: sent.id, number: 1, x: 1, y: 2, side: 3, micrometresPerPixel: 0.5)])
            try await slides.putBack(taken, isCounted: true)
            let counted = try await Self.stored(sent, fixture)
            #expect((counted.state, counted.width, counted.attempts) == (.waiting, 600, 1))
            let again = try #require(try await slides.claim(worker: "two", leaseUntil: lease))
            // Who has it no longer puts nothing back.
            try await slides.putBack(taken, isCounted: false)
            #expect(try await Self.stored(sent, fixture).state == .reading)
            try await slides.putBack(again, isCounted: false)
            let uncounted = try await Self.stored(sent, fixture)
            #expect((uncounted.state, uncounted.height, uncounted.attempts) == (.waiting, 400, 1))
        }
    }

    @Test func `a list of the operator's folder is empty while that is gone`() async throws {
        try await CaseworkFixture.run { fixture in
            let registered = fixture.directory.appending(path: "registered")
            let intake = Self.intake(
                fixture, SlideFolder(archive: fixture.archive.directory, registered: registered))
            let now = Date()
            let reader = User(
                email: "reader@example.org", name: "Reader", role: .clinician, passwordHash: "none", createdAt: now)
            let token = APIToken(
                digest: SecretToken().digest, userID: reader.id, label: "test", scopes: [.read], createdAt: now,
                expiresAt: now.addingTimeInterval(1e9))
            let principal = Principal(user: reader, means: .token(token))
            #expect(try await intake.registered(for: principal) == [])
            try FileManager.default.createDirectory(at: registered, withIntermediateDirectories: true)
            try Data([1]).write(to: registered.appending(path: "smear.svs"))
            #expect(try await intake.registered(for: principal) == ["smear.svs"])
        }
    }

    @Test func `a slide that was sent waits while its file is gone`() async throws {
        try await CaseworkFixture.run { fixture in
            let folder = SlideFolder(archive: fixture.archive.directory)
            let slide = try await Self.begin(fixture, folder, [1, 2, 3])
            _ = try await Self.send([1, 2, 3], at: 0, of: slide, fixture, folder)
            let (file, aside) = (Self.file(slide, folder), fixture.directory.appending(path: "aside"))
            try FileManager.default.moveItem(at: file, to: aside)
            try await Self.read(slide, fixture, folder) { try FileManager.default.moveItem(at: aside, to: file) }
        }
    }

    @Test func `while the archive's disk is off nothing is written beside it, and nothing expires`() async throws {
        try await CaseworkFixture.run { fixture in
            let archive = fixture.archive
            // The file by which an archive is known.
            try await archive.store([1], at: "identity")
            let folder = SlideFolder(archive: archive.directory, presence: { try archive.verifyPresence() })
            let large = [UInt8](repeating: 3, count: Self.part + 1)
            let begun = try await Self.begin(fixture, folder, large)
            _ = try await Self.send(large, at: 0, of: begun, fixture, folder)
            let whole = try await Self.begin(fixture, folder, [1, 2, 3])
            _ = try await Self.send([1, 2, 3], at: 0, of: whole, fixture, folder)
            let clock = Clock()
            let sweep = SlideSweep(database: fixture.database, archive: archive, folder: folder, clock: { clock.now })
            clock.advance(days: 8)
            let now = clock.now
            try await fixture.database.write {
                try $0.store(RetentionWatch(lastAt: now, steadySince: now.addingTimeInterval(-4 * 86_400)))
            }
            let disk = fixture.directory.appending(path: "disk")
            try FileManager.default.moveItem(at: archive.directory, to: disk)
            try FileManager.default.createDirectory(at: archive.directory, withIntermediateDirectories: true)

            let refused = await #expect(throws: ClinicError.self) {
                _ = try await Self.send(large, at: Self.part, of: begun, fixture, folder)
            }
            #expect(refused?.code == .storage)
            let another = await #expect(throws: ClinicError.self) {
                _ = try await Self.begin(fixture, folder, [4, 5])
            }
            #expect(another?.code == .storage)
            await #expect(throws: ClinicError.self) { try await sweep.round() }
            for slide in [begun, whole] {
                let found = try await Self.stored(slide, fixture)
                #expect(try await Self.intake(fixture, folder).standing(of: found) == .away)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: archive.directory.path).isEmpty)

            try FileManager.default.removeItem(at: archive.directory)
            try FileManager.default.moveItem(at: disk, to: archive.directory)
            _ = try await Self.send(large, at: Self.part, of: begun, fixture, folder)
            #expect(try await Self.stored(begun, fixture).state == .waiting)
        }
    }

    /// What of the file is left by whatever lost the rest.
    @Test(arguments: [nil, 0, SlideIntake.partBytes - 1, SlideIntake.partBytes, SlideIntake.partBytes + 5] as [Int?])
    func `parts that a restore lost are told, and sent again from the first that is missing`(_ left: Int?)
        async throws
    {
        try await CaseworkFixture.run { fixture in
            let folder = SlideFolder(archive: fixture.archive.directory)
            let bytes = [UInt8](repeating: 1, count: Self.part) + [UInt8](repeating: 2, count: Self.part) + [3]
            let slide = try await Self.begin(fixture, folder, bytes)
            for start in [0, Self.part] { _ = try await Self.send(bytes, at: start, of: slide, fixture, folder) }
            let file = Self.file(slide, folder)
            if let left {
                let handle = try FileHandle(forWritingTo: file)
                try handle.truncate(atOffset: UInt64(left))
                try handle.close()
            } else {
                try FileManager.default.removeItem(at: file.deletingLastPathComponent())
            }
            let kept = (left ?? 0) / Self.part * Self.part
            let before = try await Self.stored(slide, fixture)
            #expect(before.received == 2 * Self.part)
            #expect(try await Self.intake(fixture, folder).standing(of: before) == .behind(kept))
            // Whoever goes on without asking is told where.
            let receipt = try await Self.send(bytes, at: 2 * Self.part, of: slide, fixture, folder)
            guard case .misplaced(let told) = receipt else { throw ReceiptExpected() }
            #expect(told.received == kept && told.state == .receiving)
            let again = try await Self.begin(fixture, folder, bytes)
            #expect(again.id == slide.id && again.received == kept)
            for start in stride(from: kept, to: bytes.count, by: Self.part) {
                _ = try await Self.send(bytes, at: start, of: slide, fixture, folder)
            }
            #expect(try await Self.stored(slide, fixture).state == .waiting)
            #expect(try Data(contentsOf: file) == Data(bytes))
            let parts = try await fixture.database.read { try $0.parts(of: slide.id) }
            #expect(parts.map(\.start) == [0, Self.part, 2 * Self.part])
        }
    }

    private struct ReceiptExpected: Error {}
}
