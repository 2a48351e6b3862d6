import Clinic
import Findings
import FindingsFixtures
import Foundation
import Store
import Testing

@Suite struct QueryPlanTests {
    private func fill(_ database: any MaintainedDatabase) async throws -> UserID {
        let users = (0..<40).map { User.sample("person\($0)@x.org", name: "Person \($0)") }
        try await database.write { transaction in
            for user in users { try transaction.insert(user) }
            for index in 0..<120 {
                try transaction.addScreened(
                    .sample(of: users[index % 12].id, title: "sample \(index)", at: moment(Double(index))),
                    .sample(index % 5 == 0 ? .uncertain : .report, index % 2 == 0 ? .benign : .proB),
                    at: moment(Double(index)))
                try transaction.append(
                    AuditEntry(.caseRead(.page), by: .user(users[index % 40].id), object: "o\(index)", at: moment(0)))
            }
            try transaction.insert(
                (0..<200).map {
                    Place(id: Int64($0), name: "p\($0)", countryCode: "X", latitude: 0, longitude: 0, population: 1)
                })
        }
        try await database.migrating { connection in
            for table in ["users", "cases", "case_words", "case_marks", "images", "screenings", "audit_log", "places"] {
                let analyze = connection.dialect == .sqlite ? "ANALYZE \(table)" : "ANALYZE TABLE \(table)"
                _ = try connection.rows(analyze, [])
            }
        }
        return users[0].id
    }

    @Test(arguments: TestedDatabase.allCases)
    func `every list reads through an index and sorts no whole table`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let owner = try await fill(database)
            let cursor = CaseCursor(updatedAt: moment(100), id: CaseID())
            let filters = [
                CaseFilter(), CaseFilter(search: "samp"), CaseFilter(search: "12"), CaseFilter(search: "samp 12"),
                CaseFilter(decision: .report), CaseFilter(label: .benign),
                CaseFilter(search: "samp", decision: .uncertain, label: .proB),
            ]
            let queued = try await database.write { transaction throws -> ScreeningID in
                let smearCase = SmearCase.sample(of: owner)
                try transaction.insert(smearCase)
                let added = try (0..<5).map { try transaction.add(.sample(in: smearCase.id, key: "\($0)")).1.id }
                return try #require(added.last)
            }
            let plans = try await database.plans { transaction throws in
                for filter in filters {
                    for after in [nil, cursor] {
                        _ = try transaction.cases(of: owner, matching: filter, after: after, limit: 20)
                    }
                }
                _ = try transaction.countCases(of: owner)
                _ = try transaction.usage(of: owner, since: moment(0))
                _ = try transaction.archiveKeys(of: owner)
                _ = try transaction.countPendingScreenings()
                _ = try transaction.countPendingScreenings(of: owner)
                #expect(try transaction.queuePosition(queued) == 4)
                _ = try transaction.users(search: "person 1", role: nil, limit: 5, offset: 0)
                _ = try transaction.user(email: "person1@x.org")
                _ = try transaction.places(matching: "p1", limit: 5)
                for filter in [
                    AuditFilter(), AuditFilter(userID: owner), AuditFilter(action: "case."), AuditFilter(object: "o1"),
                ] {
                    _ = try transaction.auditRecords(matching: filter, before: 150, limit: 5)
                }
            }
            #expect(plans.count > 30)
            for plan in plans {
                for step in plan.steps { #expect(usesIndex(step, kind), "\(step) in \(plan.sql)") }
            }
            // The pages that follow an index need no sorting.
            for plan in plans where plan.sql.contains("FROM cases c") || plan.sql.contains("FROM case_marks m") {
                #expect(!plan.steps.contains { $0.contains("TEMP B-TREE") || $0.contains("filesort") }, "\(plan)")
            }
        }
    }

    /// SQLite says SCAN, MariaDB ALL or index, where all rows are read; a worked-out table (of few rows) may be.
    private func usesIndex(_ step: String, _ kind: TestedDatabase) -> Bool {
        switch kind {
        case .sqlite:
            let derived = ["SCAN w", "SCAN f", "SCAN found", "SCAN (subquery", "SCAN CONSTANT"]
            return !step.hasPrefix("SCAN") || derived.contains { step.hasPrefix($0) }
        case .mariadb:
            let parts = step.split(separator: " ")
            guard parts.count >= 3, !parts[0].hasPrefix("<") else { return true }
            return parts[1] != "ALL" && parts[1] != "index"
        }
    }
}
