import Clinic
import Demonstration
import Findings
import Foundation
import Packaging
import Screening
import Store
import Testing

@Suite struct DemonstrationTests {
    @Test func `an empty database gets marked doctors who can be booked, in every city`() async throws {
        try await DemonstrationFixture.run { fixture in
            _ = try await fixture.demonstration.prepare()
            let doctors = try await fixture.database.read {
                try $0.doctors(matching: DoctorFilter(status: .verified), limit: 1000, offset: 0)
            }
            #expect(doctors.count == 160)
            #expect(Set(doctors.map(\.clinic.city)).count == 10)
            #expect(doctors.allSatisfy { $0.isDemonstration && $0.nextFreeAt != nil && $0.userID != nil })
            for doctor in doctors.prefix(20) {
                let reviews = try await fixture.database.read {
                    try $0.reviews(of: doctor.id, limit: 100, offset: 0)
                }
                #expect(doctor.rating == RatingSum(stars: reviews.reduce(0) { $0 + $1.stars }, count: reviews.count))
            }
            #expect(doctors.contains { $0.rating.count >= 3 })
        }
    }

    @Test
    func `the patient has screened smears of the demonstration model, shared with the clinician, and visits`()
        async throws
    {
        try await DemonstrationFixture.run { fixture in
            _ = try await fixture.demonstration.prepare()
            try await fixture.database.read { transaction in
                let patient = try #require(try transaction.user(email: "patient@demo.invalid"))
                let clinician = try #require(try transaction.user(email: "clinician@demo.invalid"))
                #expect(patient.place != nil)
                let cases = try transaction.cases(of: patient.id, matching: CaseFilter(), after: nil, limit: 50)
                let records = try cases.flatMap { try transaction.screenings(of: $0.smearCase.id) }
                #expect(records.count == 10)
                for record in records {
                    #expect(record.state == .done)
                    #expect(record.outcome?.model.name == "demonstration")
                    #expect(try transaction.isShared(record.id, with: clinician.id))
                }
                let visits = try transaction.appointments(of: patient.id, limit: 10)
                #expect(visits.filter { $0.state == .completed }.count == 2)
                #expect(visits.filter { $0.state == .confirmed && $0.startsAt > Date() }.count == 1)
                #expect(visits.allSatisfy { $0.state == .confirmed || $0.endsAt < Date() })
            }
        }
    }

    @Test
    func
        `an administrator finds an entry and a review to decide on, a doctor readings that agree and one that does not`()
        async throws
    {
        try await DemonstrationFixture.run { fixture in
            _ = try await fixture.demonstration.prepare()
            try await fixture.database.read { transaction in
                let waiting = try transaction.doctors(matching: DoctorFilter(status: .pending), limit: 5, offset: 0)
                #expect(waiting.count == 1 && waiting.allSatisfy(\.isDemonstration))
                let held = try transaction.reviewsToModerate(limit: 5)
                #expect(held.map(\.holdReason) == [ReviewHold.link.rawValue])
                let clinician = try #require(try transaction.user(email: "clinician@demo.invalid"))
                let readings = try transaction.readings(by: clinician.id, after: nil, limit: 50)
                #expect(readings.count == 3)
                #expect(readings.filter { $0.label != .smearClass($0.networkLabel) }.count == 1)
            }
        }
    }

    @Test func `another start adds nothing and gives new passwords, which work`() async throws {
        try await DemonstrationFixture.run { fixture in
            let first = try await fixture.demonstration.prepare()
            let people = try await fixture.database.read { try $0.countUsers(role: nil) }
            let second = try await fixture.demonstration.prepare()
            #expect(try await fixture.database.read { try $0.countUsers(role: nil) } == people)
            #expect(second.map(\.role) == [.patient, .clinician, .administrator])
            for (old, new) in zip(first, second) {
                #expect(old.email == new.email && old.password != new.password)
                #expect(try await fixture.opens(new))
                #expect(try await !fixture.opens(old))
            }
        }
    }

    @Test func `a database with people of its own is left alone, with the reason`() async throws {
        try await DemonstrationFixture.run { fixture in
            _ = try await fixture.accounts.create(
                Accounts.Registration(
                    email: "somebody@example.org", name: "Somebody", password: "three violet blasts under oil"),
                role: .patient)
            let error = await #expect(throws: ClinicError.self) { _ = try await fixture.demonstration.prepare() }
            #expect(error?.code == .forbidden)
            #expect(error?.description.contains("--data-dir") == true)
            #expect(try await fixture.database.read { try $0.countUsers(role: nil) } == 1)
        }
    }
}

/// An empty database with the shipped demonstration model.
private struct DemonstrationFixture: Sendable {
    let database: any MaintainedDatabase
    let accounts: Accounts
    let demonstration: Demonstration

    static func run(_ test: (DemonstrationFixture) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "leukoscope-demo-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: directory) } catch { Issue.record(error) }
        }
        let database = try SQLiteDatabase(
            file: directory.appending(path: "test.sqlite"), auditKey: [UInt8](repeating: 5, count: 32))
        try await database.migrate()
        let accounts = Accounts(
            database: database, key: [UInt8](repeating: 6, count: 32),
            hasher: PasswordHasher(cost: PasswordHasher.Cost(memory: 64, passes: 1)))
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let screener = try Screener(
            package: ModelPackage(directory: root.appending(path: "Models/demonstration")))
        let fixture = DemonstrationFixture(
            database: database, accounts: accounts,
            demonstration: Demonstration(
                database: database, archive: try DirectoryArchive(directory: directory.appending(path: "archive")),
                accounts: accounts, screener: screener))
        let result: Result<Void, any Error>
        do { result = .success(try await test(fixture)) } catch { result = .failure(error) }
        try await database.close()
        try result.get()
    }

    /// Whether somebody can log in so.
    func opens(_ login: Demonstration.Login) async throws -> Bool {
        let outcome = try await accounts.logIn(email: login.email, password: login.password, ending: nil)
        guard case .opened(let session) = outcome else { return false }
        return session.user.role == login.role
    }
}
