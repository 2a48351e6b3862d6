import Casework
import Clinic
import Foundation
import Hummingbird
import HummingbirdTesting
import ProcessFixtures
import Testing
import Web

@Suite struct AccountExportTests {
    /// Reads an archive with Python's reader, which checks every CRC, and lists it.
    private static func read(_ archive: [UInt8]) async throws -> [String: Int] {
        let folder = try TestSite.temporaryDirectory()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "archive.zip")
        try Data(archive).write(to: file)
        let script = """
            import json, sys, zipfile
            archive = zipfile.ZipFile(sys.argv[1])
            assert archive.testzip() is None
            print(json.dumps({entry.filename: entry.file_size for entry in archive.infolist()}))
            """
        let listed = try await StartedProgram.run(["python3", "-c", script, file.path])
        return try JSONDecoder().decode([String: Int].self, from: listed.output)
    }

    @Test func `writes archives that another reader accepts`() async throws {
        var zip = ZipWriter(date: Date(timeIntervalSince1970: 1_700_000_000))
        var bytes = zip.file([], named: "empty")
        bytes += zip.file(Array(repeating: 65, count: 70_000), named: "Größe/große Datei.txt")
        bytes += zip.end()
        #expect(try await Self.read(bytes) == ["empty": 0, "Größe/große Datei.txt": 70_000])
    }

    @Test func `writes more files than the old format counts`() async throws {
        var zip = ZipWriter(date: Date(timeIntervalSince1970: 1_700_000_000))
        var bytes: [UInt8] = []
        for number in 0..<65_540 { bytes += zip.file([], named: "\(number)") }
        bytes += zip.end()
        #expect(try await Self.read(bytes).count == 65_540)
    }

    @Test func `gives everything of one person and nothing of another`() async throws {
        try await TestSite.run { client, services in
            for email in ["anna@example.org", "ben@example.org"] {
                let user = try await TestPeople.make(email, in: services)
                let smearCase = SmearCase(ownerID: user.id, title: "Of \(email)", createdAt: Date(), updatedAt: Date())
                try await services.database.write { try $0.insert(smearCase) }
                _ = try await services.intake.add(
                    TestSite.picture(), to: smearCase.id, by: .user(user.id), uploadKey: "a")
            }
            let anna = try #require(try await services.database.read { try $0.user(email: "anna@example.org") })
            let browser = try await TestPeople.browser(of: anna, client: client, in: services)
            let answer = try await browser.get("/account/export")
            #expect(answer.headers[.contentType] == "application/zip")
            #expect(answer.headers[.cacheControl] == "no-store")
            #expect(answer.headers[.contentDisposition]?.hasPrefix("attachment") == true)
            let files = try await Self.read(Array(answer.body.readableBytesView))
            #expect(Set(files.keys) == ["profile.json", "consents.json", "cases/1/case.json", "cases/1/image-1.png"])
            let text = String(decoding: answer.body.readableBytesView, as: UTF8.self)
            #expect(text.contains("Of anna@example.org"))
            #expect(!text.contains("ben@example.org"))
            #expect(!text.contains(anna.passwordHash))
        }
    }
}
