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
            ("Bengaluru", "Bengaluru", nil, nil, nil), ("  Bengaluru, India ", "Bengaluru", nil, "IN", nil),
            ("560001 Bengaluru", "Bengaluru", nil, nil, "560001"),
            ("Bengaluru 560001", "Bengaluru", nil, nil, "560001"),
            ("SW1A 1AA London, UK", "London", nil, "GB", "SW1A 1AA"),
            ("560001, Bengaluru, Karnataka", "Bengaluru", "Karnataka", nil, "560001"),
            ("San José (near Guadalajara), Mexico", "San José", nil, "MX", nil), ("Paris, fr", "Paris", nil, "FR", nil),
            ("Springfield, Illinois", "Springfield", "Illinois", nil, nil),
            ("Vellore, Tamil Nadu, India", "Vellore", "Tamil Nadu", "IN", nil),
            ("Vellore, 632001, India", "Vellore", nil, "IN", nil),
        ] as [(String, String, String?, String?, String?)])
    func `a town is told from its region, its country and its postcode`(
        _ text: String, _ town: String, _ region: String?, _ country: String?, _ postcode: String?
    ) throws {
        #expect(
            try PlaceQuery(text) == .town(town, region: region, countryCode: country, postcode: postcode))
    }

    /// Two towns of one name, as the file of towns names them in India.
    private static let named = [
        PlaceFile.Town(
            place: Place(
                id: 11, name: "Vellore", countryCode: "IN", latitude: 12.92, longitude: 79.13, population: 484_690),
            names: ["வேலூர்", "वेल्लोर", "Vellore Tamil Nadu", "வேலூர் தமிழ்நாடு", "वेल्लोर तमिलनाडु"]),
        PlaceFile.Town(
            place: Place(
                id: 12, name: "Vellore", countryCode: "IN", latitude: 16.5, longitude: 80.6, population: 900_000),
            names: ["Vellore Andhra Pradesh"]),
        PlaceFile.Town(
            place: Place(
                id: 13, name: "Bengaluru", countryCode: "IN", latitude: 12.97, longitude: 77.59, population: 8_495_492),
            names: ["பெங்களூரு", "बेंगलुरु", "Bengaluru Karnataka"]),
    ]

    @Test(arguments: [
        ("vellore", [12, 11]), ("vellore tamil nadu", [11]), ("Vellore, Tamil Nadu", [11]), ("VELLORE, tamil", [11]),
        ("vellore tamilnadu", [11]), ("Vellore, Andhra Pradesh, India", [12]), ("Vellore, Nowhere", [12, 11]),
        ("வேலூர்", [11]), ("வேலூர், தமிழ்நாடு", [11]), ("वेल्लोर", [11]), ("பெங்களூரு", [13]), ("बेंगलुरु", [13]),
    ])
    func `a town is found in the letters of its people, and a state behind it narrows the search`(
        typed: String, expected: [Int64]
    ) async throws {
        try await DirectoryFixture.run { fixture in
            try await fixture.database.write { transaction in
                try transaction.insert(Self.named.map(\.place))
                try transaction.insert(
                    placeNames: Self.named.flatMap { town in
                        town.names.map { PlaceName(placeID: town.place.id, name: $0) }
                    })
            }
            guard case .town(let town, let region, let country, _) = try PlaceQuery(typed) else {
                Issue.record("\(typed) was not read as a town")
                return
            }
            let found = try await Places(database: fixture.database).towns(
                town, region: region, countryCode: country)
            #expect(found.map(\.place.id) == expected)
        }
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

    /// How many rows each table of places has.
    private func counts(_ fixture: DirectoryFixture) async throws -> [[SQLValue]] {
        try await fixture.database.reading { connection in
            try ["places", "place_names", "place_ranks", "place_endings", "place_positions", "place_editions"].flatMap {
                try connection.rows("SELECT COUNT(*) FROM \($0)", [])
            }
        }
    }

    @Test func `loading that was interrupted adds what is missing, and nothing twice`() async throws {
        try await DirectoryFixture.run { fixture in
            let url = try file(lines(2500))
            defer { try? FileManager.default.removeItem(at: url) }
            let file = try PlaceFile(url)
            let loading = PlaceLoading(database: fixture.database)
            // Broken off in each table, and begun again.
            for share in [0.1, 0.3, 0.5, 0.7, 0.95] {
                #expect(try await loading.isNeeded(for: file))
                let task = Task {
                    try await loading.load(file, now: DirectoryFixture.now) { done in
                        if done > share { withUnsafeCurrentTask { $0?.cancel() } }
                    }
                }
                await #expect(throws: CancellationError.self) { try await task.value }
            }
            #expect(try await loading.load(file, now: DirectoryFixture.now) == 0)
            #expect(try await !loading.isNeeded(for: file))
            // “Town 7”, “Other 7” and “Ürt 7” of each; a name of five letters or more has an ending.
            let names = SQLValue.integer(7500)
            let all = [[.integer(2500)], [names], [names], [names], [.integer(2500)], [.integer(1)]] as [[SQLValue]]
            #expect(try await counts(fixture) == all)
            #expect(try await loading.load(file, now: DirectoryFixture.now) == 0)
            #expect(try await counts(fixture) == all)
            try await fixture.database.read { transaction throws in
                for written in ["Urt 2222", "Twon 2222", "Otehr 2222", "ohter 2222", "tqqn 2222"] {
                    #expect(
                        try transaction.places(matching: written, limit: 9).contains { $0.id == 2222 }, "\(written)")
                }
                #expect(try transaction.places(matching: "t", limit: 2).map(\.id) == [2500, 2499])
                #expect(try transaction.place(2222)?.timeZone == "Asia/Kolkata")
            }
        }
    }

    @Test func `a file with more towns than the one before adds those, and is not asked for again`() async throws {
        try await DirectoryFixture.run { fixture in
            for count in [20, 30] {
                let url = try file(lines(count))
                defer { try? FileManager.default.removeItem(at: url) }
                let (file, loading) = (try PlaceFile(url), PlaceLoading(database: fixture.database))
                #expect(try await loading.isNeeded(for: file))
                #expect(try await loading.load(file, now: DirectoryFixture.now) == (count == 20 ? 20 : 10))
                #expect(try await !loading.isNeeded(for: file))
            }
        }
    }

    @Test func `others write while towns are loaded`() async throws {
        try await DirectoryFixture.run { fixture in
            let url = try file(lines(4000))
            defer { try? FileManager.default.removeItem(at: url) }
            let loading = PlaceLoading(database: fixture.database)
            let task = Task { try await loading.load(PlaceFile(url), now: DirectoryFixture.now) }
            var written = 0
            while try await fixture.database.read({ try $0.countPlaces() }) == 0 {
                try await Task.sleep(for: .milliseconds(1))
            }
            while try await fixture.database.reading({ try $0.rows("SELECT 1 FROM place_editions", []) }).isEmpty {
                try await fixture.database.write {
                    try $0.append(AuditEntry(.unknown("x.y"), by: .system, at: DirectoryFixture.now))
                }
                written += 1
            }
            #expect(try await task.value == 4000)
            #expect(written > 40)
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
                _ = try await PlaceLoading(database: fixture.database).load(
                    PlaceFile(url), now: DirectoryFixture.now)
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
        // On a page in Tamil people write either.
        let tamil = LanguageNames(language: "ta-IN")
        #expect(tamil.codes(in: "தமிழ், English; hi") == ["ta", "en", "hi"])
        let countries = CountryNames(language: "ta-IN")
        #expect(countries.code(of: "இந்தியா") == "IN" && countries.code(of: "India") == "IN")
    }
}
