import Clinic
import Findings
import Foundation
import Store
import Testing

/// What a reader of rows says when the database holds something else than was written.
@Suite struct RowReadingTests {
    private func error(
        _ kind: TestedDatabase, after statement: String,
        _ read: @escaping @Sendable (any ClinicTransaction, UserID) throws -> Void
    ) async throws -> ClinicError? {
        try await kind.with { database in
            let user = User.sample()
            try await database.write { transaction in
                try transaction.insert(user)
                try transaction.append(AuditEntry(.caseRead(.page), by: .user(user.id), at: moment(0)))
            }
            _ = try await database.writing { try $0.run(statement, []) }
            return await #expect(throws: ClinicError.self) {
                try await database.read { try read($0, user.id) }
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `an unknown code is told with its table, column and value`(_ kind: TestedDatabase) async throws {
        let error = try await error(kind, after: "UPDATE users SET role = 'emperor'") { _ = try $0.user($1) }
        #expect(error?.code == .corrupt)
        #expect(error?.description.contains("users.role is “emperor”, not a Role") == true)
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a text that is none of ours is told without its words`(_ kind: TestedDatabase) async throws {
        let error = try await error(kind, after: "UPDATE audit_log SET user_id = 'Asha Rao'") { transaction, _ in
            _ = try transaction.auditRecords(after: 0, limit: 9)
        }
        #expect(error?.description.contains("audit_log.user_id is a text, not an identifier") == true)
        #expect(error?.description.contains("Asha") == false)
    }
}
