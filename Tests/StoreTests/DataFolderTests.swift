import Clinic
import Findings
import Foundation
import Store
import Testing

/// Folders that cannot hold the data of an installation.
@Suite struct DataFolderTests {
    private func refusal(_ folder: URL) async throws -> String {
        let error = try #require(
            await #expect(throws: ClinicError.self) { _ = try await Installation.open(folder, databaseURL: nil) })
        #expect(error.code == .storage)
        return error.description
    }

    @Test func `a file, a folder in nothing and a folder that nobody can write to are told in a sentence`() async throws
    {
        let folder = FileManager.default.temporaryDirectory.appending(path: "leukoscope-folder-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "file")
        try Data("x".utf8).write(to: file)
        #expect(try await refusal(file).contains("\(file.path): it is a file, not a folder"))
        #expect(try await refusal(file.appending(path: "data")).contains("it is a file, not a folder"))
        let lost = folder.appending(path: "no/data")
        #expect(try await refusal(lost).contains("the folder above it, \(folder.path)/no, is not there"))
        #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "no").path))
        // Not even root makes a file here.
        let told = try await refusal(URL(filePath: "/proc/self"))
        #expect(told.contains("no file can be made in it") && told.contains("--data-dir"), "\(told)")
        #expect(!told.contains("Error Domain") && !told.contains("NSCocoa"))
    }

    @Test func `a folder of which only the last part is missing is made`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "leukoscope-folder-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let installation = try await Installation.open(folder, databaseURL: nil)
        try await installation.database.close()
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix(".writable") }
        #expect(left.isEmpty)
    }
}
