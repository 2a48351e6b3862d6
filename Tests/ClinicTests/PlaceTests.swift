import Clinic
import Foundation
import Store
import Testing

@Suite(.timeLimit(.minutes(10))) struct PlaceTests {
    @Test(arguments: [
        ("12.97, 77.59", 12.97, 77.59), ("12.97 77.59", 12.97, 77.59), ("-33.9;18.4", -33.9, 18.4),
        ("−33.9, 18.4", -33.9, 18.4), ("12.97° N, 77.59° E", 12.97, 77.59), ("77.59E 12.97N", 12.97, 77.59),
        ("12°58′N 77°35′E", 12.966_667, 77.583_333), ("33°55'30\"S, 18°25'12\"E", -33.925, 18.42),
        ("90, -180", 90.0, -180.0),
    ])
    func `coordinates are read as people and maps write them`(_ text: String, _ latitude: Double, _ longitude: Double)
        throws
    {
        guard case .position(let position) = try PlaceQuery(text) else {
            Issue.record("\(text) was read as a town")
            return
        }
        #expect(abs(position.latitude - latitude) < 1e-6)
        #expect(abs(position.longitude - longitude) < 1e-6)
    }

    @Test(arguments: ["91, 0", "0, 181", "12°75′N 77°35′E", "560001 12345", "1", "1, DE"])
    func `what is no place on the Earth is refused with its field`(_ text: String) {
        let error = #expect(throws: ClinicError.self) { _ = try PlaceQuery(text) }
        #expect(error?.field == "place")
    }

    @Test(
        arguments: [
            ("Bengaluru", "Bengaluru", nil, nil), ("  Bengaluru, India ", "Bengaluru", "IN", nil),
            ("560001 Bengaluru", "Bengaluru", nil, "560001"), ("Bengaluru 560001", "Bengaluru", nil, "560001"),
            ("SW1A 1AA London, UK", "London", "GB", "SW1A 1AA"), ("560001, Bengaluru", "Bengaluru", nil, "560001"),
            ("San José (near Guadalajara), Mexico", "San José", "MX", nil), ("Paris, fr", "Paris", "FR", nil),
            ("Springfield, Illinois", "Springfield", nil, nil),
        ] as [(String, String, String?, String?)])
    func `a town is told from its country and its postcode`(
        _ text: String, _ town: String, _ country: String?, _ postcode: String?
    ) throws {
        #expect(try PlaceQuery(text) == .town(town, countryCode: country, postcode: postcode))
    }

    static let towns = [
        Place(id: 1, name: "Springfield", countryCode: "US", latitude: 39.8, longitude: -89.64, population: 116_000),
        Place(id: 2, name: "Springfield", countryCode: "US", latitude: 37.2, longitude: -93.3, population: 167_000),
        Place(id: 3, name: "Springfield", countryCode: "NZ", latitude: -43.3, longitude: 171.9, population: 400),
        Place(id: 4, name: "Chicago", countryCode: "US", latitude: 41.85, longitude: -87.65, population: 2_700_000),
        Place(id: 5, name: "Springfield Heights", countryCode: "US", latitude: 40, longitude: -90, population: 900),
        Place(
            id: 6, name: "Bengaluru", countryCode: "IN", latitude: 12.97, longitude: 77.59, population: 8_000_000,
            timeZone: "Asia/Kolkata"),
    ]

    @Test func `towns of one name are told apart by a larger neighbour, and nobody's is guessed`() async throws {
        try await DirectoryFixture.run { fixture in
            try await fixture.database.write { try $0.insert(Self.towns) }
            let (found, inZealand, nearest) = try await fixture.database.read { transaction in
                (
                    try PlaceSearch.towns("springfield", countryCode: nil, in: transaction),
                    try PlaceSearch.towns("springfield", countryCode: "NZ", in: transaction),
                    try PlaceSearch.nearest(to: GeoPosition(latitude: 12.9, longitude: 77.5), in: transaction)
                )
            }
            #expect(found.map(\.place.id) == [2, 1, 5, 3])
            #expect(found.map(\.near) == [nil, "Chicago", nil, nil])
            #expect(PlaceSearch.only("springfield", of: found) == nil)
            #expect(PlaceSearch.only("springfield", of: inZealand)?.place.id == 3)
            #expect(PlaceSearch.only("SPRINGFIELD HEIGHTS", of: found)?.place.id == 5)
            #expect(nearest?.id == 6)
        }
    }

    private func file(_ text: String) throws -> URL {
        let url = FileManager.default.temporaryDirectory.appending(path: "leukoscope-places-\(UUID().uuidString).tsv")
        try Data(text.utf8).write(to: url)
        return url
    }

    private func lines(_ count: Int) -> String {
        "leukoscope-places\t1\t\(count)\n"
            + (1...count).map { "\($0)\tTown \($0)\tIN\t12.5\t77.5\t\($0)\tAsia/Kolkata\tOther \($0)|Ürt \($0)\n" }
            .joined()
    }

    @Test func `loading that was interrupted goes on where it was`() async throws {
        try await DirectoryFixture.run { fixture in
            let url = try file(lines(2500))
            defer { try? FileManager.default.removeItem(at: url) }
            let file = try PlaceFile(url)
            let loading = PlaceLoading(database: fixture.database)
            #expect(try await loading.isNeeded(for: file))
            struct Stop: Error {}
            await #expect(throws: Stop.self) {
                try await file.read(batch: 1000) { towns in
                    if towns[0].place.id > 1 { throw Stop() }
                    try await fixture.database.write { transaction in
                        try transaction.insert(towns.map(\.place))
                        try transaction.insert(
                            placeNames: towns.flatMap { town in
                                town.names.map { PlaceName(placeID: town.place.id, name: $0) }
                            })
                    }
                }
            }
            #expect(try await fixture.database.read { try $0.countPlaces() } == 1000)
            #expect(try await loading.load(file) == 1500)
            #expect(try await loading.load(file) == 0)
            #expect(try await !loading.isNeeded(for: file))
            #expect(
                try await fixture.database.read { try $0.places(matching: "Urt 2222", limit: 1) }.map(\.id) == [2222])
            #expect(try await fixture.database.read { try $0.place(2222) }?.timeZone == "Asia/Kolkata")
        }
    }

    @Test(arguments: [
        "", "something else\n", "leukoscope-places\t9\t1\n1\tA\tIN\t1\t1\t1\t\t\n",
        "leukoscope-places\t1\t2\n1\tA\tIN\t1\t1\t1\t\t\n",
        "leukoscope-places\t1\t1\n1\tA\tIN\t91\t1\t1\t\t\n", "leukoscope-places\t1\t1\n1\tA\tIN\t1\t1\t1\t\t",
    ])
    func `a file that is broken or cut off is refused`(_ text: String) async throws {
        try await DirectoryFixture.run { fixture in
            let url = try file(text)
            defer { try? FileManager.default.removeItem(at: url) }
            let error = await #expect(throws: ClinicError.self) {
                _ = try await PlaceLoading(database: fixture.database).load(PlaceFile(url))
            }
            #expect(error?.code == .corrupt)
        }
    }

    @Test func `names of countries and languages are found both ways`() {
        #expect(CountryNames.english.name(of: "IN") == "India")
        #expect(CountryNames.english.code(of: "Côte d’Ivoire") == "CI" || CountryNames.english.contains("CI"))
        #expect(CountryNames.english.code(of: "germany") == "DE")
        #expect(CountryNames.english.code(of: "Atlantis") == nil)
        #expect(CountryNames.english.all.count > 230)
        let names = LanguageNames(language: "en")
        #expect(names.codes(in: "English, hindi;ta| Klingonic") == ["en", "hi", "ta", "klingonic"])
        #expect(names.name(of: "kn") == "Kannada")
    }
}
