import Clinic
import Findings
import Foundation
import Store
import Testing

@Suite struct CareTests {
    private static let text = ConsentText(language: "ta", words: "The notice for guardians.")

    private static func date(_ text: String) throws -> Date { try Date(text + "T12:00:00Z", strategy: .iso8601) }

    @Test(arguments: [
        (Dependent.Facts(name: "A", birthYear: 2008), "2026-12-01", 18, true),
        (Dependent.Facts(name: "A", birthYear: 2007), "2026-12-01", 19, false),
        (Dependent.Facts(name: "A", birthYear: 2008, birthMonth: 11), "2026-12-01", 18, false),
        (Dependent.Facts(name: "A", birthYear: 2008, birthMonth: 12), "2026-12-01", 18, true),
        (Dependent.Facts(name: "A", birthYear: 2020, birthMonth: 12), "2026-11-30", 5, true),
        (Dependent.Facts(name: "A", ageYears: 16), "2026-06-01", 16, true),
        (Dependent.Facts(name: "A", ageYears: 16), "2028-06-01", 18, false),
        (Dependent.Facts(name: "A", birthYear: 2027), "2026-12-01", 0, true),
    ])
    func `an age is counted on, and a child is whoever may be under 18`(
        facts: Dependent.Facts, day: String, age: Int, isChild: Bool
    ) throws {
        let told = try Self.date("2026-05-01")
        let dependent = Dependent(guardianID: UserID(), facts: facts, ageToldAt: told, createdAt: told, updatedAt: told)
        let now = try Self.date(day)
        #expect(dependent.age(at: now) == age)
        #expect(dependent.isChild(at: now) == isChild)
    }

    @Test(arguments: [
        (Dependent.Facts(name: " ", ageYears: 3), "name"), (Dependent.Facts(name: "A"), "ageYears"),
        (Dependent.Facts(name: "A", birthYear: 2020, ageYears: 3), "ageYears"),
        (Dependent.Facts(name: "A", birthYear: 1700), "birthYear"),
        (Dependent.Facts(name: "A", birthMonth: 3, ageYears: 3), "birthMonth"),
        (Dependent.Facts(name: "A", birthYear: 2020, birthMonth: 13), "birthMonth"),
        (Dependent.Facts(name: "A", birthYear: 2026, birthMonth: 12), "birthMonth"),
        (Dependent.Facts(name: "A\u{202E}", ageYears: 3), "name"),
    ])
    func `what cannot be is refused at its field`(facts: Dependent.Facts, field: String) throws {
        let now = try Self.date("2026-06-01")
        let error = #expect(throws: ClinicError.self) { _ = try facts.checked(now: now) }
        #expect(error?.field == field)
    }

