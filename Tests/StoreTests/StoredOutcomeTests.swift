import Clinic
import Findings
import FindingsFixtures
import Foundation
import Store
import Testing

@Suite struct StoredOutcomeTests {
    private static let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/store/outcomes-as-sentences.sqlite")

    /// A row of the fixture, read with nothing of the program.
    private struct Row: Decodable {
        let label: String
        let decision: String
        let confidence: Double
        let probabilities: [String: Double]
        let reasons: [String]
        let novelty: Double
    }

    private static func rows(_ database: any MaintainedDatabase) async throws -> [String: Row] {
        let rows = try await database.reading {
            try $0.rows("SELECT id, result_json FROM screenings WHERE state = 'done'", [])
        }
        return try Dictionary(
            rows.map { row in
                guard case .text(let id) = row[0], case .text(let json) = row[1] else {
                    throw CocoaError(.coderInvalidValue)
                }
                return (id, try JSONDecoder().decode(Row.self, from: Data(json.utf8)))
            }, uniquingKeysWith: { $1 })
    }

    @Test func `a database of the release that wrote sentences opens, migrates and says the same`() async throws {
        try await TestedDatabase.sqlite.withPlace { place in
            let file = place.directory.appending(path: "old.sqlite")
            try FileManager.default.copyItem(at: Self.fixture, to: file)
            let database = try SQLiteDatabase(file: file, auditKey: TestedDatabase.key)
            let rows = try await Self.rows(database)
            #expect(rows.count == 12)
            try await database.migrate()
            try await database.read { transaction in
                let patient = try #require(try transaction.user(email: "patient@demo.invalid"))
                let cases = try transaction.cases(of: patient.id, matching: CaseFilter(), after: nil, limit: 50)
                #expect(cases.count == 6)
                var decisions: [Decision: Int] = [:]
                for record in try cases.flatMap({ try transaction.screenings(of: $0.smearCase.id) }) {
                    let row = try #require(rows[record.id.text])
                    let outcome = try #require(try record.answer)
                    #expect(outcome.label.rawValue == row.label && outcome.decision.rawValue == row.decision)
                    #expect(outcome.confidence == row.confidence && outcome.novelty == row.novelty)
                    #expect(
                        SmearClass.allCases.map { outcome.probabilities[$0] }
                            == SmearClass.keys.map { row.probabilities[$0] })
                    #expect(outcome.reasons == row.reasons.map { Reason.told(sentence: $0) })
                    #expect(record.finding == outcome.finding)
                    decisions[outcome.decision, default: 0] += 1
                }
                #expect(decisions == [.report: 10, .uncertain: 1, .rejected: 1])
                // Urgency and reassurance are worked out anew.
                let kinds = Dictionary(cases.map { ($0.smearCase.title, $0.verdict.kind) }, uniquingKeysWith: { $1 })
                #expect(kinds["Drawn smear, laboratory B"] == .urgent)
                #expect(kinds["Drawn smear, control"] == .undecided)
                #expect(kinds["Drawn smear, odd images"] == .undecided)
                let readings = try transaction.signedReadings(after: nil, limit: 9)
                #expect(readings.map(\.label).filter { $0 == .smearClass(.preB) }.count == 1)
                #expect(readings.allSatisfy { $0.networkLabel == .earlyPreB && $0.networkDecision == .report })
            }
            try await database.close()
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `what is stored comes back whole, reasons with their facts`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let user = User.sample()
            let reasons: [Reason] = [
                .blurred(found: 1.25, limit: 20.1), .unfamiliar(found: 0.7, limit: 0.5, aspect: .fineDetail),
            ]
            let outcome = ScreeningOutcome.sample(.rejected, .proB, confidence: 0.1 + 0.2, reasons: reasons)
            try await database.write { transaction in
                try transaction.insert(user)
                let record = try #require(try transaction.addScreening(of: user.id, at: 3, outcome))
                #expect(record.outcome == outcome)
                #expect(try record.answer?.reasons == reasons)
                #expect(record.analyticsJSON == "[]")
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a row that cannot be read is known by its finding, and says so in one way`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.withPlace { place in
            let database = try place.open()
            try await database.migrate()
            let user = User.sample()
            let (readable, broken, later) = try await database.write { transaction in
                try transaction.insert(user)
                return (
                    try #require(try transaction.addScreening(of: user.id, at: 1, .sample(.report, .preB))),
                    try #require(try transaction.addScreening(of: user.id, at: 2, .sample(.report, .preB))),
                    try #require(try transaction.addScreening(of: user.id, at: 3, .sample(.report, .preB)))
                )
            }
            try await database.migrating { connection in
                try connection.run(
                    "UPDATE screenings SET result_json = '{\"version\":2}' WHERE id = ?", [.text(broken.id.text)])
                try connection.run(
                    "UPDATE screenings SET decision = 'postponed', label = 'unheard-of' WHERE id = ?",
                    [.text(later.id.text)])
            }
            try await database.read { transaction in
                #expect(try transaction.screening(readable.id)?.answer == readable.outcome)
                let record = try #require(try transaction.screening(broken.id))
                #expect(record.outcome == nil && record.finding?.reported == .preB)
                let error = #expect(throws: ClinicError.self) { try record.answer }
                #expect(error?.code == .corrupt)
                // A decision and a class of a later version count as no answer.
                let unknown = try #require(try transaction.summary(of: later.caseID))
                #expect(unknown.findings.map(\.decision) == [.rejected])
                #expect(unknown.verdict.kind == .unusable)
                #expect(try transaction.summary(of: broken.caseID)?.verdict.kind == .urgent)
            }
            try await database.close()
        }
    }
}
