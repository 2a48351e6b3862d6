import Clinic
import Foundation
import Store
import Testing

@Suite struct StoredObjectRowsTests {
    @Test(arguments: TestedDatabase.allCases)
    func `checksums are kept, replaced, paged in the order of their keys, and forgotten by file and by folder`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.with { database in
            let keys = ["images/a.png", "screenings/x/1", "screenings/x/2", "screenings/x0/1", "screenings/y/1"]
            try await database.write { transaction in
                try transaction.record(keys.map { StoredObject(key: $0, sha256: nil, byteCount: 4) })
                try transaction.record([StoredObject([1, 2], at: keys[0])])
                try transaction.record([])
            }
            try await database.read { transaction throws in
                #expect(
                    try transaction.storedObject(keys[0])
                        == StoredObject(
                            key: keys[0], sha256: "a12871fee210fb8619291eaea194581cbd2531e4b23759d225f6806923f63222",
                            byteCount: 2))
                #expect(
                    try transaction.storedObject(keys[1]) == StoredObject(key: keys[1], sha256: nil, byteCount: 4))
                #expect(try transaction.storedObject("images/b.png") == nil)
                #expect(try transaction.storedObjects(after: "", limit: 2).map(\.key) == Array(keys[..<2]))
                #expect(try transaction.storedObjects(after: keys[1], limit: 9).map(\.key) == Array(keys[2...]))
            }
            try await database.write { try $0.forgetObjects(["screenings/x/", keys[0], "images/b.png"]) }
            let left = try await database.read { try $0.storedObjects(after: "", limit: 9).map(\.key) }
            #expect(left == [keys[3], keys[4]])
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `rows of before the checksums name their files without one, however often the step is begun`(
        _ kind: TestedDatabase
    ) async throws {
        try await kind.withPlace { place in
            let backup = FirstSchemaBackup()
            let database = try await backup.restored(in: place)
            let done = [backup.screenings[0], backup.screenings[2]].map {
                StoredObject(key: "screenings/\($0)/", sha256: nil, byteCount: nil)
            }
            let images = (0..<3).map { StoredObject(key: "images/\($0).png", sha256: nil, byteCount: 9) }
            let expected = images + done.sorted { $0.key < $1.key }
            #expect(try await database.read { try $0.storedObjects(after: "", limit: 99) } == expected)
            let known = StoredObject([3], at: "images/1.png")
            try await database.write { try $0.record([known]) }
            try await database.migrating { try $0.run("DELETE FROM schema_migrations WHERE number >= 5", []) }
            try await database.migrate()
            let again = try await database.read { try $0.storedObjects(after: "", limit: 99) }
            #expect(again == expected.map { $0.key == known.key ? known : $0 })
            try await database.close()
        }
    }
}
