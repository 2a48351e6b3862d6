import Clinic
import Findings
import FindingsFixtures
import Foundation
import Store
import Testing

extension ClinicTransaction {
    /// Stores one of everything that belongs to a whole case.
    func addWholeCase(_ smearCase: CaseID, _ screening: ScreeningID, of patient: UserID, reader: UserID) throws {
        try insert(
            CaseReading(
                caseID: smearCase, readerID: reader, revision: 1, label: .otherFinding, finding: "Plasmodium",
                findings: [.malariaParasites], comment: "Two\nlines", images: [screening: .unreadable],
                signedAt: moment(7), createdAt: moment(6),
                updatedAt: moment(7)))
        try share(
            SharedCase(
                caseID: smearCase, userID: reader, sharedAt: moment(5), includesNew: true, told: [.person, .counts]),
            of: patient)
        try store(
            Person(
                caseID: smearCase,
                facts: .init(identifiers: [.init(namespace: "urn:x", value: "4711")], ageYears: 6, sex: .female),
                updatedAt: moment(5)))
        try post(
            Notice(to: patient, .readingSigned, caseID: smearCase, aboutID: reader, createdAt: moment(7)))
    }
}

/// Readings of whole cases, shared cases, persons and notices, in both databases.
@Suite struct WholeCaseRowsTests {
    private struct Desk {
        let practice: Practice
        let other: User
        let smearCase: CaseID
        let screening: ScreeningID
    }

