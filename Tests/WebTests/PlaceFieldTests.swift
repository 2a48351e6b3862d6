import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Web

@Suite struct PlaceFieldTests {
    /// A few towns, two of one name.
    static func fill(_ database: any ClinicDatabase) async throws {
        let towns = [
            Place(
                id: 1_264_527, name: "Chennai", countryCode: "IN", latitude: 13.08784, longitude: 80.27847,
                population: 4_681_087, timeZone: "Asia/Kolkata"),
            Place(
                id: 1, name: "Springfield", countryCode: "US", latitude: 39.8, longitude: -89.64, population: 116_000),
            Place(id: 2, name: "Springfield", countryCode: "US", latitude: 37.2, longitude: -93.3, population: 167_000),
            Place(id: 4, name: "Chicago", countryCode: "US", latitude: 41.85, longitude: -87.65, population: 2_700_000),
        ]
        try await database.write { transaction in
            try transaction.insert(towns)
            try transaction.insert(placeNames: [PlaceName(placeID: 1_264_527, name: "சென்னை")])
            try transaction.store(postcodes, edition: 1)
            try transaction.finishPostcodes(edition: 1, at: Date(timeIntervalSince1970: 0))
        }
    }

    /// Codes of one country and of several, with and without a name.
    static let postcodes = [
        Postcode(
            code: "600001", countryCode: "IN", position: GeoPosition(latitude: 13.08, longitude: 80.28),
            exactness: .town, label: "Chennai"),
        Postcode(
            code: "603", countryCode: "IN", ending: "###", position: GeoPosition(latitude: 12.7, longitude: 79.98),
            exactness: .about, label: "Chengalpattu"),
        Postcode(
            code: "62701", countryCode: "US", ending: "|####", position: GeoPosition(latitude: 39.8, longitude: -89.65),
            exactness: .point, label: ""),
        Postcode(
            code: "62701", countryCode: "DE", position: GeoPosition(latitude: 50, longitude: 9), exactness: .town,
            label: "Dorf"),
    ]

    /// Towns of India under the names that the file of towns has for them.
    private static let towns: [(place: Place, names: [String])] = [
        (
            Place(
                id: 1_253_286, name: "Vellore", countryCode: "IN", latitude: 12.9184, longitude: 79.13255,
                population: 484_690),
            ["வேலூர்", "वेल्लोर", "Vellore Tamil Nadu", "வேலூர் தமிழ்நாடு", "वेल्लोर तमिलनाडु"]
        ),
        (
            Place(
                id: 1_277_333, name: "Bengaluru", countryCode: "IN", latitude: 12.97194, longitude: 77.59369,
                population: 8_495_492),
            ["பெங்களூரு", "बेंगलुरु", "Bengaluru Karnataka", "பெங்களூரு கர்நாடகா"]
        ),
        (
            Place(
                id: 1_275_339, name: "Mumbai", countryCode: "IN", latitude: 19.07283, longitude: 72.88261,
                population: 12_691_836),
            ["மும்பை", "मुंबई", "Mumbai Maharashtra"]
        ),
    ]

    @Test(arguments: [
        ("பெங்களூரு", "Bengaluru"), ("வேலூர்", "Vellore"), ("मुंबई", "Mumbai"), ("vellore tamil nadu", "Vellore"),
        ("வேலூர், தமிழ்நாடு", "Vellore"), ("मुंबई, भारत", "Mumbai"), ("பெங்களூரு, இந்தியா", "Bengaluru"),
        (" वेल्लोर  ", "Vellore"),
    ])
    func `the search of doctors takes a town in the letters in which its people write it, whatever the page's language`(
        _ typed: String, name: String
    ) async throws {
        try await TestSite.run { client, services in
            try await services.database.write { transaction in
                try transaction.insert(Self.towns.map(\.place))
                try transaction.insert(
                    placeNames: Self.towns.flatMap { town in
                        town.names.map { PlaceName(placeID: town.place.id, name: $0) }
                    })
            }
            let query = typed.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            for language in ["en", "hi", "ta"] {
                let page = try await client.execute(
                    uri: "/doctors?place=\(query)", method: .get, headers: [.acceptLanguage: language])
                #expect(page.status == .ok, "\(language)")
                #expect(page.text.contains("name=\"place\" type=\"text\" value=\"\(name), "), "\(language)")
                let offered = try await client.execute(
                    uri: "/places?q=\(query)", method: .get, headers: [.acceptLanguage: language])
                let places = try #require(try offered.object()["places"] as? [[String: Any]])
                #expect((places.first?["label"] as? String)?.hasPrefix("\(name), ") == true, "\(language)")
            }
        }
    }

