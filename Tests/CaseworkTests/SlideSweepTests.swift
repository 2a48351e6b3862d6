import Casework
import Clinic
import Crypto
import Foundation
import Store
import Synchronization
import Testing

/// What is left of slides, and files that are not what was sent.
@Suite(.timeLimit(.minutes(15))) struct SlideSweepTests {
    private final class Clock: Sendable {
        private let moment = Mutex(Date())
        var now: Date { moment.withLock { $0 } }
        func advance(days: Double) { moment.withLock { $0 += days * 86_400 } }
    }

    static func principal(_ fixture: CaseworkFixture) -> Principal {
        let now = Date()
        let token = APIToken(
            digest: SecretToken().digest, userID: fixture.owner.id, label: "test", scopes: [.write], createdAt: now,
            expiresAt: now.addingTimeInterval(1e9))
        return Principal(user: fixture.owner, means: .token(token))
    }

    /// A slide of one part, of which so much is sent.
    private static func slide(
        _ fixture: CaseworkFixture, _ folder: SlideFolder, clock: Clock, bytes: [UInt8], sending: Bool
    ) async throws -> CaseSlide {
        let intake = SlideIntake(
            slides: CaseSlides(database: fixture.database, clock: { clock.now }), folder: folder)
        let digest = Array(SHA256.hash(data: bytes.prefix(SlideIntake.partBytes)))
        let fingerprint = digest.map { String(format: "%02x", $0) }.joined()
        let owner = principal(fixture)
        let slide = try await intake.begin(
            in: fixture.caseID, name: "\(bytes.count).svs", bytes: bytes.count, fingerprint: fingerprint, by: owner)
        if sending {
            _ = try await intake.receive(
                Array(bytes.prefix(SlideIntake.partBytes)), digest: digest, at: 0, of: slide.id, in: fixture.caseID,
                by: owner)
        }
        return slide
    }

    private static func place(_ slide: CaseSlide, _ folder: SlideFolder) -> String {
        folder.directory.appending(path: slide.id.text).path
    }

    @Test func `no slide is taken without the consent of its owner`() async throws {
        try await CaseworkFixture.run { fixture in
            let folder = SlideFolder(archive: fixture.archive.directory)
            try await Consents(database: fixture.database).answer(
                .withdrawn, to: ConsentText(language: "en", words: "The notice."), of: fixture.owner.id,
                by: fixture.actor)
            let refused = await #expect(throws: ClinicError.self) {
                _ = try await Self.slide(fixture, folder, clock: Clock(), bytes: [1, 2, 3], sending: false)
            }
            #expect(refused?.code == .consentNeeded)
            #expect(try await fixture.database.read { try $0.slides(of: fixture.caseID) }.isEmpty)
        }
    }

    @Test func `no part comes to a slide, and no field is taken from one, whose consent is withdrawn`() async throws {
        try await CaseworkFixture.run { fixture in
            let (folder, clock) = (SlideFolder(archive: fixture.archive.directory), Clock())
            let begun = try await Self.slide(fixture, folder, clock: clock, bytes: [1, 2, 3], sending: false)
            let waiting = try await Self.slide(fixture, folder, clock: clock, bytes: [4, 5], sending: true)
            try await Consents(database: fixture.database).answer(
                .withdrawn, to: ConsentText(language: "en", words: "The notice."), of: fixture.owner.id,
                by: fixture.actor)
            let refused = await #expect(throws: ClinicError.self) {
                _ = try await Self.slide(fixture, folder, clock: clock, bytes: [1, 2, 3], sending: true)
            }
            #expect(refused?.code == .consentNeeded)
            let digest = Array(SHA256.hash(data: [1, 2, 3] as [UInt8]))
            let part = await #expect(throws: ClinicError.self) {
                _ = try await SlideIntake(slides: CaseSlides(database: fixture.database), folder: folder).receive(
                    [1, 2, 3], digest: digest, at: 0, of: begun.id, in: fixture.caseID, by: Self.principal(fixture))
            }
            #expect(part?.code == .consentNeeded)
            let field = await #expect(throws: ClinicError.self) {
                _ = try await fixture.intake().add(
                    CaseworkFixture.drawing(1), to: fixture.caseID, by: .system, uploadKey: "field")
            }
            #expect(field?.code == .consentNeeded)
            let reader = SlideReader(
                slides: { CaseSlides(database: fixture.database) }, database: fixture.database, folder: folder,
                intake: fixture.intake(), changes: CaseChanges())
            let reading = Task { await reader.run() }
            try await fixture.wait { try await $0.database.read { try $0.slide(waiting.id)?.state } == .failed }
            reading.cancel()
            await reading.value
            #expect(try await fixture.database.read { try $0.slide(waiting.id)?.failure } == .consent)
        }
    }

    @Test func `an unfinished slide goes after a week without a part, by a steady clock alone`() async throws {
        try await CaseworkFixture.run { fixture in
            let (clock, folder) = (Clock(), SlideFolder(archive: fixture.archive.directory))
            let large = [UInt8](repeating: 3, count: SlideIntake.partBytes + 1)
            let begun = try await Self.slide(fixture, folder, clock: clock, bytes: large, sending: true)
            let whole = try await Self.slide(fixture, folder, clock: clock, bytes: [1, 2, 3], sending: true)
            let sweep = SlideSweep(
                database: fixture.database, archive: fixture.archive, folder: folder, clock: { clock.now })
            let watch = { (isSteady: Bool) in
                let (now, since) = (clock.now, clock.now.addingTimeInterval(isSteady ? -4 * 86_400 : 0))
                try await fixture.database.write { try $0.store(RetentionWatch(lastAt: now, steadySince: since)) }
            }
            try await watch(true)
            #expect(try await sweep.round() == (0, 0))
            clock.advance(days: 8)
            try await watch(false)
            #expect(try await sweep.round() == (0, 0), "the clock leapt")
            #expect(FileManager.default.fileExists(atPath: Self.place(begun, folder)))
            try await watch(true)
            #expect(try await sweep.round() == (1, 0))
            #expect(!FileManager.default.fileExists(atPath: Self.place(begun, folder)))
            let left = try await fixture.database.read { try $0.slides(of: fixture.caseID) }
            #expect(left.map(\.id) == [whole.id])
        }
    }

    @Test func `files without a row are moved aside, come back, and go after 30 days`() async throws {
        try await CaseworkFixture.run { fixture in
            let (clock, folder) = (Clock(), SlideFolder(archive: fixture.archive.directory))
            let slide = try await Self.slide(fixture, folder, clock: clock, bytes: [1, 2, 3], sending: true)
            let row = try #require(try await fixture.database.read { try $0.slide(slide.id) })
            let sweep = SlideSweep(
                database: fixture.database, archive: fixture.archive, folder: folder, clock: { clock.now })
            try await fixture.database.write { try $0.deleteSlide(slide.id) }
            #expect(try await sweep.round() == (0, 1))
            #expect(!FileManager.default.fileExists(atPath: Self.place(slide, folder)))
            try await fixture.database.write { try $0.insert(row) }
            #expect(try await sweep.round() == (0, 0))
            #expect(FileManager.default.fileExists(atPath: Self.place(slide, folder)), "a row knows it after all")
            try await fixture.database.write { try $0.deleteSlide(slide.id) }
            try await sweep.round()
            clock.advance(days: 29)
            try await sweep.round()
            let aside = folder.directory.appending(path: "quarantine")
            let kept = {
                try FileManager.default.subpathsOfDirectory(atPath: aside.path).contains { $0.hasSuffix(".svs") }
            }
            #expect(try kept())
            clock.advance(days: 3)
            try await sweep.round()
            #expect(try !kept())
        }
    }

    @Test func `without consent no slide is begun, and none is read on`() async throws {
        try await CaseworkFixture.run { fixture in
            let (clock, folder) = (Clock(), SlideFolder(archive: fixture.archive.directory))
            _ = try await Self.slide(fixture, folder, clock: clock, bytes: [1, 2, 3], sending: true)
            let slides = CaseSlides(database: fixture.database)
            try await slides.requireConsent(to: fixture.caseID)
            try await Consents(database: fixture.database).answer(
                .withdrawn, to: ConsentText(language: "en", words: "The notice."), of: fixture.owner.id,
                by: fixture.actor)
            let begun = await #expect(throws: ClinicError.self) {
                try await Self.slide(fixture, folder, clock: clock, bytes: [4, 5, 6, 7], sending: false)
            }
            #expect(begun?.code == .consentNeeded)
            let read = await #expect(throws: ClinicError.self) { try await slides.requireConsent(to: fixture.caseID) }
            #expect(read?.code == .consentNeeded)
        }
    }

    @Test func `a slide that was deleted is written down, so that no backup brings it back`() async throws {
        try await CaseworkFixture.run { fixture in
            let (clock, folder) = (Clock(), SlideFolder(archive: fixture.archive.directory))
            let slide = try await Self.slide(fixture, folder, clock: clock, bytes: [1, 2, 3], sending: true)
            try await CaseRemoval(database: fixture.database, archive: fixture.archive).removeSlide(
                slide.id, in: fixture.caseID, by: Self.principal(fixture))
            #expect(!FileManager.default.fileExists(atPath: Self.place(slide, folder)))
            let erased = try await fixture.database.read { try $0.erasures() }
            #expect(erased.map(\.kind) == [.slide] && erased.map(\.id) == [slide.id.text])
        }
    }

    @Test func `a case takes its slides with it`() async throws {
        try await CaseworkFixture.run { fixture in
            let (clock, folder) = (Clock(), SlideFolder(archive: fixture.archive.directory))
            let slide = try await Self.slide(fixture, folder, clock: clock, bytes: [1, 2, 3], sending: true)
            try await CaseRemoval(database: fixture.database, archive: fixture.archive).removeCase(
                fixture.caseID, of: fixture.owner, by: fixture.actor)
            #expect(!FileManager.default.fileExists(atPath: Self.place(slide, folder)))
            #expect(try await fixture.database.read { try $0.slide(slide.id) } == nil)
        }
    }
}
