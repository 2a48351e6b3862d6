import Casework
import Clinic
import Foundation
import Store
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ErasureTests {
    private static let password = "three quiet herons"

    /// Files of the folder in which a word stands, in any case of its letters.
    private func files(in folder: URL, with word: String) throws -> [String] {
        let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.isRegularFileKey])
        var names: [String] = []
        for case let file as URL in try #require(found) {
            guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { continue }
            let bytes = try Data(contentsOf: file).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
            if Data(bytes).range(of: Data(word.utf8)) != nil { names.append(file.lastPathComponent) }
        }
        return names
    }

    @Test func `of a deleted case and account no file of the data folder keeps a word`() async throws {
        try await CaseworkFixture.run { fixture in
            let accounts = Accounts(
                database: fixture.database, key: [1],
                hasher: PasswordHasher(cost: .init(memory: 8, passes: 1, lanes: 1)))
            let user = try await accounts.create(
                .init(email: "zebrafinch@example.org", name: "Quetzalcoatl Okapi", password: Self.password),
                role: .patient)
            try await fixture.database.write { try $0.append(CaseworkFixture.agreed(user.id, at: Date())) }
            var ids: [CaseID] = []
            for number in 0..<40 {
                let smearCase = SmearCase(
                    ownerID: user.id, title: "Axolotl \(number)", note: String(repeating: "narwhal ", count: 200),
                    createdAt: Date(), updatedAt: Date())
                try await fixture.database.write { try $0.insert(smearCase) }
                ids.append(smearCase.id)
                _ = try await fixture.intake().add(
                    CaseworkFixture.drawing(number), to: smearCase.id, by: .user(user.id), uploadKey: "k")
            }
            for word in ["zebrafinch", "quetzalcoatl", "axolotl", "narwhal"] {
                #expect(try !files(in: fixture.directory, with: word).isEmpty, "\(word) is nowhere to begin with")
            }
            let removal = CaseRemoval(database: fixture.database, archive: fixture.archive)
            for id in ids.dropLast() { try await removal.removeCase(id, of: user, by: .user(user.id)) }
            #expect(try files(in: fixture.directory, with: "axolotl 0").isEmpty)
            #expect(try files(in: fixture.directory, with: "zebrafinch").isEmpty == false)
            let deletion = try await accounts.delete(
                for: accounts.confirm(Reauthentication(password: Self.password), of: user.id))
            for key in deletion.archiveKeys { try await fixture.archive.remove(key) }
            for word in ["zebrafinch", "quetzalcoatl", "axolotl", "narwhal"] {
                #expect(try files(in: fixture.directory, with: word) == [], "\(word)")
            }
            #expect(try await fixture.database.verifyAudit().firstBreak == nil)
        }
    }

    @Test func `a reader of the log is not waited for long, and asked again it is emptied`() async throws {
        try await CaseworkFixture.run { fixture in
            let (ready, isReady) = AsyncStream<Void>.makeStream()
            let gate = DispatchSemaphore(value: 0)
            let reading = Task {
                try await fixture.database.reading { connection in
                    _ = try connection.rows("SELECT COUNT(*) FROM users", [])
                    isReady.yield()
                    gate.wait()
                }
            }
            for await _ in ready { break }
            try await fixture.add(1)
            #expect(try await fixture.database.eraseTraces() == false)
            gate.signal()
            try await reading.value
            // The reader is gone once its task has ended, or a moment later.
            try await fixture.wait { try await $0.database.eraseTraces() }
            let log = fixture.directory.appending(path: "test.sqlite-wal").path
            #expect(try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int == 0)
        }
    }
}
