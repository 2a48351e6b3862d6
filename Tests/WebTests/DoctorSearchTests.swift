import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Web

@Suite struct DoctorSearchTests {
    /// 24 November 2026, 06:00 in Pune.
    private static let now = Date(timeIntervalSince1970: 1_795_480_200)

    private static func run(
        _ doctors: [Doctor], _ test: @Sendable (any TestClientProtocol, SiteServices) async throws -> Void
    ) async throws {
        try await TestSite.run(change: { $0.clock = { now } }) { client, services in
            try await SearchedDoctors.add(doctors, to: services)
            try await test(client, services)
        }
    }

    private static func page(_ query: String, _ client: any TestClientProtocol) async throws -> TestResponse {
        let response = try await client.execute(uri: "/doctors\(query)", method: .get)
        #expect(response.status == .ok)
        return response
    }

    @Test func `asks where before it shows anybody`() async throws {
        try await Self.run([SearchedDoctors.doctor("Dr. Asha Rao")]) { client, _ in
            let page = try await Self.page("", client)
            #expect(page.text.contains("Where do you want to see a doctor?"))
            #expect(SearchedDoctors.names(page).isEmpty)
        }
    }

    @Test func `shows the best match first and says why`() async throws {
        let doctors = [
            SearchedDoctors.doctor("Dr. General", .generalPractice, north: 1),
            SearchedDoctors.doctor(
                "Dr. Asha Rao", .haematoOncology, north: 2.3, rating: RatingSum(stars: 149, count: 31),
                free: Self.now + 28.5 * 3600),
            SearchedDoctors.doctor("Dr. Blood", .haematology, north: 3, rating: RatingSum(stars: 10, count: 2)),
            SearchedDoctors.doctor("Dr. Pending", .haematoOncology, status: .pending),
        ]
        try await Self.run(doctors) { client, _ in
            let page = try await Self.page("?\(SearchedDoctors.place)&need=malignant&radius=10", client)
            #expect(SearchedDoctors.names(page) == ["Dr. Asha Rao", "Dr. Blood", "Dr. General"])
            #expect(page.text.contains("2.3 km · haemato-oncologist · 4.8 from 31 visits · free tomorrow 10:30<"))
            #expect(page.text.contains("3.0 km · haematologist · 16 years in practice<"))
            #expect(page.text.contains("See a doctor today or tomorrow"))
            #expect(page.text.contains("Within 10 km of Pune."))
        }
    }

    @Test func `never shows a rating of fewer than three reviews`() async throws {
        let doctor = SearchedDoctors.doctor("Dr. New", rating: RatingSum(stars: 10, count: 2))
        try await Self.run([doctor]) { client, services in
            let page = try await Self.page("?\(SearchedDoctors.place)", client)
            #expect(SearchedDoctors.names(page) == ["Dr. New"])
            #expect(!page.text.contains("doctor-star"))
            #expect(page.text.contains("Rating appears after 3 reviews"))
        }
    }

    @Test func `marks every fictional doctor and no other`() async throws {
        let doctors = [
            SearchedDoctors.doctor("Dr. Real"), SearchedDoctors.doctor("Dr. Made Up", isDemonstration: true),
        ]
        try await Self.run(doctors) { client, _ in
            // The map after the cards names them all.
            let cards = try await Self.page("?\(SearchedDoctors.place)", client).text
                .split(separator: "<article").dropFirst().compactMap { $0.split(separator: "</article>").first }
            #expect(cards.count == 2)
            for card in cards {
                #expect(card.contains("Demonstration, not a real doctor") == card.contains("Dr. Made Up"))
            }
        }
    }

    @Test func `offers booking only where it can be done`() async throws {
        try await Self.run([]) { client, services in
            let user = try await TestPeople.make("doctor@example.org", .clinician, in: services)
            let free = Self.now + 3600
            let doctors = [
                SearchedDoctors.doctor("Dr. Unclaimed", free: free),
                SearchedDoctors.doctor("Dr. Claimed", free: free, userID: user.id),
            ]
            try await SearchedDoctors.add(doctors, to: services)
            let page = try await Self.page("?\(SearchedDoctors.place)", client)
            #expect(page.text.contains("href=\"/doctors/\(doctors[1].id)/book\""))
            #expect(!page.text.contains("href=\"/doctors/\(doctors[0].id)/book\""))
        }
    }

