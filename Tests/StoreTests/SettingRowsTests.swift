import Clinic
import Foundation
import Store
import Testing

@Suite struct SettingRowsTests {
    @Test(arguments: TestedDatabase.allCases)
    func `the address of the last server is kept, without a slash at its end`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let address = PublicAddress(database: database)
            #expect(try await address.last() == nil)
            try await address.keep("http://127.0.0.1:8080")
            #expect(try await address.last() == "http://127.0.0.1:8080")
            for _ in 0..<2 { try await address.keep("https://smears.example.org/") }
            #expect(try await address.last() == "https://smears.example.org")
            #expect(try await database.read { try $0.setting("another") } == nil)
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a setting that is not there yet is stored by many at once, and one of them is kept`(_ kind: TestedDatabase)
        async throws
    {
        try await kind.with { database in
            let values = (0..<8).map { "value-\($0)" }
            // Often: the first ones still open their connections, and meet less.
            for round in 0..<10 {
                _ = try await racing(values.count) { index in
                    try await database.write { try $0.set("round-\(round)", to: values[index]) }
                }
                let stored = try #require(try await database.read { try $0.setting("round-\(round)") })
                #expect(values.contains(stored))
            }
        }
    }
}
