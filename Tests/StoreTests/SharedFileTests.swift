import Foundation
import ProcessFixtures
import Store
import Testing

@Suite struct SharedFileTests {
    /// Locks of files belong to the process: whoever closes the file once more gives all of them up.
    @Test func `another process that closes the database takes no log away from one that opened it twice`() async throws
    {
        try await TestedDatabase.sqlite.withPlace { place in
            let first = try place.open()
            try await first.migrate()
            let second = try place.open()
            let file = place.directory.appending(path: "leukoscope.sqlite").path
            #expect(FileManager.default.fileExists(atPath: "\(file)-wal"))
            let script = """
                import sqlite3, sys
                with sqlite3.connect(sys.argv[1]) as database: print(database.execute('SELECT count(*) FROM users').fetchone()[0])
                database.close()
                """
            let other = try await StartedProgram.run(["python3", "-c", script, file])
            #expect(other.code == 0 && String(decoding: other.output, as: UTF8.self) == "0\n")
            #expect(FileManager.default.fileExists(atPath: "\(file)-wal"))
            try await second.close()
            try await first.close()
        }
    }
}