    @Test func `numbers the pins of the map as the list and goes on with the next page`() async throws {
        let doctors = (0..<30).map { SearchedDoctors.doctor("Dr. \($0 + 100)", north: Double($0) / 5) }
        try await Self.run(doctors) { client, _ in
            var (path, seen, numbers): (String?, [String], [Int]) = ("?\(SearchedDoctors.place)&need=benign", [], [])
            while let query = path, seen.count <= doctors.count {
                let page = try await Self.page(query, client)
                seen += SearchedDoctors.names(page)
                let pins = page.text.matches(of: /class="map-number"[^>]*>(\d+)</).compactMap { Int($0.output.1) }
                let cards = page.text.matches(of: /On the map: number <\/span>(\d+)</).compactMap { Int($0.output.1) }
                #expect(pins == cards)
                numbers += pins
                path = page.text.firstMatch(of: /href="\/doctors([^"]+)" rel="next"/).map {
                    String($0.output.1).replacing("&amp;", with: "&")
                }
            }
            #expect(numbers == Array(1...30))
            #expect(Set(seen).count == 30)
            #expect(seen.count == 30)
        }
    }

    @Test func `keeps what was asked for in the form and escapes it`() async throws {
        try await Self.run([SearchedDoctors.doctor("Dr. Asha Rao")]) { client, _ in
            let query =
                "?place=%3Cscript%3E&lat=18.52&lon=73.857&need=uncertain&child=1&specialty=haematology&language=mr"
                + "&free=7&radius=50"
            let page = try await Self.page(query, client)
            for value in ["uncertain", "haematology", "mr", "7", "50"] {
                #expect(page.text.contains("<option value=\"\(value)\" selected>"), "\(value)")
            }
            #expect(page.text.contains(#"name="child" value="1" checked"#))
            #expect(!page.text.contains("<script>"))
            #expect(page.text.contains("No doctor found"))  // she has no free slot
        }
    }

    @Test func `filters by specialty, language and distance`() async throws {
        let doctors = [
            SearchedDoctors.doctor("Dr. Near", north: 5), SearchedDoctors.doctor("Dr. Far", north: 40),
            SearchedDoctors.doctor("Dr. Reader", .haematopathology, north: 5),
        ]
        try await Self.run(doctors) { client, _ in
            let names: @Sendable (String) async throws -> [String] = { query in
                try await SearchedDoctors.names(Self.page("?\(SearchedDoctors.place)\(query)", client))
            }
            let near = try await names("&radius=10")
            #expect(near.sorted() == ["Dr. Near", "Dr. Reader"])
            #expect(try await names("&specialty=haematopathology") == ["Dr. Reader"])
            #expect(try await names("&language=mr").count == 3)
            #expect(try await names("&language=fi").isEmpty)
            #expect(try await names("&free=1").isEmpty)
        }
    }

    @Test func `takes the place of the profile and no guess`() async throws {
        try await Self.run([SearchedDoctors.doctor("Dr. Asha Rao")]) { client, services in
            let user = try await TestPeople.make("anna@example.org", in: services)
            let browser = try await TestPeople.browser(of: user, client: client, in: services)
            #expect(try await browser.get("/doctors").text.contains("Where do you want to see a doctor?"))
            let place = UserPlace(name: "Pune", latitude: 18.52, longitude: 73.857)
            try await services.accounts.updateProfile(of: user.id, name: "Anna", place: place)
            #expect(SearchedDoctors.names(try await browser.get("/doctors")) == ["Dr. Asha Rao"])
        }
    }

    @Test func `explains the order with the weights of the code`() async throws {
        try await Self.run([]) { client, _ in
            let page = try await Self.page("/ranking", client)
            let weights = DoctorRanking.weights
            for weight in [
                weights.specialty, weights.distance, weights.rating, weights.nextFree, weights.experience,
                weights.language,
            ] {
                #expect(page.text.contains("\(Int(weight)) points"))
            }
            #expect(page.text.contains("until it finds \(DoctorRanking.enough) doctors"))
            // Its key where a text is missing.
            #expect(!page.text.contains("ranking.explained"))
        }
    }
}
