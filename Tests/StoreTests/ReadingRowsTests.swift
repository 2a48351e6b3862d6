import Clinic
import Findings
import FindingsFixtures
import Foundation
import Store
import Testing

@Suite struct ReadingRowsTests {
    /// A practice with three screenings of its patient, the last one not done.
    private func desk(_ database: any MaintainedDatabase) async throws -> (Practice, [ScreeningRecord]) {
        try await database.write { transaction in
            let practice = try Practice(in: transaction)
            var screenings = try [10.0, 20].compactMap {
                try transaction.addScreening(of: practice.patient.id, at: $0, .sample(.uncertain, .preB))
            }
            let waiting = SmearCase.sample(of: practice.patient.id)
            try transaction.insert(waiting)
            screenings.append(try transaction.add(.sample(in: waiting.id)).1)
            return (practice, screenings)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a share is of one screening, with one clinician, until it is taken back`(_ kind: TestedDatabase) async throws
    {
        try await kind.with { database in
            let (practice, screenings) = try await desk(database)
            let (patient, clinician) = (practice.patient.id, practice.clinician.id)
            try await database.write { transaction in
                try transaction.share(screenings[0].id, with: clinician, allowsTraining: true, at: moment(30))
                try transaction.share(screenings[1].id, with: clinician, allowsTraining: false, at: moment(31))
                try transaction.share(screenings[1].id, with: patient, allowsTraining: false, at: moment(32))
                // Again: the first moment stays, the permission is the last one's.
                try transaction.share(screenings[0].id, with: clinician, allowsTraining: false, at: moment(40))
            }
            let shares = [
                ScreeningShare(screeningID: screenings[0].id, userID: clinician, sharedAt: moment(30)),
                ScreeningShare(screeningID: screenings[1].id, userID: clinician, sharedAt: moment(31)),
                ScreeningShare(screeningID: screenings[1].id, userID: patient, sharedAt: moment(32)),
            ]
            try await database.write { transaction in
                #expect(try transaction.isShared(screenings[0].id, with: clinician))
                #expect(try !transaction.isShared(screenings[0].id, with: patient))
                #expect(try transaction.shares(of: screenings[1].id) == Array(shares.suffix(2)))
                #expect(try transaction.shares(ofCase: screenings[1].caseID) == Array(shares.suffix(2)))
                #expect(try transaction.shares(by: patient, limit: 9) == shares.reversed())
                #expect(try transaction.shares(by: patient, limit: 1) == [shares[2]])
                #expect(try transaction.shares(by: clinician, limit: 9).isEmpty)
                #expect(try transaction.unshare(screenings[1].id, with: patient))
                #expect(try !transaction.unshare(screenings[1].id, with: patient))
                let taken = try transaction.unshareAll(of: patient, with: clinician)
                #expect(Set(taken) == [screenings[0].id, screenings[1].id])
                #expect(try transaction.unshareAll(of: patient, with: clinician).isEmpty)
                #expect(try !transaction.isShared(screenings[0].id, with: clinician))
                try transaction.share(screenings[0].id, with: clinician, allowsTraining: false, at: moment(50))
                try transaction.insert(Reading.sample(of: screenings[0].id, by: clinician, signed: 60))
                try transaction.deleteCase(screenings[0].caseID)
                #expect(try transaction.shares(by: patient, limit: 9).isEmpty)
                #expect(try transaction.signedReadings(after: nil, limit: 9).isEmpty)
            }
            for attempt in [
                { try $0.share(ScreeningID(), with: clinician, allowsTraining: false, at: moment(1)) },
                { try $0.share(screenings[1].id, with: UserID(), allowsTraining: false, at: moment(1)) },
            ] as [@Sendable (any ClinicTransaction) throws -> Void] {
                let error = await #expect(throws: ClinicError.self) { try await database.write(attempt) }
                #expect(error?.code == .notFound)
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `the work list has open ones first, then the newest, and nothing that is not done`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let (practice, screenings) = try await desk(database)
            let clinician = practice.clinician.id
            try await database.write { transaction in
                for (index, screening) in screenings.enumerated() {
                    try transaction.share(
                        screening.id, with: clinician, allowsTraining: false, at: moment(30 + Double(index)))
                }
                let list = try transaction.sharedScreenings(with: clinician, limit: 9, offset: 0)
                #expect(list.map(\.screeningID) == [screenings[1].id, screenings[0].id])
                #expect(
                    list.first
                        == SharedScreening(
                            screeningID: screenings[1].id, caseID: screenings[1].caseID, patientID: practice.patient.id,
                            patientName: "Patient 1", sharedAt: moment(31),
                            finding: Finding(decision: .uncertain, label: .preB, confidence: 0.875), isSigned: false))
                try transaction.insert(Reading.sample(of: screenings[1].id, by: clinician))
                let drafted = try transaction.sharedScreenings(with: clinician, limit: 9, offset: 0)
                #expect(drafted.map(\.isSigned) == [false, false])
                try transaction.insert(Reading.sample(of: screenings[1].id, by: clinician, revision: 2, signed: 50))
                let after = try transaction.sharedScreenings(with: clinician, limit: 9, offset: 0)
                #expect(after.map(\.isSigned) == [false, true])
                #expect(after.map(\.screeningID) == [screenings[0].id, screenings[1].id])
                let second = try transaction.sharedScreenings(with: clinician, limit: 1, offset: 1)
                #expect(second.map(\.screeningID) == [screenings[1].id])
                // Taken back and shared once more: what was signed stays signed.
                _ = try transaction.unshare(screenings[1].id, with: clinician)
                try transaction.share(screenings[1].id, with: clinician, allowsTraining: false, at: moment(60))
                let again = try transaction.sharedScreenings(with: clinician, limit: 9, offset: 0)
                #expect(again.map(\.isSigned) == [false, true])
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a signed reading never changes, and its highest revision counts`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let (practice, screenings) = try await desk(database)
            let (clinician, screening) = (practice.clinician.id, screenings[0].id)
            var draft = Reading.sample(of: screening, by: clinician)
            let first = draft
            try await database.write { try $0.insert(first) }
            #expect(try await database.read { try $0.reading(first.id) } == first)
            (draft.label, draft.comment, draft.isBlind, draft.signedAt) = (.smearClass(.preB), "ß", true, moment(60))
            (draft.networkLabel, draft.networkDecision, draft.modelName) = (.proB, .uncertain, "other")
            (draft.modelVersion, draft.updatedAt) = ("2", moment(61))
            let signed = draft
            try await database.write { try $0.update(signed) }
            #expect(try await database.read { try $0.reading(first.id) } == signed)
            let change = await #expect(throws: ClinicError.self) { try await database.write { try $0.update(first) } }
            #expect(change?.code == .notFound)
            let taken = await #expect(throws: ClinicError.self) {
                try await database.write { try $0.insert(Reading.sample(of: screening, by: clinician)) }
            }
            #expect(taken?.code == .duplicate && taken?.field == "revision")
            let second = Reading.sample(
                of: screening, by: clinician, revision: 2, label: .smearClass(.benign), signed: 70)
            let draftOfThird = Reading.sample(of: screening, by: clinician, revision: 3)
            try await database.write { transaction in
                try transaction.insert(second)
                try transaction.insert(draftOfThird)
                #expect(try transaction.signedReadings(after: nil, limit: 9) == [second])
                let all = [signed.noLongerCounting, second, draftOfThird]
                #expect(try transaction.readings(of: screening) == all)
                #expect(try transaction.readings(ofCase: screenings[0].caseID) == all)
                #expect(try transaction.readings(ofCase: screenings[1].caseID).isEmpty)
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `readings are paged and counted`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let (practice, screenings) = try await desk(database)
            let readers = (0..<5).map { _ in UserID() }
            let readings = readers.enumerated().map { index, reader in
                Reading.sample(
                    of: screenings[index % 2].id, by: reader, label: index == 4 ? .unreadable : .smearClass(.proB),
                    signed: 100 + Double(index / 2), isBlind: index == 0)
            }
            let superseded = Reading.sample(
                of: screenings[1].id, by: readers[0], revision: 1, label: .smearClass(.preB), signed: 1)
            let own = Reading.sample(of: screenings[1].id, by: readers[0], revision: 2, signed: 200)
            try await database.write { transaction in
                for reading in readings + [superseded, own] { try transaction.insert(reading) }
                try transaction.insert(Reading.sample(of: screenings[0].id, by: practice.clinician.id))
            }
            try await database.read { transaction in
                var (walked, last): ([Reading], ReadingID?) = ([], nil)
                while case let page = try transaction.signedReadings(after: last, limit: 2), !page.isEmpty {
                    try #require(walked.count <= readings.count, "pages come again")
                    walked += page
                    last = page.last?.id
                }
                let expected = (readings + [own]).sorted {
                    ($0.signedAt ?? .distantPast, $0.id.text) < ($1.signedAt ?? .distantPast, $1.id.text)
                }
                #expect(walked == expected)
                let of = try transaction.readings(by: readers[0], after: nil, limit: 9)
                #expect(of == [readings[0], superseded.noLongerCounting, own].sorted { $0.id.text < $1.id.text })
                #expect(try transaction.readings(by: readers[0], after: of[0].id, limit: 1) == [of[1]])
                let counts = try transaction.readingCounts(of: nil)
                func count(_ label: ReaderLabel, _ isBlind: Bool, _ count: Int) -> ReadingCount {
                    ReadingCount(
                        modelName: "small", modelVersion: "1.0", networkLabel: .benign, networkDecision: .report,
                        readerLabel: label, isBlind: isBlind, count: count)
                }
                #expect(
                    counts == [
                        count(.unreadable, false, 1), count(.smearClass(.proB), false, 4),
                        count(.smearClass(.proB), true, 1),
                    ])
                #expect(
                    try transaction.readingCounts(of: readers[0]) == [
                        count(.smearClass(.proB), false, 1), count(.smearClass(.proB), true, 1),
                    ])
                #expect(try transaction.readingCounts(of: UserID()).isEmpty)
            }
            let gone = await #expect(throws: ClinicError.self) {
                try await database.read { try $0.signedReadings(after: ReadingID(), limit: 1) }
            }
            #expect(gone?.code == .notFound)
        }
    }
}
