import Clinic
import Findings
import FindingsFixtures
import Foundation
import Store
import Testing

@Suite(.timeLimit(.minutes(15))) struct SitesTests {
    private static let model = ScreeningOutcome.Model(name: "tiny", version: "1.0")
    private static let optics = SiteOptics(name: "Stand 2", objective: "100x", camera: "C", stain: "Leishman")

    private static func principal(_ user: User) -> Principal {
        Principal(
            user: user,
            means: .session(
                LoginSession(
                    digest: "d", userID: user.id, createdAt: .distantPast, lastSeenAt: .distantPast,
                    expiresAt: .distantFuture, confirmedAt: .distantPast)))
    }

    private static func outcome(_ label: SmearClass, novelty: Double = 0.1, number: Int = 0) -> ScreeningOutcome {
        .sample(
            .report, label, confidence: 0.9, novelty: novelty, model: model,
            image: .init(width: 64, height: 64, sha256: String(format: "%064x", number)))
    }

    /// Thirty people of each kind with one field each, all right; novelty a little different from each other.
    private static func qualify(_ room: ReadingRoom) async throws -> SmearSite {
        let sites = Sites(database: room.database, clock: room.clock.now)
        let actor = AuditEntry.Actor.user(room.administrator.id)
        let site = try await sites.create(optics, by: actor)
        try await addControls(to: site.id, room)
        let qualification = try await sites.qualify(site.id, for: model, by: actor)
        #expect(qualification.isPassed)
        return try await sites.find("Stand 2")
    }

    /// New photographs of the same sixty people.
    private static func addControls(to site: SiteID, round: Int = 0, _ room: ReadingRoom) async throws {
        let sites = Sites(database: room.database, clock: room.clock.now)
        for number in 0..<60 {
            let label: SmearClass = number % 2 == 0 ? .preB : .benign
            let control = Sites.ScreenedControl(
                outcome(label, novelty: 0.1 + Double(number % 30) / 1000, number: 1000 * round + number))
            _ = try await sites.add(
                [control], of: .init(person: "P\(number)", label: label, knownBy: .flowCytometry), to: site,
                by: .user(room.administrator.id))
        }
    }

    /// An image of a case that a worker has answered.
    private static func answer(
        _ outcome: ScreeningOutcome, in smearCase: CaseID, at site: SiteID?, _ room: ReadingRoom
    ) async throws -> ScreeningRecord {
        let now = room.clock.now()
        let image = CaseImage(
            caseID: smearCase, number: 0, uploadKey: UUID().uuidString, width: 64, height: 64, byteCount: 1,
            sha256: String(repeating: "0", count: 64), archiveKey: "images/\(ImageID()).png", createdAt: now)
        let screening = ScreeningRecord(
            imageID: image.id, caseID: smearCase, createdAt: now, origin: ScreeningOrigin(siteID: site))
        return try await room.database.write { transaction in
            _ = try transaction.insert(image, screening: screening)
            _ = try transaction.claimScreening(worker: "w", now: now, leaseUntil: now.addingTimeInterval(60))
            _ = try transaction.complete(screening.id, worker: "w", outcome: outcome, analyticsJSON: "{}", at: now)
            try SiteWatching.answered(screening.id, outcome, now: now, in: transaction)
            return try #require(try transaction.screening(screening.id))
        }
    }

    private static func newCase(_ room: ReadingRoom) async throws -> CaseID {
        let now = room.clock.now()
        let made = SmearCase(ownerID: room.patient.id, title: "Another", createdAt: now, updatedAt: now)
        try await room.database.write { try $0.insert(made) }
        return made.id
    }

    @Test
    func `an answer is qualified only by that model, for a familiar image, at a known site, once it is qualified`()
        async throws
    {
        try await ReadingRoom.lend { room in
            let site = try await Self.qualify(room)
            #expect(site.state == .qualified && site.checkedAt == room.clock.now())
            let id = try await Self.newCase(room)
            let unfamiliar = ScreeningOutcome.sample(
                .rejected, .benign, model: Self.model, reasons: [.unfamiliar(found: 1, limit: 0.5, aspect: nil)])
            let newer = ScreeningOutcome.sample(.report, .benign, model: .init(name: "tiny", version: "1.1"))
            let good = try await Self.answer(Self.outcome(.benign), in: id, at: site.id, room)
            #expect(good.origin.isQualified)
            for (outcome, place) in [(unfamiliar, site.id), (newer, site.id), (Self.outcome(.benign), nil)] {
                #expect(try await !Self.answer(outcome, in: id, at: place, room).origin.isQualified)
            }
            let verdict = try #require(try await room.database.read { try $0.summary(of: id) }).verdict
            #expect(verdict.kind == .undecided && verdict.unqualifiedCount == 2)
            let other = try await Self.newCase(room)
            _ = try await Self.answer(Self.outcome(.benign), in: other, at: site.id, room)
            let qualified = try #require(try await room.database.read { try $0.summary(of: other) }).verdict
            #expect(qualified.kind == .benign && qualified.unqualifiedCount == 0)
            let contents = try await Cases(database: room.database, clock: room.clock.now)
                .contents(of: other, for: Self.principal(room.patient))
            #expect(contents.verdict.kind == .benign)
            #expect(
                contents.entries.map(\.standing) == [
                    SiteStanding(siteID: site.id, name: "Stand 2", qualification: .qualified)
                ])
        }
    }

    @Test func `staff alone say where images were made, and a later qualification does not cover earlier answers`()
        async throws
    {
        try await ReadingRoom.lend(outcomes: [(.report, .benign)]) { room in
            let site = try await Self.qualify(room)
            let sites = Sites(database: room.database, clock: room.clock.now)
            let id = room.smearCase.id
            for stranger in [room.patient, room.otherPatient, room.reader] {
                let principal = Self.principal(stranger)
                await #expect { try await sites.choose(site.id, for: id, by: principal) } throws: {
                    isClinicError($0, .notFound)
                }
                #expect(try await sites.choice(of: id, for: principal) == nil)
            }
            try await room.share()
            try await sites.choose(site.id, for: id, by: Self.principal(room.reader))
            let choice = try #require(try await sites.choice(of: id, for: Self.principal(room.reader)))
            #expect(choice.chosen == site.id && choice.sites.map(\.id) == [site.id])
            // In this room everything happens at one moment: the answer is not older than the qualification.
            let placed = try #require(try await room.database.read { try $0.screening(room.screenings[0].id) })
            #expect(placed.origin.siteID == site.id && placed.origin.isQualified)
            // What a patient adds later is of nowhere, what staff adds is of the chosen site.
            try await room.database.read { transaction throws in
                let owner = AuditEntry.Actor.user(room.patient.id)
                #expect(try Sites.site(ofNewImageIn: id, bound: nil, by: owner, in: transaction) == nil)
                let reader = AuditEntry.Actor.user(room.reader.id)
                #expect(try Sites.site(ofNewImageIn: id, bound: nil, by: reader, in: transaction) == site.id)
                #expect(try Sites.site(ofNewImageIn: CaseID(), bound: site.id, by: owner, in: transaction) == site.id)
            }
            room.clock.advance(60)
            _ = try await sites.qualify(site.id, for: Self.model, by: .system)
            try await sites.choose(nil, for: id, by: Self.principal(room.administrator))
            try await sites.choose(site.id, for: id, by: Self.principal(room.administrator))
            let earlier = try #require(try await room.database.read { try $0.screening(room.screenings[0].id) })
            #expect(earlier.origin.siteID == site.id && !earlier.origin.isQualified)
            #expect(try await room.actions().filter { $0 == "case.site" }.count == 3)
        }
    }

    @Test
    func `a suspension marks the answers since the last good check, and tells administrators, readers and patients`()
        async throws
    {
        try await ReadingRoom.lend(outcomes: [(.report, .benign)]) { room in
            let site = try await Self.qualify(room)
            let sites = Sites(database: room.database, clock: room.clock.now)
            let early = try await Self.answer(
                Self.outcome(.benign), in: Self.newCase(room), at: site.id, room)
            room.clock.advance(3600)
            let slide = try Sites.ControlLabel(person: "slide", label: .benign, knownBy: .followUp)
            let good = [Sites.ScreenedControl(Self.outcome(.benign, number: 900))]
            #expect(try await sites.check(good, of: slide, at: site.id, by: .system) == .good)
            await #expect { try await sites.check(good, of: slide, at: site.id, by: .system) } throws: {
                isClinicError($0, .invalid, field: "image")
            }
            room.clock.advance(3600)
            try await room.share()
            try await sites.choose(site.id, for: room.smearCase.id, by: Self.principal(room.administrator))
            let shared = try await Self.answer(
                Self.outcome(.benign), in: room.smearCase.id, at: site.id, room)
            try await room.sharing.share(
                [shared.id], with: room.doctor.id, allowsTraining: false, by: room.patient.id)
            #expect(try await sites.suspend(site.id, because: "the lamp", by: .system) == 1)
            let marked = try await room.database.read { transaction in
                try [early.id, shared.id].map { try transaction.screening($0)?.origin.doubtedAt != nil }
            }
            #expect(marked == [false, true])
            let told = try await room.database.read { transaction in
                try [room.patient, room.reader, room.administrator, room.otherReader].map { user in
                    try transaction.unseenNotices(of: user.id, limit: 9).filter { $0.siteID == site.id }.map(\.kind)
                }
            }
            #expect(told == [[.answersDoubted], [.answersDoubted], [.siteSuspended, .siteQualified], []])
            let overview = try await sites.overview(site.id, for: Self.model, by: .user(room.administrator.id))
            #expect(overview.doubted.map(\.screeningID) == [shared.id])
            #expect(overview.entry.site.suspension?.reason == "the lamp")
            #expect(overview.events.first?.facts["answers"] == "1")
            let verdict = try #require(try await room.database.read { try $0.summary(of: room.smearCase.id) }).verdict
            #expect(verdict.kind == .undecided)
            await #expect { try await sites.suspend(site.id, because: "again", by: .system) } throws: {
                isClinicError($0, .invalid, field: "reason")
            }
            // What it was does not qualify what it is; qualified anew, what was marked stays marked.
            room.clock.advance(60)
            await #expect { try await sites.qualify(site.id, for: Self.model, by: .system) } throws: {
                isClinicError($0, .invalid, field: "controls")
            }
            try await Self.addControls(to: site.id, round: 2, room)
            #expect(try await sites.qualify(site.id, for: Self.model, by: .system).isPassed)
            let kept = try #require(try await room.database.read { try $0.screening(shared.id) })
            #expect(kept.origin.doubtedAt != nil && !kept.origin.isQualified)
        }
    }

    @Test
    func `answers whose microscope is named later are marked like the others, and their people are told`()
        async throws
    {
        try await ReadingRoom.lend(outcomes: [(.report, .benign)]) { room in
            let site = try await Self.qualify(room)
            let sites = Sites(database: room.database, clock: room.clock.now)
            let chooser = Self.principal(room.administrator)
            room.clock.advance(60)
            let (early, late, after) = (
                try await Self.newCase(room), try await Self.newCase(room), try await Self.newCase(room)
            )
            let first = try await Self.answer(Self.outcome(.benign), in: early, at: nil, room)
            room.clock.advance(60)
            let slide = try Sites.ControlLabel(person: "slide", label: .benign, knownBy: .followUp)
            let good = [Sites.ScreenedControl(Self.outcome(.benign, number: 900))]
            #expect(try await sites.check(good, of: slide, at: site.id, by: .system) == .good)
            room.clock.advance(60)
            let second = try await Self.answer(Self.outcome(.benign), in: late, at: nil, room)
            try await room.sharing.share(
                [second.id], with: room.doctor.id, allowsTraining: false, by: room.patient.id)
            room.clock.advance(60)
            #expect(try await sites.suspend(site.id, because: "the lamp", by: .system) == 0)
            room.clock.advance(60)
            let third = try await Self.answer(Self.outcome(.benign), in: after, at: nil, room)
            func marked() async throws -> [Bool] {
                try await room.database.read { transaction in
                    try [first, second, third].map { try transaction.screening($0.id)?.origin.doubtedAt != nil }
                }
            }
            func told(_ user: User) async throws -> [CaseID?] {
                try await room.database.read { transaction in
                    try transaction.unseenNotices(of: user.id, limit: 9).filter { $0.kind == .answersDoubted }
                        .map(\.caseID)
                }
            }
            for smearCase in [early, late, after] { try await sites.choose(site.id, for: smearCase, by: chooser) }
            #expect(try await marked() == [false, true, false])
            #expect(try await told(room.patient) == [late])
            #expect(try await told(room.reader) == [late])
            #expect(try await told(room.otherReader).isEmpty)
            // A mark does not go by saying another place and back, before and after it is qualified anew.
            for round in [2, 3] {
                try await sites.choose(nil, for: late, by: chooser)
                try await sites.choose(site.id, for: late, by: chooser)
                #expect(try await marked() == [false, true, false], "\(round)")
                room.clock.advance(60)
                guard round == 2 else { continue }
                try await Self.addControls(to: site.id, round: 2, room)
                #expect(try await sites.qualify(site.id, for: Self.model, by: .system).isPassed)
            }
            let overview = try await sites.overview(site.id, for: Self.model, by: .user(room.administrator.id))
            #expect(overview.doubted.map(\.screeningID) == [second.id] && overview.olderDoubted == 0)
            let none = try await sites.overview(site.id, for: Self.model, by: .system, listing: 0)
            #expect(none.doubted.isEmpty && none.olderDoubted == 1)
        }
    }

    @Test func `a drifting stream suspends the site in the transaction of an answer, one update a case`() async throws {
        try await ReadingRoom.lend { room in
            let site = try await Self.qualify(room)
            let sites = Sites(database: room.database, clock: room.clock.now)
            var cases = 0
            for number in 0..<30 {
                guard try await sites.find("Stand 2").state == .qualified else { break }
                cases += 1
                let id = try await Self.newCase(room)
                for _ in 0..<3 {
                    _ = try await Self.answer(
                        Self.outcome(.benign, novelty: 0.3 + Double(number) / 100), in: id, at: site.id, room)
                }
                // Nothing is taken before the case is quiet.
                room.clock.advance(SiteWatching.quiet / 2)
                try await sites.takeCases()
                let taken = try await room.database.read { try $0.watchEntries(of: #require(site.qualificationID)) }
                #expect(taken.count == cases - 1)
                room.clock.advance(SiteWatching.quiet / 2)
                try await sites.takeCases()
            }
            let suspended = try await sites.find("Stand 2")
            #expect(suspended.state == .suspended && suspended.suspension?.cause == .novelty)
            #expect(cases < 25, "\(cases)")
            let entries = try await room.database.read { try $0.watchEntries(of: #require(site.qualificationID)) }
            #expect(entries.count == cases && entries.allSatisfy { $0.fields.count == 3 })
            #expect(entries.last?.step.alarm == .novelty)
            #expect(try await room.actions().filter { $0 == "site.suspend" }.count == 1)
            let doubted = try await room.database.read { try $0.doubtedAnswers(of: site.id, limit: 999) }
            #expect(doubted.count == 3 * cases)
        }
    }

    @Test func `a case of ten fields is taken at once, images that say nothing of the microscope do not count`()
        async throws
    {
        try await ReadingRoom.lend { room in
            let site = try await Self.qualify(room)
            let id = try await Self.newCase(room)
            for _ in 0..<3 {
                let blurred = ScreeningOutcome.sample(
                    .rejected, .benign, novelty: 2, model: Self.model, reasons: [.blurred(found: 1, limit: 2)])
                _ = try await Self.answer(blurred, in: id, at: site.id, room)
            }
            for _ in 0..<7 { _ = try await Self.answer(Self.outcome(.benign), in: id, at: site.id, room) }
            let qualification = try #require(site.qualificationID)
            let entry = try #require(try await room.database.read { try $0.lastWatchEntry(of: qualification) })
            #expect(entry.sequence == 1 && entry.caseID == id && entry.fields.count == 7)
            // It is not taken again.
            _ = try await Self.answer(Self.outcome(.benign), in: id, at: site.id, room)
            #expect(try await room.database.read { try $0.waitingCases(of: site.id) }.isEmpty)
            try await room.database.write { try $0.deleteCase(id) }
            let left = try #require(try await room.database.read { try $0.lastWatchEntry(of: qualification) })
            #expect(left.caseID == nil && left.fields == entry.fields)
        }
    }

    @Test func `another microscope under the same name, or other limits, suspend it; a control slide read wrongly too`()
        async throws
    {
        try await ReadingRoom.lend { room in
            let site = try await Self.qualify(room)
            let sites = Sites(database: room.database, clock: room.clock.now)
            var renamed = Self.optics
            renamed.name = "Stand 3"
            try await sites.change(site.id, to: renamed, limits: site.limits, by: .system)
            #expect(try await sites.find("Stand 3").state == .qualified)
            let slide = try Sites.ControlLabel(person: "slide", label: .benign, knownBy: .followUp)
            let wrong = [Sites.ScreenedControl(Self.outcome(.proB, number: 901))]
            #expect(try await sites.check(wrong, of: slide, at: site.id, by: .system) == .bad)
            #expect(try await sites.find("Stand 3").suspension?.cause == .control)
            room.clock.advance(60)
            try await Self.addControls(to: site.id, round: 2, room)
            #expect(try await sites.qualify(site.id, for: Self.model, by: .system).isPassed)
            // Other limits alone need no other fields.
            var limits = site.limits
            limits.specificity = 0.85
            try await sites.change(site.id, to: renamed, limits: limits, by: .system)
            #expect(try await sites.find("Stand 3").suspension?.cause == .limits)
            #expect(try await sites.qualify(site.id, for: Self.model, by: .system).isPassed)
            renamed.stain = "Giemsa"
            try await sites.change(site.id, to: renamed, limits: limits, by: .system)
            #expect(try await sites.find("Stand 3").suspension?.cause == .changed)
            let other = try await sites.create(Self.optics, by: .system)
            #expect(other.state == .unqualified)
            await #expect { try await sites.create(Self.optics, by: .system) } throws: {
                isClinicError($0, .duplicate, field: "name")
            }
            await #expect { try await sites.qualify(other.id, for: Self.model, by: .system) } throws: {
                isClinicError($0, .invalid, field: "controls")
            }
        }
    }

    @Test func `one person has one label, one file counts once, and the plan is changed by one at a time`() async throws
    {
        try await ReadingRoom.lend { room in
            let sites = Sites(database: room.database, clock: room.clock.now)
            let site = try await sites.create(Self.optics, by: .system)
            let control = [Sites.ScreenedControl(Self.outcome(.preB, number: 1))]
            let ill = try Sites.ControlLabel(person: "P1", label: .preB, knownBy: .cytogenetics)
            #expect(try await sites.add(control, of: ill, to: site.id, by: .system) == .init(added: 1, known: 0))
            #expect(try await sites.add(control, of: ill, to: site.id, by: .system) == .init(added: 0, known: 1))
            let well = try Sites.ControlLabel(person: "P1", label: .benign, knownBy: .followUp)
            await #expect {
                try await sites.add(
                    [.init(Self.outcome(.benign, number: 2))], of: well, to: site.id, by: .system)
            } throws: {
                isClinicError($0, .invalid, field: "person")
            }
            let refused = try await sites.qualify(site.id, for: Self.model, by: .system)
            #expect(!refused.isPassed && refused.figures.isOneSided)
            #expect(try await sites.find(site.id.text).state == .unqualified)
            let actor = AuditEntry.Actor.user(room.administrator.id)
            try await sites.setPlan(
                modifications: "a", changeProtocol: "b", impact: "c", after: 0, by: actor)
            await #expect {
                try await sites.setPlan(modifications: "x", changeProtocol: "b", impact: "c", after: 0, by: actor)
            } throws: {
                isClinicError($0, .duplicate, field: "modifications")
            }
            let control1 = try await sites.changeControl()
            #expect(control1.plan?.revision == 1 && control1.plan?.changeProtocol == "b")
            #expect(control1.events.map(\.kind) == [.plan, .refused, .controls, .created])
            #expect(control1.people[room.administrator.id] == room.administrator.name)
        }
    }
}
