import Casework
import Clinic
import Findings
import Foundation
import Imaging
import Logging
import Screening
import Store
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ImageIntakeTests {
    @Test func `an image becomes a file, a row, a queued screening and an audit entry`() async throws {
        try await CaseworkFixture.run { fixture in
            let (image, screening) = try await fixture.intake().add(
                CaseworkFixture.drawing(1), to: fixture.caseID, by: fixture.actor, uploadKey: "a")
            #expect(image.number == 1)
            #expect((image.width, image.height) == (48, 48))
            #expect(screening.state == .queued)
            #expect(try await fixture.files() == [image.archiveKey])
            #expect(try await fixture.archive.bytes(at: image.archiveKey).count == image.byteCount)
            #expect(try await fixture.actions() == ["image.add"])
        }
    }

    @Test func `what the decoder remarks is logged once, with the number of the image and nothing of its file`()
        async throws
    {
        var sent = try [UInt8](Data(contentsOf: CaseworkFixture.folder.appending(path: "images/plain.png")))
        // A piece of metadata whose checksum is none, after the header, and what a file may tell of a person.
        sent.insert(contentsOf: [0, 0, 0, 9] + Array("pHYsJane Doe!".utf8) + [0, 0, 0, 0], at: 33)
        try await CaseworkFixture.run { fixture in
            let lines = LoggedLines()
            let intake = ImageIntake(
                database: fixture.database, archive: fixture.archive,
                logger: Logger(label: "test") { _ in LineHandler(lines: lines) })
            let (image, _) = try await intake.add(sent, to: fixture.caseID, by: fixture.actor, uploadKey: "a")
            _ = try await intake.add(sent, to: fixture.caseID, by: fixture.actor, uploadKey: "a")
            _ = try await intake.add(
                CaseworkFixture.drawing(1), to: fixture.caseID, by: fixture.actor, uploadKey: "b")
            #expect(
                lines.all == [
                    "warning the decoder remarked on an image image=\(image.id.text) remarks=libpng: pHYs: CRC error"
                ])
        }
    }

    @Test(arguments: [3, 6, 8])
    func `what is stored holds the pixels, upright, and nothing else of the file`(orientation: Int) async throws {
        let sent = try [UInt8](
            Data(contentsOf: CaseworkFixture.folder.appending(path: "images/orientation-\(orientation).jpg")))
        try await CaseworkFixture.run { fixture in
            // A secret after the end of the image: tolerated, and never kept.
            let secret = Array("patient: Jane Doe".utf8)
            let (image, _) = try await fixture.intake().add(
                sent + secret, to: fixture.caseID, by: fixture.actor, uploadKey: "a")
            let stored = try await fixture.archive.bytes(at: image.archiveKey)
            #expect(try ImageDecoder.decode(stored) == ImageDecoder.decode(sent))
            #expect(try ImageDecoder.inspect(stored).orientation == 1)
            for hidden in [secret, Array("Exif".utf8)] {
                #expect(Data(stored).range(of: Data(hidden)) == nil)
            }
        }
    }

    @Test(
        arguments: [
            "plain.png", "plain.bmp", "plain.tiff", "lossless.webp", "alpha.png", "grey16.png", "orientation-6.tiff",
            "plain.jpg", "progressive.jpg",
        ])
    func `the screener answers the stored image as it answers the one that was sent`(name: String) async throws {
        let sent = try [UInt8](Data(contentsOf: CaseworkFixture.folder.appending(path: "images/\(name)")))
        let screener = try CaseworkFixture.screener()
        try await CaseworkFixture.run { fixture in
            let (image, _) = try await fixture.intake().add(
                sent, to: fixture.caseID, by: fixture.actor, uploadKey: "a")
            let stored = try await screener.screen(fixture.archive.bytes(at: image.archiveKey))
            let direct = try await screener.screen(sent)
            #expect(stored.decision == direct.decision)
            #expect(stored.label == direct.label)
            // A large JPEG is reduced while it is decoded, a PNG afterwards: a few grey levels of difference.
            let tolerance = name.hasSuffix("jpg") ? 0.01 : 1e-6
            for (one, other) in zip(stored.probabilities.values, direct.probabilities.values) {
                #expect(abs(one - other) <= tolerance)
            }
        }
    }

    @Test func `an image over the lossless limit becomes a JPEG of the same size`() async throws {
        let side = 2064
        let drawing = try DrawnSmear.draw(class: 2, seed: 3, side: 2048)
        let wide = RGBImage(
            width: 2048, height: side, pixels: drawing.pixels + Array(drawing.pixels.prefix(2048 * 3 * (side - 2048))))
        let sent = try ImageEncoder.jpeg(wide, quality: 92)
        try await CaseworkFixture.run { fixture in
            let (image, _) = try await fixture.intake().add(
                sent, to: fixture.caseID, by: fixture.actor, uploadKey: "a")
            #expect(image.archiveKey.hasSuffix(".jpg"))
            #expect((image.width, image.height) == (2048, side))
            // Its picture is kept as it is; what else lies in the file is not.
            let stored = try await fixture.archive.bytes(at: image.archiveKey)
            #expect(try ImageDecoder.decode(stored) == ImageDecoder.decode(sent))
            let note = Array("patient: Jane Doe".utf8)
            let comment = [0xFF, 0xFE, 0, UInt8(note.count + 2)] + note
            let (again, _) = try await fixture.intake().add(
                Array(sent.prefix(2)) + comment + sent.dropFirst(2) + note, to: fixture.caseID, by: fixture.actor,
                uploadKey: "b")
            let kept = try await fixture.archive.bytes(at: again.archiveKey)
            #expect(kept == stored && Data(kept).range(of: Data(note)) == nil)
        }
    }

    @Test func `the same key again is the same image, however many send it at once`() async throws {
        try await CaseworkFixture.run { fixture in
            let (intake, bytes) = (fixture.intake(), try CaseworkFixture.drawing(1))
            let ids = try await withThrowingTaskGroup(of: ImageID.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        try await intake.add(bytes, to: fixture.caseID, by: fixture.actor, uploadKey: "same").0.id
                    }
                }
                return try await group.reduce(into: Set<ImageID>()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
            try await fixture.expect(files: 1, screenings: 1)
            #expect(try await fixture.actions() == ["image.add"])
        }
    }

    @Test(arguments: ["", "no image at all", "cut"])
    func `a file that is no usable image leaves nothing behind`(content: String) async throws {
        let whole = try CaseworkFixture.drawing(1)
        let bytes = content == "cut" ? Array(whole.prefix(whole.count / 2)) : Array(content.utf8)
        try await CaseworkFixture.run { fixture in
            await #expect(throws: ImagingError.self) {
                try await fixture.intake().add(bytes, to: fixture.caseID, by: fixture.actor, uploadKey: "a")
            }
            try await fixture.expect(files: 0, screenings: 0)
            #expect(try await fixture.actions().isEmpty)
        }
    }

    @Test func `when the archive refuses, there is no row`() async throws {
        try await CaseworkFixture.run { fixture in
            let archive = FailingArchive(base: fixture.archive, failing: [1])
            let intake = ImageIntake(database: fixture.database, archive: archive)
            await #expect(throws: ClinicError.self) {
                try await intake.add(
                    CaseworkFixture.drawing(1), to: fixture.caseID, by: fixture.actor, uploadKey: "a")
            }
            try await fixture.expect(files: 0, screenings: 0)
        }
    }

    @Test
    func `when a rule refuses the rows, the file is removed; when the connection is lost, it stays for the sweeper`()
        async throws
    {
        for (moment, failure, files) in [
            (FailingDatabase.Moment.refused, FailingDatabase.refusal, 0), (.before, FailingDatabase.lost, 1),
        ] {
            try await CaseworkFixture.run { fixture in
                let intake = ImageIntake(
                    database: FailingDatabase(base: fixture.database, moment: moment), archive: fixture.archive)
                await #expect(throws: failure) {
                    try await intake.add(
                        CaseworkFixture.drawing(1), to: fixture.caseID, by: fixture.actor, uploadKey: "a")
                }
                try await fixture.expect(files: files, screenings: 0)
            }
        }
    }

    @Test func `when the connection breaks after the commit, the image counts as stored`() async throws {
        try await CaseworkFixture.run { fixture in
            let intake = ImageIntake(
                database: FailingDatabase(base: fixture.database, moment: .after), archive: fixture.archive)
            let (image, _) = try await intake.add(
                CaseworkFixture.drawing(1), to: fixture.caseID, by: fixture.actor, uploadKey: "a")
            #expect(try await fixture.files() == [image.archiveKey])
            #expect(try await fixture.screenings().count == 1)
        }
    }

    @Test func `when nobody can tell whether the rows are there, the file stays for the sweeper`() async throws {
        try await CaseworkFixture.run { fixture in
            let intake = ImageIntake(
                database: FailingDatabase(base: fixture.database, moment: .afterAndSilent), archive: fixture.archive)
            await #expect(throws: FailingDatabase.lost) {
                try await intake.add(
                    CaseworkFixture.drawing(1), to: fixture.caseID, by: fixture.actor, uploadKey: "a")
            }
            try await fixture.expect(files: 1, screenings: 1)
        }
    }

    @Test(
        arguments: [
            IntakeQuota(storageBytes: 100), IntakeQuota(imagesPerDay: 1), IntakeQuota(waiting: QueueLimits(ofOne: 1)),
        ])
    func `what an account may hold, send and have waiting is bounded`(quota: IntakeQuota) async throws {
        try await CaseworkFixture.run { fixture in
            try await fixture.add(1)
            let error = await #expect(throws: ClinicError.self) {
                try await fixture.intake(quota).add(
                    CaseworkFixture.drawing(9), to: fixture.caseID, by: fixture.actor, uploadKey: "next")
            }
            #expect(error?.code == .quotaExceeded)
            #expect(try await fixture.files().count == 1)
        }
    }

    @Test func `a full queue says when to come back`() async throws {
        try await CaseworkFixture.run { fixture in
            try await fixture.add(1)
            let error = await #expect(throws: CaseworkError.self) {
                try await fixture.intake(IntakeQuota(waiting: QueueLimits(inAll: 1, assured: 0))).add(
                    CaseworkFixture.drawing(9), to: fixture.caseID, by: fixture.actor, uploadKey: "next")
            }
            #expect(error?.code == .queueFull)
            #expect((error?.retryAfterSeconds ?? 0) > 0)
        }
    }

    @Test func `a queue that is full of others' images takes some of whoever has none waiting`() async throws {
        try await CaseworkFixture.run { fixture in
            try await fixture.add(2)
            let other = User(
                email: "other@example.org", name: "Other", role: .patient, passwordHash: "none", createdAt: Date())
            let theirs = SmearCase(ownerID: other.id, title: "Other", createdAt: Date(), updatedAt: Date())
            try await fixture.database.write { transaction in
                try transaction.insert(other)
                try transaction.append(CaseworkFixture.agreed(other.id, at: Date()))
                try transaction.insert(theirs)
            }
            let intake = fixture.intake(IntakeQuota(waiting: QueueLimits(inAll: 2, assured: 1)))
            // Two tokens of one account are one person.
            let actors: [(AuditEntry.Actor, CaseID, isTaken: Bool)] = [
                (fixture.actor, fixture.caseID, false), (.token(APITokenID(), owner: other.id), theirs.id, true),
                (.token(APITokenID(), owner: other.id), theirs.id, false),
            ]
            for (number, (actor, smearCase, isTaken)) in actors.enumerated() {
                var refusal: CaseworkError?
                do {
                    _ = try await intake.add(
                        CaseworkFixture.drawing(10 + number), to: smearCase, by: actor, uploadKey: "k\(number)")
                } catch let error as CaseworkError { refusal = error }
                #expect(refusal?.code == (isTaken ? nil : .queueFull), "\(number)")
            }
        }
    }

    @Test(arguments: [
        (0, 0, 1000), (995, 0, 10), (995, 20, 5), (1000, 0, 10), (1000, 10, 0), (1000, 4, 6), (1995, 0, 5),
        (2000, 0, 0),
    ])
    func `so many more of somebody's images fit into the queue`(all: Int, own: Int, room: Int) {
        #expect(QueueLimits(inAll: 1000, assured: 10).room(beside: own, of: all) == room)
    }

    @Test func `nothing is taken in without the consent of its owner, and of the guardian of whom it is`() async throws
    {
        try await CaseworkFixture.run { fixture in
            let child = Dependent(
                guardianID: fixture.owner.id, facts: .init(name: "Child", ageYears: 6), ageToldAt: Date(),
                createdAt: Date(), updatedAt: Date())
            var theirs = SmearCase(ownerID: fixture.owner.id, title: "Of a child", createdAt: Date(), updatedAt: Date())
            theirs.dependentID = child.id
            let smearCase = theirs
            try await fixture.database.write { transaction in
                try transaction.insert(child)
                try transaction.insert(smearCase)
            }
            let refused = await #expect(throws: ClinicError.self) {
                try await fixture.intake().add(
                    CaseworkFixture.drawing(1), to: smearCase.id, by: fixture.actor, uploadKey: "a")
            }
            #expect(refused?.code == .consentNeeded && refused?.message.key == "errors.consent.neededFor")
            let text = ConsentText(language: "en", words: "The notice.")
            let consents = Consents(database: fixture.database)
            try await consents.answer(.given, for: child.id, to: text, of: fixture.owner.id, by: fixture.actor)
            _ = try await fixture.intake().add(
                CaseworkFixture.drawing(1), to: smearCase.id, by: fixture.actor, uploadKey: "a")
            // A notice of tomorrow is a new question.
            let later = ImageIntake(
                database: fixture.database, archive: fixture.archive, notice: ConsentNotice(since: "2099-01-01"))
            try await consents.answer(.withdrawn, to: text, of: fixture.owner.id, by: fixture.actor)
            for intake in [later, fixture.intake()] {
                let error = await #expect(throws: ClinicError.self) {
                    try await intake.add(
                        CaseworkFixture.drawing(2), to: fixture.caseID, by: fixture.actor, uploadKey: "b")
                }
                #expect(error?.message.key == "errors.consent.needed")
            }
            // Nor by the server itself, once it was taken back; what was taken in before is told of again.
            let error = await #expect(throws: ClinicError.self) {
                try await fixture.intake().add(
                    CaseworkFixture.drawing(3), to: fixture.caseID, by: .system, uploadKey: "c")
            }
            #expect(error?.message.key == "errors.consent.needed")
            _ = try await fixture.intake().add(
                CaseworkFixture.drawing(1), to: smearCase.id, by: fixture.actor, uploadKey: "a")
            try await fixture.expect(files: 1, screenings: 0)
        }
    }

    @Test func `the image of a slide's field is stored as that, with its scale, in one transaction`() async throws {
        try await CaseworkFixture.run { fixture in
            let now = Date()
            let slide = CaseSlide(
                caseID: fixture.caseID, ownerID: fixture.owner.id, name: "smear.svs", source: .upload, byteCount: 3,
                received: 3, state: .waiting, wanted: 20, createdAt: now, updatedAt: now)
            let fields = (1...2).map {
                SlideField(slideID: slide.id, number: $0, x: 48 * $0, y: 7, side: 48, micrometresPerPixel: 0.25)
            }
            try await fixture.database.write { transaction in
                try transaction.insert(slide)
                try transaction.insert(fields)
            }
            // What is there when the image is committed, and others may take up its screening.
            let scales = Counter<Double>()
            let watched = WatchedDatabase(base: fixture.database) { transaction in
                guard let image = try transaction.image(uploadKey: "field", in: fixture.caseID) else { return }
                try scales.count(transaction.slideField(ofImage: image.id)?.micrometresPerPixel ?? 0)
            }
            let (image, _) = try await ImageIntake(database: watched, archive: fixture.archive).add(
                CaseworkFixture.drawing(1), to: fixture.caseID, by: .system, uploadKey: "field", field: fields[1])
            #expect(scales.all == [0.25: 1])
            let stored = try await fixture.database.read { try $0.slideField(ofImage: image.id) }
            #expect(stored?.number == 2 && stored?.micrometresPerPixel == 0.25 && stored?.takenAt != nil)
        }
    }

    @Test func `nobody but the owner adds to a case`() async throws {
        try await CaseworkFixture.run { fixture in
            for actor in [AuditEntry.Actor.user(UserID()), .anonymous, .token(APITokenID(), owner: UserID())] {
                let error = await #expect(throws: ClinicError.self) {
                    try await fixture.intake().add(
                        CaseworkFixture.drawing(1), to: fixture.caseID, by: actor, uploadKey: "a")
                }
                #expect(error?.code == .notFound)
            }
            try await fixture.expect(files: 0, screenings: 0)
        }
    }

    @Test(arguments: ["", "a/b", "ä", String(repeating: "x", count: 65)])
    func `a key that is none of ours is refused`(key: String) async throws {
        try await CaseworkFixture.run { fixture in
            await #expect(throws: CaseworkError.self) {
                try await fixture.intake().add(
                    CaseworkFixture.drawing(1), to: fixture.caseID, by: fixture.actor, uploadKey: key)
            }
            try await fixture.expect(files: 0, screenings: 0)
        }
    }
}

/// A database whose writes are looked at before they are committed.
private struct WatchedDatabase: ClinicDatabase {
    let base: any ClinicDatabase
    let look: @Sendable (any ClinicTransaction) throws -> Void

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any ClinicTransaction) throws -> Value
    ) async throws -> Value {
        try await base.read(body)
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any ClinicTransaction) throws -> Value
    ) async throws -> Value {
        try await base.write { [look] transaction in
            let value = try body(transaction)
            try look(transaction)
            return value
        }
    }

    func eraseTraces() async throws -> Bool { try await base.eraseTraces() }
}

/// What was logged.
private final class LoggedLines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

/// Keeps each line with its facts, in the order of their names.
private struct LineHandler: LogHandler {
    let lines: LoggedLines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let facts = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
        lines.add("\(event.level.rawValue) \(event.message)\(facts.joined())")
    }
}
