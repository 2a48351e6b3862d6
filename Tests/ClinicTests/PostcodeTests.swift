import Clinic
import Foundation
import Store
import Testing

@Suite(.timeLimit(.minutes(10))) struct PostcodeTests {
    private typealias Reading = PostcodeQuery.Reading

    @Test(
        arguments: [
            ("560001", "560001", ["560001"]), (" 1000-001 ", "1000-001", ["1000001"]),
            ("sw1a 1aa", "SW1A 1AA", ["SW1A1AA"]), ("01067, DE", "01067", ["01067 DE"]),
            ("560001 India", "560001", ["560001 IN"]), ("IN 560001", "560001", ["560001 IN", "IN560001"]),
            ("LV-1010", "LV-1010", ["LV1010", "1010 LV"]), ("110 00, Czechia", "110 00", ["11000 CZ"]),
            ("1012 AB", "1012 AB", ["1012AB"]), ("1012 AB, Netherlands", "1012 AB", ["1012AB NL"]),
            ("1011 DE", "1011", ["1011 DE", "1011DE"]), ("VLT 1117", "VLT 1117", ["VLT1117"]),
            ("98000 Monaco", "98000", ["98000 MC"]), ("MD-2001, Moldova", "MD-2001", ["MD2001 MD", "2001 MD"]),
        ] as [(String, String, [String])])
    func `a postcode alone is read in every way that it may be meant`(
        _ text: String, _ typed: String, _ readings: [String]
    ) throws {
        guard case .postcode(let query) = try PlaceQuery(text) else {
            Issue.record("\(text) was read as something else")
            return
        }
        #expect(query.typed == typed)
        #expect(query.readings.map { [$0.code, $0.countryCode].compactMap { $0 }.joined(separator: " ") } == readings)
    }

    @Test func `a town behind the digits stays a town where there is no such postcode`() throws {
        guard case .postcode(let query) = try PlaceQuery("89073 Ulm") else {
            Issue.record("no postcode was thought of")
            return
        }
        #expect(query.town == PostcodeQuery.Town(name: "Ulm", countryCode: nil, postcode: "89073"))
        #expect(try PlaceQuery("89073 Ulm an der Donau").isTown)
        #expect(try PlaceQuery("Bengaluru 560001").isTown)
        #expect(try PlaceQuery("560001, Bengaluru").isTown)
        #expect(try PlaceQuery("India").isTown)
    }

    @Test(arguments: [
        ("560001", "", "560001", true), ("560001", "", "5600010", false), ("560", "###", "560123", true),
        ("560", "###", "56012", false), ("560", "###", "560A23", false), ("62701", "|####", "62701", true),
        ("62701", "|####", "627011234", true), ("62701", "|####", "62701123", false), ("1012", "|@@", "1012AB", true),
        ("1012", "|@@", "101212", false), ("K1A", "|#@#", "K1A0B1", true), ("SW1", "*", "SW1A1AA", true),
        ("SW1", "*", "SW1", true), ("SW1", "*", "SW1ABCDEF", false), ("SW1", "*", "SE11AA", false),
    ])
    func `what may stand behind a code is told`(_ code: String, _ ending: String, _ typed: String, _ isMeant: Bool) {
        let postcode = Postcode(
            code: code, countryCode: "XX", ending: ending, position: GeoPosition(latitude: 0, longitude: 0),
            exactness: .point, label: "")
        #expect(postcode.isMeant(by: typed) == isMeant)
    }

    private static func file(_ text: String) throws -> URL {
        let url = FileManager.default.temporaryDirectory.appending(path: "leukoscope-codes-\(UUID().uuidString).tsv")
        try Data(text.utf8).write(to: url)
        return url
    }

    private static let rows = """
        1000\tAT\t\t48.2\t16.37\ttown\tVienna
        10001\tUS\t|####\t40.75\t-73.99\tpoint\t
        560\tIN\t###\t12.97\t77.59\tabout\tBangalore
        560001\tIN\t\t12.98\t77.6\tpoint\tBangalore G.P.O.
        560001\tRO\t\t45\t25\ttown\tPitești

        """

    private func loaded(_ fixture: DirectoryFixture) async throws {
        let url = try Self.file("leukoscope-postcodes\t1\t5\t0ff\n" + Self.rows)
        defer { try? FileManager.default.removeItem(at: url) }
        let file = try PostcodeFile(url)
        #expect(try file.count == 5 && file.edition == 255 && PostcodeFile.isOne(url))
        let loading = PostcodeLoading(database: fixture.database)
        #expect(try await loading.isNeeded(for: file))
        var seen: [Int] = []
        try await loading.load(file, now: DirectoryFixture.now) { seen.append($0) }
        #expect(seen == [5])
        #expect(try await !loading.isNeeded(for: file))
    }

    @Test func `the longest code of each country is found, and other countries are only asked about`() async throws {
        try await DirectoryFixture.run { fixture in
            try await loaded(fixture)
            try await fixture.database.write { try $0.insert(PlaceTests.towns) }
            for (text, labels, isElsewhere) in [
                ("560001", ["IN Bangalore G.P.O.", "RO Pitești"], false),
                ("560001, India", ["IN Bangalore G.P.O."], false),
                ("560123", ["IN Bangalore"], false), ("1000", ["AT Vienna"], false),
                // The place of the United States has no name: the nearest town's is taken.
                ("10001-1234", ["US Chicago"], false), ("10001, CA", ["US Chicago"], true), ("99", [], false),
                ("99, CA", [], true), ("AT 1000", ["AT Vienna"], false), ("1000 Monaco", [], false),
            ] as [(String, [String], Bool)] {
                guard case .postcode(let query) = try PlaceQuery(text) else {
                    Issue.record("\(text) was read as something else")
                    continue
                }
                let answer = try await fixture.database.read { try PostcodeSearch.places(for: query, in: $0) }
                #expect(answer.found.map { "\($0.postcode.countryCode) \($0.name)" } == labels, "\(text)")
                #expect(answer.isElsewhere == isElsewhere, "\(text)")
            }
        }
    }

    @Test(arguments: [
        "", "leukoscope-places\t1\t1\n", "leukoscope-postcodes\t2\t1\tff\n", "leukoscope-postcodes\t1\t1\n",
        "leukoscope-postcodes\t1\t2\tff\n1000\tAT\t\t48.2\t16.37\ttown\tVienna\n",
        "leukoscope-postcodes\t1\t1\tff\n1000\tAT\t\t98.2\t16.37\ttown\tVienna\n",
        "leukoscope-postcodes\t1\t1\tff\n10-0\tAT\t\t48.2\t16.37\ttown\tVienna\n",
        "leukoscope-postcodes\t1\t1\tff\n1000\tAT\tx\t48.2\t16.37\ttown\tVienna\n",
        "leukoscope-postcodes\t1\t1\tff\n1000\tAT\t\t48.2\t16.37\tnearly\tVienna\n",
    ])
    func `a file that is broken or of another kind is refused`(_ text: String) async throws {
        try await DirectoryFixture.run { fixture in
            let url = try Self.file(text)
            defer { try? FileManager.default.removeItem(at: url) }
            let error = await #expect(throws: ClinicError.self) {
                try await PostcodeLoading(database: fixture.database).load(
                    PostcodeFile(url), now: DirectoryFixture.now)
            }
            #expect(error?.code == .corrupt)
        }
    }
}

extension PlaceQuery {
    fileprivate var isTown: Bool { if case .town = self { true } else { false } }
}