    private func desk(_ database: any MaintainedDatabase) async throws -> Desk {
        try await database.write { transaction in
            let practice = try Practice(in: transaction)
            let other = User.sample("second@x.org", role: .clinician)
            try transaction.insert(other)
            let screening = try #require(
                try transaction.addScreening(of: practice.patient.id, at: 10, .sample(.report, .preB)))
            return Desk(practice: practice, other: other, smearCase: screening.caseID, screening: screening.id)
        }
    }

    private func reading(
        _ desk: Desk, by reader: UserID, _ label: ReaderLabel, revision: Int = 1, settles: Bool = false,
        signed: Double?
    ) -> CaseReading {
        CaseReading(
            caseID: desk.smearCase, readerID: reader, revision: revision, label: label,
            finding: label == .otherFinding ? "Plasmodium 🦟" : "", findings: label == .otherFinding ? [.filaria] : [],
            comment: "Zeile\nzwei",
            images: [desk.screening: .unreadable], settles: settles, isBlind: true, signedAt: signed.map { moment($0) },
            createdAt: moment(Double(revision)), updatedAt: moment(Double(revision)))
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a reading of a case is a draft until it is signed, and is kept as it was written`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let desk = try await desk(database)
            let reader = desk.practice.clinician.id
            var draft = reading(desk, by: reader, .undecided, signed: nil)
            let first = draft
            try await database.write { try $0.insert(first) }
            #expect(try await database.read { try $0.caseReadings(of: desk.smearCase) } == [first])
            (draft.label, draft.finding, draft.signedAt) = (.otherFinding, "Plasmodium 🦟", moment(9))
            draft.findings = [.sickleCells, .malariaParasites]
            let signed = draft
            try await database.write { try $0.update(signed) }
            #expect(try await database.read { try $0.caseReadings(of: desk.smearCase) } == [signed])
            #expect(try await database.read { try $0.caseReadings(by: reader, limit: 9) } == [signed])
            await #expect(throws: ClinicError.self) { try await database.write { try $0.update(signed) } }
            let again = reading(desk, by: reader, .reactive, signed: 10)
            await #expect { try await database.write { try $0.insert(again) } } throws: {
                ($0 as? ClinicError)?.field == "revision"
            }
            #expect(try await database.read { try $0.summary(of: desk.smearCase) }?.conclusion.leading == nil)
            try await database.write { try $0.deleteCase(desk.smearCase) }
            #expect(try await database.read { try $0.caseReadings(by: reader, limit: 9) }.isEmpty)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a reading of an image keeps its findings, and a code that is not in the list is refused`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let desk = try await desk(database)
            var first = Reading.sample(of: desk.screening, by: desk.practice.clinician.id, label: .otherFinding)
            first.findings = [.thrombocytopenia]
            let draft = first
            (first.findings, first.signedAt) = (SmearFinding.allCases, moment(9))
            let signed = first
            try await database.write { try $0.insert(draft) }
            #expect(try await database.read { try $0.readings(of: desk.screening) } == [draft])
            try await database.write { try $0.update(signed) }
            #expect(try await database.read { try $0.readings(of: desk.screening) } == [signed])
            try await database.migrating {
                try $0.run("UPDATE readings SET findings = 'filaria no-such-code'", [])
            }
            await #expect {
                _ = try await database.read { try $0.readings(of: desk.screening) }
            } throws: {
                ($0 as? ClinicError)?.code == .corrupt
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `readings of the nineteenth schema have no findings, however often the step to the next is begun`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.withPlace { place in
            let database = try place.open()
            try await database.migrate()
            let desk = try await desk(database)
            let whole = reading(desk, by: desk.practice.clinician.id, .reactive, signed: 9)
            let single = Reading.sample(of: desk.screening, by: desk.practice.clinician.id, signed: 9)
            try await database.write { transaction in
                try transaction.insert(whole)
                try transaction.insert(single)
            }
            // The second time the column of one table is left, as after a crash in the middle.
            for tables in [["readings", "case_readings"], ["case_readings"]] {
                try await database.migrating { connection in
                    for table in tables { try connection.run("ALTER TABLE \(table) DROP COLUMN findings", []) }
                    try connection.run("DELETE FROM schema_migrations WHERE number >= 20", [])
                }
                try await database.migrate()
                #expect(try await database.read { try $0.caseReadings(of: desk.smearCase) } == [whole])
                #expect(try await database.read { try $0.readings(of: desk.screening) } == [single])
            }
            try await database.close()
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `the list tells the reading that leads, and a settling one takes the others' place`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let desk = try await desk(database)
            let (one, two) = (desk.practice.clinician.id, desk.other.id)
            func conclusion() async throws -> CaseConclusion {
                try #require(try await database.read { try $0.summary(of: desk.smearCase) }).conclusion
            }
            let malignant = reading(desk, by: one, .otherMalignancy, signed: 20)
            let single = Reading.sample(of: desk.screening, by: one, label: .smearClass(.proB), signed: 20)
            let normal = reading(desk, by: two, .normalBlood, signed: 30)
            try await database.write { transaction in
                try transaction.insert(single)
                try transaction.insert(malignant)
                try transaction.insert(normal)
            }
            let disputed = try await conclusion()
            #expect(disputed.leading == malignant && disputed.isDisputed && disputed.kind == .urgent)
            let own = Reading.sample(of: desk.screening, by: two, label: .normalBlood, signed: 40)
            let settling = reading(desk, by: two, .normalBlood, revision: 2, settles: true, signed: 40)
            try await database.write { transaction in
                try transaction.insert(own)
                try transaction.insert(settling)
                try transaction.settle([malignant.id], and: [desk.screening], by: two)
            }
            let settled = try await conclusion()
            #expect(settled.leading == settling && settled.kind == .benign && !settled.isDisputed)
            let counting = try await database.read { try $0.readings(of: desk.screening).counting }
            #expect(counting.map(\.id) == [own.id])
            #expect(try await database.read { try $0.signedReadings(after: nil, limit: 9) }.map(\.id) == [own.id])
            let list = try await database.read {
                try $0.cases(
                    of: desk.practice.patient.id, matching: CaseFilter(label: .benign), after: nil, limit: 9)
            }
            #expect(list.map(\.smearCase.id) == [desk.smearCase])
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a shared case says what is told, and goes with its images`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let desk = try await desk(database)
            let (patient, reader) = (desk.practice.patient.id, desk.practice.clinician.id)
            @Sendable func shared(_ told: Set<SharedCase.Detail>) -> SharedCase {
                SharedCase(
                    caseID: desk.smearCase, userID: reader, sharedAt: moment(5), includesNew: true, told: told,
                    allowsTraining: true)
            }
            try await database.write { transaction in
                try transaction.share(shared([]), of: patient)
                try transaction.share(shared([.person, .counts]), of: patient)
                try transaction.share(desk.screening, with: reader, allowsTraining: false, at: moment(5))
            }
            try await database.write { (transaction: any ClinicTransaction) throws in
                #expect(try transaction.sharedCase(desk.smearCase, with: reader) == shared([.person, .counts]))
                #expect(try transaction.sharedCases(by: patient, limit: 9) == [shared([.person, .counts])])
                #expect(try transaction.countShares(of: patient, with: reader) == 1)
                #expect(try transaction.unshareImages(of: desk.smearCase, with: reader) == [desk.screening])
                #expect(try transaction.unshareCase(desk.smearCase, with: reader))
                #expect(try !transaction.unshareCase(desk.smearCase, with: reader))
                #expect(try transaction.sharedCases(of: desk.smearCase).isEmpty)
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a person is kept with identifiers and counts, and goes with the case`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let desk = try await desk(database)
            var person = Person(
                caseID: desk.smearCase,
                facts: .init(
                    identifiers: [.init(namespace: "urn:x", value: "ரத்தம் 7"), .init(namespace: "", value: "2")],
                    sample: .init(namespace: "urn:lab", value: "S 1"), birthYear: 2019, sex: .other,
                    counts: BloodCounts(haemoglobin: 7.25, whiteCells: 120, platelets: 15, blastPercentage: 88)),
                updatedAt: moment(4))
            let first = person
            try await database.write { try $0.store(first) }
            #expect(try await database.read { try $0.person(of: desk.smearCase) } == first)
            person.facts = .init(ageYears: 7)
            let second = person
            try await database.write { try $0.store(second) }
            #expect(try await database.read { try $0.person(of: desk.smearCase) } == second)
            try await database.write { try $0.deleteCase(desk.smearCase) }
            #expect(try await database.read { try $0.person(of: desk.smearCase) } == nil)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a notice is told once, seen once, and escalated once though two servers look`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let desk = try await desk(database)
            let (patient, reader) = (desk.practice.patient.id, desk.practice.clinician.id)
            func notice(_ at: Double, _ escalates: Double?) -> Notice {
                Notice(
                    to: patient, .readingSigned, caseID: desk.smearCase, aboutID: reader, createdAt: moment(at),
                    escalatesAt: escalates.map { moment($0) })
            }
            let (first, second) = (notice(1, 50), notice(2, 60))
            try await database.write { transaction in
                try transaction.post(first)
                try transaction.post(second)
            }
            let kept = try await database.read { try $0.unseenNotices(of: patient, limit: 9) }
            #expect(kept.map(\.id) == [second.id] && kept.first?.escalatesAt == moment(50))
            #expect(try await database.read { try $0.overdueNotices(now: moment(49), limit: 9) }.isEmpty)
            #expect(try await database.read { try $0.overdueNotices(now: moment(50), limit: 9) } == kept)
            let claims = try await racing(4) { _ in try await database.write { try $0.claimEscalation(second.id) } }
            #expect(claims.count { $0 } == 1)
            #expect(try await database.read { try $0.dueLetters(limit: 9) }.map(\.id) == [second.id])
            try await database.write { transaction in
                try transaction.markReadingsSeen(of: desk.smearCase, by: reader, at: moment(70))
                #expect(try transaction.countUnseenNotices(of: patient) == 1)
                try transaction.markReadingsSeen(of: desk.smearCase, by: patient, at: moment(70))
                #expect(try transaction.countUnseenNotices(of: patient) == 0)
                #expect(try transaction.dueLetters(limit: 9).isEmpty)
                try transaction.post(
                    Notice(to: reader, .shareEnded, caseID: desk.smearCase, aboutID: patient, createdAt: moment(80)))
                #expect(try transaction.hasEndedShare(of: desk.smearCase, for: reader))
                try transaction.deleteCase(desk.smearCase)
                #expect(try transaction.unseenNotices(of: reader, limit: 9).isEmpty)
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a session remembers when the password was given again`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let user = User.sample()
            let session = LoginSession(
                digest: String(repeating: "a", count: 64), userID: user.id, createdAt: moment(1), lastSeenAt: moment(1),
                expiresAt: moment(99))
            try await database.write { transaction in
                try transaction.insert(user)
                try transaction.insert(session)
                #expect(try transaction.session(digest: session.digest) == session)
                try transaction.confirmSession(digest: session.digest, at: moment(7))
                #expect(try transaction.session(digest: session.digest)?.confirmedAt == moment(7))
            }
        }
    }
}
