import Clinic
import Findings
import Foundation
import Store
import Testing

@Suite struct PersonTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test func `what is known of a person is kept as it was given`() throws {
        let facts = Person.Facts(
            identifiers: [
                .init(namespace: " https://lab.example.org ", value: " 4711 "), .init(namespace: "x", value: " "),
            ],
            sample: .init(namespace: "", value: " S 9 "), ageYears: 6, sex: .female,
            counts: BloodCounts(haemoglobin: 7.2, whiteCells: 120, platelets: 0, blastPercentage: 88.5))
        let checked = try facts.checked(now: now)
        #expect(checked.identifiers == [.init(namespace: "https://lab.example.org", value: "4711")])
        #expect(checked.counts == facts.counts && checked.ageYears == 6)
        #expect(checked.sample == .init(namespace: "", value: "S 9"))
        #expect(Person.Facts().isEmpty && !checked.isEmpty)
        #expect(try JSONDecoder().decode(Person.Facts.self, from: Data("{}".utf8)).isEmpty)
    }

    @Test(
        arguments: [
            (Person.Facts(), nil), (Person.Facts(birthYear: 2020), true), (Person.Facts(birthYear: 2009), true),
            (Person.Facts(birthYear: 2008), false), (Person.Facts(ageYears: 17), true),
            (Person.Facts(ageYears: 18), false), (Person.Facts(ageYears: 0), true),
        ] as [(Person.Facts, Bool?)])
    func `a child is somebody under 18, or who turns 18 this year`(facts: Person.Facts, isChild: Bool?) {
        // 2027.
        #expect(facts.isChild(at: now) == isChild)
    }

    @Test(
        arguments: [
            (Person.Facts(birthYear: 2028), "birthYear"), (Person.Facts(birthYear: 1800), "birthYear"),
            (Person.Facts(ageYears: -1), "ageYears"), (Person.Facts(birthYear: 2020, ageYears: 7), "ageYears"),
            (Person.Facts(sample: .init(namespace: "", value: "a\u{0}b")), "sample"),
            (Person.Facts(counts: BloodCounts(haemoglobin: 31)), "haemoglobin"),
            (Person.Facts(counts: BloodCounts(whiteCells: -1)), "whiteCells"),
            (Person.Facts(counts: BloodCounts(platelets: .nan)), "platelets"),
            (Person.Facts(counts: BloodCounts(blastPercentage: 100.1)), "blastPercentage"),
            (
                Person.Facts(identifiers: (0..<9).map { .init(namespace: "", value: "\($0)") }), "identifier"
            ),
            (
                Person.Facts(identifiers: [.init(namespace: "", value: "1"), .init(namespace: "", value: "1")]),
                "identifier"
            ),
        ] as [(Person.Facts, String)])
    func `what cannot be is refused at its field`(facts: Person.Facts, field: String) {
        let error = #expect(throws: ClinicError.self) { _ = try facts.checked(now: now) }
        #expect(error?.field == field)
    }

    @Test func `the person of a case is its owner's to say, and what is shared whole tells what was ticked`()
        async throws
    {
        try await ReadingRoom.lend { room in
            let cases = Cases(database: room.database, clock: room.clock.now)
            let facts = Person.Facts(
                identifiers: [.init(namespace: "", value: "4711")], ageYears: 6, sex: .male,
                counts: BloodCounts(haemoglobin: 7))
            for user in [room.administrator, room.otherPatient, room.reader] {
                await #expect(throws: ClinicError(.notFound, "errors.nothingHere")) {
                    try await cases.setPerson(facts, of: room.smearCase.id, by: .inBrowser(user))
                }
            }
            try await cases.setPerson(facts, of: room.smearCase.id, by: .inBrowser(room.patient))
            let log = try await room.database.read { try $0.auditRecords(after: 0, limit: 99).map(\.entry.detail) }
            #expect(!log.contains { $0.contains("4711") })
            func told() async throws -> ToldOfCase? {
                try await room.reading.openCase(room.smearCase.id, by: room.reader, isBlind: false).told
            }
            try await room.share(0)
            #expect(try await told() == nil)
            try await room.sharing.shareCase(
                room.smearCase.id, with: room.doctor.id, includesNew: false, telling: [.person, .counts],
                by: room.patient.id)
            let some = try #require(try await told())
            #expect(some.title.isEmpty && some.facts.identifiers.isEmpty)
            #expect(some.facts.ageYears == 6 && some.facts.sex == .male && some.facts.counts.haemoglobin == 7)
            try await room.sharing.shareCase(
                room.smearCase.id, with: room.doctor.id, includesNew: false, telling: [.sample, .identifiers],
                by: room.patient.id)
            let other = try #require(try await told())
            #expect(other.title == "Secret title" && other.facts.identifiers == facts.identifiers)
            #expect(other.facts.ageYears == nil && other.facts.counts == BloodCounts())
            try await cases.setPerson(Person.Facts(), of: room.smearCase.id, by: .inBrowser(room.patient))
            #expect(try await room.database.read { try $0.person(of: room.smearCase.id) } == nil)
        }
    }

    @Test
    func `a case that is shared whole shares what comes later only where that was wished, until it is taken back`()
        async throws
    {
        for includesNew in [true, false] {
            try await ReadingRoom.lend { room in
                try await room.sharing.shareCase(
                    room.smearCase.id, with: room.doctor.id, includesNew: includesNew, telling: [], by: room.patient.id)
                #expect(try await room.sees(room.reader, 0))
                #expect(try await room.sees(room.reader, 1))
                let later = try await ReadingRoom.screen(
                    room.smearCase.id, .report, .benign, room.database, room.clock.now())
                try await room.database.write {
                    try Sharing.extend(to: later.id, of: room.smearCase.id, now: room.clock.now(), in: $0)
                }
                #expect(
                    try await room.database.read { try $0.isShared(later.id, with: room.reader.id) } == includesNew)
                try await room.sharing.withdrawCase(room.smearCase.id, from: room.reader.id, by: room.patient.id)
                #expect(try await !room.sees(room.reader, 0))
                #expect(try await room.database.read { try $0.sharedCases(of: room.smearCase.id) }.isEmpty)
                #expect(try await room.database.read { try !$0.isShared(later.id, with: room.reader.id) })
            }
        }
    }
}