    @Test func `a guardian keeps somebody only with consent, which is written down, and nobody else sees them`()
        async throws
    {
        try await ReadingRoom.lend { room in
            let care = Care(database: room.database, clock: room.clock.now)
            let guardian = Principal.inBrowser(room.patient)
            let facts = Dependent.Facts(name: " Meena ", birthYear: 2019, sex: .female)
            await #expect { _ = try await care.add(facts, consent: nil, by: guardian) } throws: {
                isClinicError($0, .invalid, field: "consent")
            }
            let child = try await care.add(facts, consent: Self.text, by: guardian)
            #expect(child.facts.name == "Meena")
            let entry = try #require(try await care.list(of: guardian).first)
            #expect(entry.standing == .given && entry.consent?.text == Self.text && entry.cases == 0)
            #expect(entry.consent?.version.hasPrefix("2026-12-01 ") == true)
            for user in [room.otherPatient, room.reader, room.administrator] {
                let stranger = Principal.inBrowser(user)
                #expect(try await care.list(of: stranger).isEmpty)
                await #expect(throws: ClinicError(.notFound, "errors.nothingHere")) {
                    _ = try await care.entry(child.id, for: stranger)
                }
                await #expect(throws: ClinicError(.notFound, "errors.nothingHere")) {
                    try await care.change(child.id, to: facts, by: stranger)
                }
                await #expect(throws: ClinicError(.notFound, "errors.nothingHere")) {
                    try await care.remove(child.id, movingCases: nil, by: stranger)
                }
            }
            let log = try await room.database.read { try $0.auditRecords(after: 0, limit: 99).map(\.entry) }
            #expect(log.map(\.action.name).suffix(2) == ["person.create", "consent.give"])
            #expect(!log.contains { "\($0)".contains("Meena") })
        }
    }

    @Test func `an age that is shown again goes on counting, another one counts from now`() async throws {
        try await ReadingRoom.lend { room in
            let care = Care(database: room.database, clock: room.clock.now)
            let guardian = Principal.inBrowser(room.patient)
            let child = try await care.add(.init(name: "A", ageYears: 6), consent: Self.text, by: guardian)
            room.clock.advance(1.5 * 365.25 * 86_400)
            try await care.change(child.id, to: .init(name: "B", ageYears: 7), by: guardian)
            room.clock.advance(0.6 * 365.25 * 86_400)
            let kept = try #require(try await care.dependents(of: room.patient.id).first)
            #expect(kept.age(at: room.clock.now()) == 8 && kept.facts.name == "B")
            try await care.change(child.id, to: .init(name: "B", ageYears: 5), by: guardian)
            let corrected = try #require(try await care.dependents(of: room.patient.id).first)
            #expect(corrected.age(at: room.clock.now()) == 5)
        }
    }

    @Test func `no case becomes a person's for whom their guardian has not agreed`() async throws {
        try await ReadingRoom.lend { room in
            let care = Care(database: room.database, clock: room.clock.now)
            let consents = Consents(database: room.database, clock: room.clock.now)
            let guardian = Principal.inBrowser(room.patient)
            let child = try await care.add(.init(name: "Meena", ageYears: 6), consent: Self.text, by: guardian)
            let other = try await care.add(.init(name: "Ravi", ageYears: 4), consent: Self.text, by: guardian)
            try await care.setSubject(other.id, of: room.smearCase.id, by: guardian)
            try await consents.answer(
                .withdrawn, for: child.id, to: Self.text, of: room.patient.id, by: guardian.actor)
            await #expect { try await care.setSubject(child.id, of: room.smearCase.id, by: guardian) } throws: {
                isClinicError($0, .consentNeeded, field: "for")
            }
            await #expect { try await care.remove(other.id, movingCases: .to(child.id), by: guardian) } throws: {
                isClinicError($0, .consentNeeded, field: "cases")
            }
            let kept = try await room.database.read { try $0.smearCase(room.smearCase.id) }
            #expect(kept?.dependentID == other.id)
            // Back to the owner it always goes.
            try await care.setSubject(nil, of: room.smearCase.id, by: guardian)
            try await consents.answer(.given, for: child.id, to: Self.text, of: room.patient.id, by: guardian.actor)
            try await care.setSubject(child.id, of: room.smearCase.id, by: guardian)
        }
    }

    @Test
    func `a case is of whom its owner says until a doctor has signed, and nobody goes without a word on their cases`()
        async throws
    {
        try await ReadingRoom.lend { room in
            let care = Care(database: room.database, clock: room.clock.now)
            let guardian = Principal.inBrowser(room.patient)
            let cases = Cases(database: room.database, clock: room.clock.now)
            let child = try await care.add(
                .init(name: "Meena", birthYear: 2019, sex: .female), consent: Self.text, by: guardian)
            let other = try await care.add(.init(name: "Ravi", ageYears: 4), consent: Self.text, by: guardian)
            let stranger = try await care.add(
                .init(name: "Other", ageYears: 4), consent: Self.text, by: .inBrowser(room.otherPatient))
            await #expect(throws: ClinicError(.notFound, "errors.nothingHere")) {
                try await care.setSubject(stranger.id, of: room.smearCase.id, by: guardian)
            }
            try await care.setSubject(child.id, of: room.smearCase.id, by: guardian)
            let contents = try await cases.contents(of: room.smearCase.id, for: guardian)
            #expect(contents.subject.dependent?.facts.name == "Meena")
            #expect(contents.person?.facts.birthYear == 2019 && contents.person?.facts.sex == .female)
            #expect(contents.subject.isChild(at: room.clock.now()) == true)
            for move in [nil, Care.Move.to(child.id)] {
                await #expect { try await care.remove(child.id, movingCases: move, by: guardian) } throws: {
                    isClinicError($0, .invalid, field: "cases")
                }
            }
            try await care.remove(child.id, movingCases: .to(other.id), by: guardian)
            #expect(
                try await room.database.read { try $0.smearCase(room.smearCase.id)?.dependentID } == other.id)
            #expect(try await room.database.read { try $0.erasures() }.map(\.kind) == [.dependent])
            try await room.share()
            _ = try await room.sign(.preB)
            await #expect { try await care.setSubject(nil, of: room.smearCase.id, by: guardian) } throws: {
                isClinicError($0, .invalid, field: "for")
            }
            await #expect { try await care.remove(other.id, movingCases: .toOwner, by: guardian) } throws: {
                isClinicError($0, .invalid, field: "cases")
            }
            #expect(try await care.dependents(of: room.patient.id).map(\.id) == [other.id])
            // Nor do they become another person by what is told of them; the spelling of the name may be corrected.
            for facts in [
                Dependent.Facts(name: "Ravi", ageYears: 5), .init(name: "Ravi", birthYear: 2022),
                .init(name: "Ravi", ageYears: 4, sex: .male),
            ] {
                await #expect { try await care.change(other.id, to: facts, by: guardian) } throws: {
                    isClinicError($0, .invalid, field: "ageYears")
                }
            }
            try await care.change(other.id, to: .init(name: "Ravee", ageYears: 4), by: guardian)
            #expect(try await care.dependents(of: room.patient.id).map(\.facts.name) == ["Ravee"])
        }
    }

    @Test func `whose a case is, and what is known of them, is news for other systems`() async throws {
        try await ReadingRoom.lend { room in
            let care = Care(database: room.database, clock: room.clock.now)
            let guardian = Principal.inBrowser(room.patient)
            let child = try await care.add(.init(name: "Meena", birthYear: 2019), consent: Self.text, by: guardian)
            let told = Subscription(
                userID: room.patient.id, endpoint: "https://his.example.org/", createdAt: room.clock.now())
            try await room.database.write { try $0.insert(told) }
            func waiting() async throws -> Int {
                try await room.database.read { try $0.tally(of: told.id).waiting }
            }
            try await care.setSubject(child.id, of: room.smearCase.id, by: guardian)
            #expect(try await waiting() == 1)
            room.clock.advance(60)
            for _ in 1...2 {
                try await care.change(child.id, to: .init(name: "Meena", birthYear: 2020), by: guardian)
            }
            // One piece of news a case waits at a time.
            #expect(try await waiting() == 1)
            let stored = try await room.database.read { try $0.smearCase(room.smearCase.id) }
            #expect(stored?.updatedAt == room.clock.now())
        }
    }

    @Test func `a doctor is told of a person in care what was ticked`() async throws {
        try await ReadingRoom.lend { room in
            let care = Care(database: room.database, clock: room.clock.now)
            let guardian = Principal.inBrowser(room.patient)
            let child = try await care.add(
                .init(name: "Meena", ageYears: 6, sex: .female), consent: Self.text, by: guardian)
            try await care.setSubject(child.id, of: room.smearCase.id, by: guardian)
            for (told, name, age) in [([], nil, nil), ([.person], nil, 6), ([.name], "Meena", nil)]
                as [(Set<SharedCase.Detail>, String?, Int?)]
            {
                try await room.sharing.shareCase(
                    room.smearCase.id, with: room.doctor.id, includesNew: false, telling: told, by: room.patient.id)
                let shown = try await room.reading.openCase(room.smearCase.id, by: room.reader, isBlind: false).told
                #expect(shown?.name == name && shown?.facts.ageYears == age)
            }
        }
    }

    @Test func `nobody is told of a person for whom they were not chosen when a case becomes another's`() async throws {
        try await ReadingRoom.lend { room in
            let care = Care(database: room.database, clock: room.clock.now)
            let (guardian, id) = (Principal.inBrowser(room.patient), room.smearCase.id)
            let child = try await care.add(
                .init(name: "Meena", ageYears: 6, sex: .female), consent: Self.text, by: guardian)
            try await room.sharing.shareCase(
                id, with: room.doctor.id, includesNew: true, telling: [.name, .person, .sample],
                by: room.patient.id)
            let links = ReportLinks(database: room.database, rule: nil, clock: room.clock.now)
            let first = try await links.make(for: id, days: 7, by: guardian)
            _ = try await links.end(of: first.secret)
            let head = try await room.database.read { try $0.auditHead().sequence }
            try await care.setSubject(child.id, of: id, by: guardian)
            await #expect { try await links.end(of: first.secret) } throws: { isClinicError($0, .notFound) }
            let shared = try #require(
                try await room.database.read { try $0.sharedCase(id, with: room.reader.id) })
            #expect(shared.told == [.sample] && shared.includesNew)
            let log = try await room.database.read { try $0.auditRecords(after: head, limit: 9).map(\.entry) }
            #expect(log.map(\.action) == [.smearCase(.update), .smearCase(.unlink), .smearCase(.share)])
            #expect(log.last?.detail == "with=\(room.reader.id) new=true told=sample")
            let shown = try await room.reading.openCase(id, by: room.reader, isBlind: false).told
            #expect(shown?.name == nil && shown?.facts.ageYears == nil && shown?.title == "Secret title")
            // Removing the person moves the case once more.
            try await room.sharing.shareCase(
                id, with: room.doctor.id, includesNew: true, telling: [.name], by: room.patient.id)
            try await care.remove(child.id, movingCases: .toOwner, by: guardian)
            #expect(try await room.database.read { try $0.sharedCase(id, with: room.reader.id)?.told } == [])
        }
    }

    /// Whether a case is begun, and not refused for want of consent.
    private static func opens(
        _ room: ReadingRoom, _ notice: ConsentNotice, of dependent: DependentID?, by owner: Principal
    ) async throws -> Bool {
        do {
            _ = try await Cases(database: room.database, notice: notice, clock: room.clock.now).open(
                title: "New", of: dependent, by: owner)
            return true
        } catch let error as ClinicError where error.code == .consentNeeded {
            return false
        }
    }

    @Test func `no case is begun without consent, which is asked again under a new notice`() async throws {
        try await ReadingRoom.lend { room in
            let owner = Principal.inBrowser(room.patient)
            let consents = Consents(database: room.database, clock: room.clock.now)
            let later = ConsentNotice(since: "2027-03-01")
            func opens(_ notice: ConsentNotice = .current, of dependent: DependentID? = nil) async throws -> Bool {
                try await Self.opens(room, notice, of: dependent, by: owner)
            }
            func standing(_ notice: ConsentNotice = .current) async throws -> Consents.Standing {
                try await Consents(database: room.database, notice: notice).standing(of: room.patient.id)
            }
            #expect(try await standing() == .open)
            #expect(try await !opens())
            try await consents.answer(.declined, to: Self.text, of: room.patient.id, by: owner.actor)
            #expect(try await standing() == .refused)
            try await consents.answer(.given, to: Self.text, of: room.patient.id, by: owner.actor)
            #expect(try await standing() == .given)
            #expect(try await opens())
            let child = try await Care(database: room.database, clock: room.clock.now).add(
                .init(name: "Meena", ageYears: 6), consent: Self.text, by: owner)
            #expect(try await opens(of: child.id))
            try await consents.answer(.withdrawn, for: child.id, to: Self.text, of: room.patient.id, by: owner.actor)
            #expect(try await !opens(of: child.id))
            #expect(try await opens())
            #expect(try await standing(later) == .open)
            #expect(try await !opens(later))
            try await consents.answer(.withdrawn, to: Self.text, of: room.patient.id, by: owner.actor)
            #expect(try await !opens())
            #expect(
                try await consents.history(of: room.patient.id).map(\.answer) == [
                    .declined, .given, .given, .withdrawn, .withdrawn,
                ])
            await #expect(throws: ClinicError(.notFound, "errors.nothingHere")) {
                try await consents.answer(
                    .given, for: child.id, to: Self.text, of: room.otherPatient.id, by: .user(room.otherPatient.id))
            }
        }
    }
}
