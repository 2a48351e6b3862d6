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

    @Test func findsTownsInAnyScriptAndTellsThoseOfOneNameApart() async throws {
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
            #expect(try await labels("13.1, 80.3", client) == ["13.10° N, 80.30° E (near Chennai)"])
        }
    }

    @Test func limitsHowOftenOneAddressAsks() async throws {
        try await TestSite.run(configure: {
            $0.placesPerBurst = 3
            // None comes back while a slow machine asks.
            $0.placesPerMinute = 1
        }) { client in
            var statuses: [Int] = []
            for _ in 0..<4 {
                statuses.append(try await client.execute(uri: "/places?q=a", method: .get).status.code)
            }
            #expect(statuses == [200, 200, 200, 429])
        }
    }

    @Test func asksTheBrowserForAPositionOnOwnPagesOnly() async throws {
        try await TestSite.run { client in
            let answer = try await client.execute(uri: "/login", method: .get)
            let name = try #require(HTTPField.Name("Permissions-Policy"))
            #expect(answer.headers[name]?.contains("geolocation=(self)") == true)
        }
    }
}
