import Clinic
import Foundation
import Store
import Testing

@Suite struct CredentialRowsTests {
    private func session(_ user: UserID, seen: Double = 0, until: Double = 100) -> LoginSession {
        LoginSession(
            digest: SecretToken().digest, userID: user, createdAt: moment(0), lastSeenAt: moment(seen),
            expiresAt: moment(until))
    }

    @Test(arguments: TestedDatabase.allCases)
    func `sessions are found, touched and ended one by one or all but one`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let user = User.sample()
            let sessions = (0..<4).map { _ in session(user.id) }
            try await database.write { transaction in
                try transaction.insert(user)
                for session in sessions { try transaction.insert(session) }
                try transaction.touchSession(digest: sessions[0].digest, at: moment(50))
                try transaction.deleteSession(digest: sessions[1].digest)
            }
            #expect(try await database.read { try $0.session(digest: sessions[0].digest)?.lastSeenAt } == moment(50))
            #expect(try await database.read { try $0.session(digest: sessions[1].digest) } == nil)
            #expect(try await database.read { try $0.countSessions(of: user.id) } == 3)
            try await database.write { try $0.deleteSessions(of: user.id, except: sessions[2].digest) }
            #expect(try await database.read { try $0.session(digest: sessions[2].digest) } == sessions[2])
            try await database.write { try $0.deleteSessions(of: user.id, except: nil) }
            #expect(try await database.read { try $0.countSessions(of: user.id) } == 0)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `what has ended or idled is swept away, and nothing else`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let user = User.sample()
            let (idle, ended) = (session(user.id, seen: 1), session(user.id, seen: 40, until: 50))
            let fresh = session(user.id, seen: 40)
            let token = OneTimeToken(
                digest: SecretToken().digest, purpose: .administratorSetup, userID: nil, expiresAt: moment(50))
            try await database.write { transaction in
                try transaction.insert(user)
                for session in [idle, ended, fresh] { try transaction.insert(session) }
                try transaction.insert(token)
                try transaction.deleteExpiredCredentials(now: moment(50), idleSince: moment(30))
            }
            #expect(try await database.read { try $0.countSessions(of: user.id) } == 1)
            #expect(try await database.read { try $0.session(digest: fresh.digest) } == fresh)
            let found = try await database.read {
                try $0.oneTimeToken(digest: token.digest, purpose: .administratorSetup, now: moment(0))
            }
            #expect(found == nil)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `of twenty tasks, one uses up a one-time token`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let user = User.sample()
            let token = OneTimeToken(
                digest: SecretToken().digest, purpose: .passwordReset, userID: user.id, expiresAt: moment(50))
            try await database.write { transaction in
                try transaction.insert(user)
                try transaction.insert(token)
            }
            for (purpose, now) in [(OneTimeToken.Purpose.administratorSetup, 0.0), (.passwordReset, 50)] {
                let found = try await database.write {
                    try $0.consumeOneTimeToken(digest: token.digest, purpose: purpose, now: moment(now))
                }
                #expect(found == nil)
            }
            let found = try await racing(20) { _ in
                try await database.write {
                    try $0.consumeOneTimeToken(digest: token.digest, purpose: .passwordReset, now: moment(1))
                }
            }
            #expect(found.compactMap { $0 } == [token])
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `the same one-time token twice is refused as a duplicate within the work`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let token = OneTimeToken(
                digest: SecretToken().digest, purpose: .usedCode, userID: nil, expiresAt: moment(50))
            let refused = try await database.write { transaction -> ClinicError.Code? in
                try transaction.insert(token)
                do { try transaction.insert(token) } catch let error as ClinicError { return error.code }
                return nil
            }
            #expect(refused == .duplicate)
            let kept = try await database.read {
                try $0.oneTimeToken(digest: token.digest, purpose: .usedCode, now: moment(1))
            }
            #expect(kept == token)
            try await database.write { try $0.deleteOneTimeTokens(purpose: .usedCode, of: nil) }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `API tokens are kept with their scopes and revoked once, by their owner alone`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let (user, other) = (User.sample(), User.sample("b@x.org"))
            let token = APIToken(
                digest: SecretToken().digest, userID: user.id, label: "Microscope 2 🔬", scopes: [.write, .predict],
                createdAt: moment(0), expiresAt: moment(90))
            try await database.write { transaction in
                try transaction.insert(user)
                try transaction.insert(other)
                try transaction.insert(token)
            }
            #expect(try await database.read { try $0.apiToken(digest: token.digest) } == token)
            let revoked = try await database.write { transaction in
                try transaction.touchAPIToken(token.id, at: moment(5))
                return [
                    try transaction.revokeAPIToken(token.id, of: other.id, at: moment(6)),
                    try transaction.revokeAPIToken(token.id, of: user.id, at: moment(7)),
                    try transaction.revokeAPIToken(token.id, of: user.id, at: moment(8)),
                ]
            }
            #expect(revoked == [false, true, false])
            let stored = try await database.read { try $0.apiTokens(of: user.id) }
            #expect(stored.map(\.lastUsedAt) == [moment(5)] && stored.map(\.revokedAt) == [moment(7)])
        }
    }
}
