import Clinic
import Findings
import FindingsFixtures
import Foundation
import Store
import Testing

@Suite struct SecondSchemaTests {

    /// What the second step must have made of the backup.
    private func check(_ database: any MaintainedDatabase, _ backup: FirstSchemaBackup) async throws {
        #expect(try await database.schemaVersion() >= 2)
        try await database.read { transaction throws in
            let moment = Date(timeIntervalSince1970: 1.5)
            #expect(
                Set(try transaction.shares(ofCase: backup.shared).map(\.screeningID))
                    == Set(backup.screenings.prefix(2)))
            #expect(
                try transaction.shares(of: backup.screenings[0])
                    == [ScreeningShare(screeningID: backup.screenings[0], userID: backup.clinician, sharedAt: moment)])
            #expect(try transaction.shares(ofCase: backup.kept).isEmpty)
            #expect(try transaction.shares(by: backup.patient, limit: 9).count == 2)
            let list = try transaction.sharedScreenings(with: backup.clinician, limit: 9, offset: 0)
            #expect(list.map(\.screeningID) == [backup.screenings[0]])
            let facts = try transaction.screeningFacts(from: .distantPast, until: .distantFuture, limit: 9)
            #expect(facts.count == 2)
            #expect(
                facts.contains(
                    ScreeningFact(
                        finishedAt: Date(timeIntervalSince1970: 1.75),
                        finding: Finding(decision: .report, label: .benign, confidence: 0.5), novelty: 0.25,
                        modelName: "old", modelVersion: "0.9", waitMilliseconds: 750,
                        workMilliseconds: 6)))
            #expect(facts.contains { $0.modelName.isEmpty && $0.novelty == nil && $0.workMilliseconds == 0 })
            #expect(try transaction.places(matching: "bengalur", limit: 5).map(\.id) == [7])
            #expect(try transaction.places(matching: "bemgaluru", limit: 5).map(\.timeZone) == [""])
            #expect(try transaction.places(near: .bengaluru, limit: 1).map(\.id) == [7])
            // A token of before tokens ended lasts for ninety days from the change on, and no longer each time.
            let token = try #require(try transaction.apiTokens(of: backup.patient).first)
            #expect(token.label == "scanner" && token.scopes == [.predict, .read])
            let days = token.expiresAt.timeIntervalSinceNow / 86_400
            #expect(days > 89 && days <= 90)
        }
        // Nothing but the new shares says who may see what.
        await #expect(throws: ClinicError.self) {
            try await database.reading { _ = try $0.rows("SELECT 1 FROM case_shares", []) }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `rows of the first schema become those of the second, however often the step is begun`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.withPlace { place in
            let backup = FirstSchemaBackup()
            let database = try await backup.restored(in: place)
            try await check(database, backup)
            // As after a crash before the step was noted down, at several points.
            for undoing in [
                [], ["DROP TABLE place_positions"], ["DELETE FROM screening_facts", "DELETE FROM place_names"],
                ["DROP TABLE place_ranks", "DELETE FROM place_endings"],
            ] {
                try await database.migrating { connection in
                    for statement in undoing { try connection.run(statement, []) }
                    try connection.run("DELETE FROM schema_migrations WHERE number >= 2", [])
                }
                try await database.migrate()
                try await check(database, backup)
            }
            try await database.close()
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a backup of the first schema comes back over rows of the second`(_ kind: TestedDatabase) async throws {
        try await kind.withPlace { place in
            let backup = FirstSchemaBackup()
            let source = place.directory.appending(path: "backup")
            try await backup.write(into: source)
            let database = try place.open()
            try await database.migrate()
            try await database.write { transaction throws in
                let practice = try Practice(in: transaction)
                let screening = try transaction.addScreening(of: practice.patient.id, at: 9)
                try transaction.share(
                    #require(screening).id, with: practice.clinician.id, allowsTraining: false, at: moment(9))
                let visit = try transaction.add(
                    .sample(with: practice.doctor.id, by: practice.patient.id, at: 0, state: .completed))
                try transaction.insert(Review.sample(of: visit, stars: 5))
            }
            try await Restore(from: source).run(into: database, dataDirectory: place.directory)
            try await check(database, backup)
            #expect(try await database.read { try $0.countDoctors(matching: DoctorFilter()) } == 0)
            #expect(try await database.read { try $0.countUsers(role: nil) } == 2)
            try await database.close()
        }
    }
}
