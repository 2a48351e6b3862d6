import Clinic
import Foundation
import Store
import Testing

@Suite struct ServerSecretTests {
    private func withDirectory(_ body: (URL) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "leukoscope-secret-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try await body(directory)
    }

    @Test func `twenty processes that start at once share one secret, which is its owner's alone`() async throws {
        try await withDirectory { directory in
            let keys = try await racing(20) { _ in try ServerSecret(dataDirectory: directory).key(for: "audit") }
            #expect(Set(keys).count == 1 && keys[0].count == 32)
            #expect(try ServerSecret(dataDirectory: directory).key(for: "other") != keys[0])
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["secret.key"])
            let file = directory.appending(path: "secret.key").path
            #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test func `a damaged secret is refused and left alone`() async throws {
        try await withDirectory { directory in
            let file = directory.appending(path: "secret.key")
            try Data([1, 2, 3]).write(to: file)
            let error = #expect(throws: ClinicError.self) { try ServerSecret(dataDirectory: directory) }
            #expect(error?.code == .corrupt)
            #expect(try Data(contentsOf: file) == Data([1, 2, 3]))
        }
    }
}