    private func labels(_ query: String, _ client: any TestClientProtocol) async throws -> [String] {
        let encoded = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let answer = try await client.execute(uri: "/places?q=\(encoded)", method: .get)
        #expect(answer.status == .ok)
        #expect(answer.headers[.contentType] == "application/json")
        let places = try #require(try answer.object()["places"] as? [[String: Any]])
        return places.compactMap { $0["label"] as? String }
    }

    @Test func `finds towns in any script and tells those of one name apart`() async throws {
        try await TestSite.run { client, services in
            try await Self.fill(services.database)
            #expect(try await labels("chenn", client) == ["Chennai, India"])
            #expect(try await labels("சென்", client) == ["Chennai, India"])
            #expect(
                try await labels("Springfield, USA", client) == [
                    "Springfield, United States", "Springfield (near Chicago), United States",
                ])
            #expect(try await labels("", client) == [])
            #expect(try await labels("%", client) == [])
            #expect(try await labels("560001", client) == [])
            #expect(try await labels("600 001", client) == ["600 001 Chennai, India"])
            #expect(try await labels("603123, India", client) == ["603123 Chengalpattu (about here), India"])
            #expect(
                try await labels("62701", client) == ["62701 Dorf, Germany", "62701 Springfield, United States"])
            #expect(try await labels("62701-1234", client) == ["62701-1234 Springfield, United States"])
            #expect(try await labels("62701 Springfield", client).count == 2)
            #expect(try await labels("13.1, 80.3", client) == ["13.10° N, 80.30° E (near Chennai)"])
        }
    }

    @Test func `limits how often one address asks`() async throws {
        try await TestSite.run(configure: { $0.placesPerBurst = 3 }, change: TestSite.standStill) { client, _ in
            var statuses: [Int] = []
            for _ in 0..<4 {
                statuses.append(try await client.execute(uri: "/places?q=a", method: .get).status.code)
            }
            #expect(statuses == [200, 200, 200, 429])
        }
    }

    @Test func `asks the browser for a position on own pages only`() async throws {
        try await TestSite.run { client in
            let answer = try await client.execute(uri: "/login", method: .get)
            let name = try #require(HTTPField.Name("Permissions-Policy"))
            #expect(answer.headers[name]?.contains("geolocation=(self)") == true)
        }
    }

    @Test func `shows postcodes of the reader's country first`() async throws {
        try await TestSite.run { client, services in
            try await Self.fill(services.database)
            let answer = try await client.execute(
                uri: "/places?q=62701", method: .get, headers: [.acceptLanguage: "de;q=0.5, en-US, *"])
            let places = try #require(try answer.object()["places"] as? [[String: Any]])
            #expect(places.map { $0["countryCode"] as? String } == ["US", "DE"])
            #expect(places.allSatisfy { $0["id"] == nil })
            let unknown = try await client.execute(uri: "/places?q=99999,%20Germany", method: .get).object()
            #expect((unknown["note"] as? String)?.contains("We do not know the postcode 99999 in Germany") == true)
        }
    }

    @Test(arguments: [
        // One country has it: it is taken.
        ("place=600001", "600001 Chennai, India", "13.08"), ("place=62701%2C+DE", "62701 Dorf, Germany", "50"),
        ("place=62701+Germany", "62701 Dorf, Germany", "50"),
        ("place=603123", "603123 Chengalpattu (about here), India", "12.7"),
        // Chosen from the list below the field.
        ("place=62701&place_for=62701&place_id=US-62701", "62701 Springfield, United States", "39.8"),
    ])
    func `takes a postcode as the place of a search`(query: String, name: String, latitude: String) async throws {
        try await TestSite.run { client, services in
            try await Self.fill(services.database)
            let page = try await client.execute(uri: "/doctors?\(query)", method: .get).text
            #expect(page.contains("name=\"place\" type=\"text\" value=\"\(name)\""))
            #expect(page.contains("name=\"lat\" value=\"\(latitude)\""))
            #expect(!page.contains("type=\"radio\""))
        }
    }

    @Test func `asks which country a postcode is of and never guesses`() async throws {
        try await TestSite.run { client, services in
            try await Self.fill(services.database)
            // Also where it is known elsewhere alone: Canada has no such code.
            for query in ["62701", "62701%2C+Canada"] {
                let page = try await client.execute(uri: "/doctors?place=\(query)", method: .get).text
                #expect(page.contains("name=\"place_id\" id=\"place-choice-1\" value=\"US-62701\""))
                #expect(page.contains("62701 Dorf, Germany"))
                #expect(page.contains("name=\"lat\" value=\"\""))
            }
            for query in ["560001", "600001%2C+Germany&place_for=&place_id=DE-600001"] {
                let page = try await client.execute(uri: "/doctors?place=\(query)", method: .get).text
                #expect(page.contains(query == "560001" ? "We do not know the postcode 560001" : "IN-600001"))
                #expect(page.contains("name=\"lat\" value=\"\""))
            }
        }
    }
}
