import Clinic
import Foundation
import Store
import Testing

@Suite struct ErasureListTests {
    @Test func `several processes add to one list at once, and nothing of it is lost`() async throws {
        try await TestedDatabase.sqlite.withPlace { place in
            let list = ErasureList(dataDirectory: place.directory)
            let erasures = (0..<8).map { Erasure(.image, "image-\($0)", at: moment(Double($0))) }
            // Each knows of one that the others do not.
            var databases: [SQLiteDatabase] = []
            for (number, erasure) in erasures.enumerated() {
                let database = try SQLiteDatabase(
                    file: place.directory.appending(path: "\(number).sqlite"), auditKey: TestedDatabase.key,
                    erasureList: list)
                try await database.migrate()
                try await database.write { try $0.note(erasure) }
                databases.append(database)
            }
            _ = try await racing(databases.count) { [databases] in try await databases[$0].eraseTraces() }
            #expect(try list.read() == Set(erasures))
            for database in databases { try await database.close() }
        }
    }
}
