import Clinic
import Findings
import Foundation
import Store
import Testing

@Suite struct CasesAgainTests {
    /// Somebody's case whose screenings failed.
    private struct Room {
        let fixture: DirectoryFixture
        let owner: User
        let caseID: CaseID
        var cases: Cases { Cases(database: fixture.database, clock: { DirectoryFixture.now }) }

        init(_ fixture: DirectoryFixture, images: Int) async throws {
            self.fixture = fixture
            owner = try await fixture.user("owner@example.org")
            let smearCase = SmearCase(
                ownerID: owner.id, title: "Sample", createdAt: DirectoryFixture.now, updatedAt: DirectoryFixture.now)
            caseID = smearCase.id
            try await fixture.database.write { transaction in
                try transaction.append(
                    Consent(
                        of: smearCase.ownerID, .given, notice: ConsentNotice.current.since,
                        text: ConsentText(language: "en", words: "The notice."), at: DirectoryFixture.now))
                try transaction.insert(smearCase)
                for number in 0..<images {
                    let image = CaseImage(
                        caseID: smearCase.id, number: 0, uploadKey: "k\(number)", width: 9, height: 9, byteCount: 9,
                        sha256: String(repeating: "0", count: 64), archiveKey: "images/\(ImageID()).png",
                        createdAt: DirectoryFixture.now + Double(number))
                    let record = ScreeningRecord(
                        imageID: image.id, caseID: smearCase.id, createdAt: image.createdAt)
                    _ = try transaction.insert(image, screening: record)
                }
            }
            try await fail(images)
        }

        func fail(_ count: Int) async throws {
            try await fixture.database.write { transaction in
                for _ in 0..<count {
                    let later = DirectoryFixture.now + 60
                    guard
                        let record = try transaction.claimScreening(
                            worker: "w", now: DirectoryFixture.now, leaseUntil: later)
                    else { return }
                    _ = try transaction.fail(record.id, worker: "w", failure: Message("errors.internal"), at: later)
                }
            }
        }

        func principal(_ user: User) -> Principal {
            let token = APIToken(
                digest: SecretToken().digest, userID: user.id, label: "x", scopes: [.write],
                createdAt: DirectoryFixture.now, expiresAt: .distantFuture)
            return Principal(user: user, means: .token(token))
        }

        func screenings() async throws -> [ScreeningRecord] {
            try await fixture.database.read { [caseID] in try $0.screenings(of: caseID) }
        }
    }

    @Test func `a failed screening waits again as if nobody had tried, which is written down`() async throws {
        try await DirectoryFixture.run { fixture in
            let room = try await Room(fixture, images: 2)
            let failed = try await room.screenings()[0]
            #expect(failed.state == .failed && failed.attempts == 1)
            for _ in 0..<2 {
                let found = try await room.cases.screenAgain(failed.id, by: room.principal(room.owner))
                #expect(found.screening.state == .queued && found.screening.attempts == 0)
                #expect(found.screening.failure == nil && found.screening.finishedAt == nil)
            }
            #expect(try await room.screenings().map(\.state) == [.queued, .failed])
            #expect(try await fixture.actions().filter { $0 == "screening.again" }.count == 1)
        }
    }

    @Test func `nobody but the owner has a screening tried again, and none that has an answer`() async throws {
        try await DirectoryFixture.run { fixture in
            let room = try await Room(fixture, images: 1)
            let (failed, owner) = (try await room.screenings()[0], room.principal(room.owner))
            let strangers = [
                try await fixture.user("a@example.org", .administrator),
                try await fixture.user("b@example.org", .clinician),
            ].map(room.principal)
            for stranger in strangers {
                let single = await #expect(throws: ClinicError.self) {
                    _ = try await room.cases.screenAgain(failed.id, by: stranger)
                }
                let all = await #expect(throws: ClinicError.self) {
                    _ = try await room.cases.screenFailedAgain(of: room.caseID, by: stranger)
                }
                #expect(single?.code == .notFound && all?.code == .notFound)
            }
            let elsewhere = await #expect(throws: ClinicError.self) {
                try await room.cases.screenAgain(image: failed.imageID, in: CaseID(), by: owner)
            }
            #expect(elsewhere?.code == .notFound)
            #expect(try await room.screenings()[0].state == .failed)
            _ = try await fixture.database.writing {
                try $0.run(
                    "UPDATE screenings SET state = 'done', decision = 'rejected', label = 'benign', confidence = 0", [])
            }
            let done = await #expect(throws: ClinicError.self) {
                _ = try await room.cases.screenAgain(failed.id, by: owner)
            }
            #expect(done?.code == .invalid)
            #expect(try await fixture.actions().contains("screening.again") == false)
        }
    }

    @Test func `of a case as many are tried again as may wait, the oldest first`() async throws {
        try await DirectoryFixture.run { fixture in
            let limit = Cases.maximumWaiting.ofOne
            let room = try await Room(fixture, images: limit + 2)
            let owner = room.principal(room.owner)
            #expect(try await room.cases.screenFailedAgain(of: room.caseID, by: owner) == limit)
            let states = try await room.screenings().map(\.state)
            #expect(states == Array(repeating: .queued, count: limit) + [.failed, .failed])
            let full = await #expect(throws: ClinicError.self) {
                _ = try await room.cases.screenFailedAgain(of: room.caseID, by: owner)
            }
            #expect(full?.code == .busy)
            // The operator is not held back.
            #expect(try await room.cases.screenFailedAgain(of: nil) == 2)
            #expect(try await fixture.actions().filter { $0 == "screening.again" }.count == limit + 2)
        }
    }

    @Test func `the operator has everything tried again, or one case`() async throws {
        try await DirectoryFixture.run { fixture in
            let room = try await Room(fixture, images: 130)
            let none = await #expect(throws: ClinicError.self) {
                _ = try await room.cases.screenFailedAgain(of: CaseID())
            }
            #expect(none?.code == .notFound)
            #expect(try await room.cases.screenFailedAgain(of: room.caseID) == 130)
            #expect(try await room.cases.screenFailedAgain(of: nil) == 0)
            #expect(try await room.screenings().allSatisfy { $0.state == .queued })
        }
    }
}
