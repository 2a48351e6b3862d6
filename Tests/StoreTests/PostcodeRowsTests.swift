import Clinic
import Foundation
import Store
import Testing

@Suite struct PostcodeRowsTests {
    private func postcode(
        _ code: String, _ country: String = "IN", _ ending: String = "", label: String = "Bengaluru",
        _ exactness: Postcode.Exactness = .town
    ) -> Postcode {
        Postcode(
            code: code, countryCode: country, ending: ending, position: GeoPosition(latitude: -12.5, longitude: 179.25),
            exactness: exactness, label: label)
    }

    @Test(arguments: TestedDatabase.allCases)
    func `a code is found by itself and by what it begins with`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let rows = [
                postcode("5600", "AT", label: "St. Johann", .point), postcode("560", "IN", "###", .about),
                postcode("560001", "IN"), postcode("560001", "RO", label: "Łódź 京都市"),
                postcode("SW1", "GB", "*", label: ""),
            ]
            try await database.write { try $0.store(rows, edition: 1) }
            // Some may be missing until all are there.
            #expect(try await database.read { try $0.postcodes(beginning: "560001") }.isEmpty)
            try await database.write { try $0.finishPostcodes(edition: 1, at: moment(1)) }
            for (code, expected) in [
                ("560001", [rows[1], rows[0], rows[2], rows[3]]), ("560", [rows[1]]), ("56", []), ("", []),
                ("SW1A1AA", [rows[4]]), ("sw1", []), ("5600 01", [rows[1], rows[0]]),
                (String(repeating: "5", count: 90), []), ("%", []),
            ] {
                #expect(try await database.read { try $0.postcodes(beginning: code) } == expected, "\(code)")
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `another edition replaces the one before once it is whole`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let (old, new) = (Int64(7), Int64.max)
            try await database.write { transaction throws in
                try transaction.store([postcode("1000"), postcode("1001")], edition: old)
                #expect(try !transaction.hasPostcodes(ofEdition: old))
                try transaction.finishPostcodes(edition: old, at: moment(1))
                #expect(try transaction.hasPostcodes(ofEdition: old))
                try transaction.store([postcode("1001", label: "Mysuru"), postcode("1002")], edition: new)
            }
            try await database.read { transaction throws in
                #expect(try transaction.postcodes(beginning: "1000").count == 1)
                #expect(try transaction.postcodes(beginning: "1001").map(\.label) == ["Mysuru"])
                #expect(try !transaction.hasPostcodes(ofEdition: new))
            }
            try await database.write { transaction throws in
                var keys = try transaction.postcodeKeys(after: nil, otherThan: new, limit: 2)
                #expect(keys.map(\.key.code) == ["1000", "1001"] && keys.map(\.isOld) == [true, false])
                keys += try transaction.postcodeKeys(after: keys.last?.key, otherThan: new, limit: 2)
                #expect(keys.map(\.key.code) == ["1000", "1001", "1002"])
                // What is of this edition stays, whatever is asked.
                try transaction.remove(keys.map(\.key), otherThan: new)
                try transaction.finishPostcodes(edition: new, at: moment(2))
            }
            try await database.read { transaction throws in
                #expect(try transaction.postcodes(beginning: "1000").isEmpty)
                #expect(try transaction.postcodes(beginning: "1002").count == 1)
                #expect(try transaction.hasPostcodes(ofEdition: new) && !transaction.hasPostcodes(ofEdition: old))
            }
        }
    }

    @Test(arguments: TestedDatabase.allCases)
    func `many rows are stored with few statements, and the same again`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let rows = (0..<1234).map { postcode(String(100_000 + $0)) }
            for _ in 0..<2 { try await database.write { try $0.store(rows, edition: 1) } }
            try await database.write { try $0.finishPostcodes(edition: 1, at: moment(1)) }
            let count = try await database.reading { try $0.rows("SELECT COUNT(*) FROM postcodes", []) }
            #expect(count == [[.integer(1234)]])
            #expect(try await database.read { try $0.postcodes(beginning: "101233") } == [rows[1233]])
        }
    }
}
