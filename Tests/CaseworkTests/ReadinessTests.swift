import Casework
import Clinic
import Foundation
import Store
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(15)))
struct ReadinessTests {
    /// An archive or a database that answers only when it is let go.
    private final class Hanging: ImageArchive, ClinicDatabase {
        private let waiting = Mutex<(count: Int, isOpen: Bool)>((0, false))

        var asked: Int { waiting.withLock { $0.count } }

        func letGo() { waiting.withLock { $0.isOpen = true } }

        private func hang() async throws {
            waiting.withLock { $0.count += 1 }
            while !waiting.withLock({ $0.isOpen }) { try await Task.sleep(for: .milliseconds(5)) }
        }

        func store(_ bytes: [UInt8], at key: String) async throws { try await hang() }
        func bytes(at key: String) async throws -> [UInt8] { [] }
        func remove(_ key: String) async throws {}
        func keys(under prefix: String) async throws -> [String] { [] }

        func eraseTraces() async throws -> Bool { true }

        func read<Value: Sendable>(
            _ body: @escaping @Sendable (any ClinicTransaction) throws -> Value
        ) async throws -> Value { try await write(body) }

        func write<Value: Sendable>(
            _ body: @escaping @Sendable (any ClinicTransaction) throws -> Value
        ) async throws -> Value {
            try await hang()
            throw ClinicError(.databaseUnavailable, fault: "hung")
        }
    }

    @Test func `an installation whose parts take writes is ready, and the files it keeps are the same`() async throws {
        try await CaseworkFixture.run { fixture in
            try await fixture.add(1)
            // So long none of the two takes on any machine.
            let readiness = Readiness(
                database: fixture.database, archive: fixture.archive, patience: .seconds(60))
            #expect(await readiness.problems().isEmpty)
            #expect(try await Sweeper(database: fixture.database, archive: fixture.archive).orphans() == [])
            #expect(try await fixture.archive.bytes(at: Readiness.key).isEmpty == false)
        }
    }

    @Test func `a part that refuses writes is named, with its reason, and is asked anew later`() async throws {
        try await CaseworkFixture.run { fixture in
            let archive = FailingArchive(base: fixture.archive, failing: [1])
            let readiness = Readiness(
                database: FailingDatabase(base: fixture.database, moment: .before), archive: archive,
                patience: .seconds(60))
            let problems = await readiness.problems()
            #expect(Set(problems.keys) == [.archive, .database])
            #expect(problems[.archive]?.contains("no space left") == true)
            #expect(problems[.database]?.contains("the connection was lost") == true)
            try await fixture.wait { _ in await readiness.problems()[.archive] == nil }
        }
    }

    @Test func `a part that hangs is named while it hangs, and is not asked a second time`() async throws {
        let hanging = Hanging()
        let readiness = Readiness(database: hanging, archive: hanging)
        let answers = await withTaskGroup(of: Set<Readiness.Part>.self) { group in
            for _ in 0..<20 { group.addTask { Set(await readiness.problems().keys) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0 == [.archive, .database] } && answers.count == 20)
        #expect(hanging.asked == 2)
        hanging.letGo()
        while await readiness.problems()[.archive] != nil { try await Task.sleep(for: .milliseconds(20)) }
    }
}
