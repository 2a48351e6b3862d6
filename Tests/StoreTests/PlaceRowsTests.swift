import Clinic
import Store
import Testing

@Suite struct PlaceRowsTests {
    @Test(arguments: TestedDatabase.allCases)
    func `places are found by the beginning of their name, the largest first`(_ kind: TestedDatabase) async throws {
        try await kind.with { database in
            let names = ["New York", "Newcastle", "São Paulo", "Łódź", "Saint-Étienne"]
            let places = names.enumerated().map { index, name in
                Place(
                    id: Int64(index + 1), name: name, countryCode: "XX", latitude: -12.5, longitude: 179.25,
                    population: Int64(index) * 1000)
            }
            let many = (0..<250).map { index in
                Place(
                    id: Int64(1000 + index), name: "Village \(index)", countryCode: "YY", latitude: 1, longitude: 2,
                    population: 5)
            }
            try await database.write { try $0.insert(places + many) }
            #expect(try await database.read { try $0.countPlaces() } == 255)
            #expect(try await database.read { try $0.place(3) } == places[2])
            for (beginning, expected) in [
                ("new", ["Newcastle", "New York"]), ("new y", ["New York"]), ("sao", ["São Paulo"]),
                ("LODZ", ["Łódź"]), ("saint et", ["Saint-Étienne"]), ("", []), ("%", []), ("york", []),
            ] {
                let found = try await database.read { try $0.places(matching: beginning, limit: 5).map(\.name) }
                #expect(found == expected, "\(beginning)")
            }
        }
    }
}
