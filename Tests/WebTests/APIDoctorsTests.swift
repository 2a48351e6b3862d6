import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Web

@Suite struct APIDoctorsTests {
    private static let path = "/api/v1/doctors?near=18.52,73.857"

    @Test func `lists the same doctors in the same order as the pages`() async throws {
        try await APISite.run(isScreening: false) { site in
            let doctors = Specialty.allCases.enumerated().map {
                SearchedDoctors.doctor("Dr. \($0.offset)", $0.element, north: Double($0.offset))
            }
            try await SearchedDoctors.add(doctors, to: site.services)
            let answer = try await site.ask(.get, "\(Self.path)&need=malignant&radius_km=100&limit=5")
            #expect(answer.status == .ok)
            let object = try answer.object()
            #expect(object["radiusKm"] as? Double == 100)
            let listed = try #require(object["doctors"] as? [[String: Any]])
            let page = try await site.client.execute(
                uri: "/doctors?\(SearchedDoctors.place)&need=malignant&radius=100", method: .get)
            #expect(listed.compactMap { $0["name"] as? String } == Array(SearchedDoctors.names(page).prefix(5)))
            let first = try #require(listed.first)
            #expect(first["rating"] == nil)
            #expect((first["score"] as? Double).map { (0...100).contains($0) } == true)
            #expect((first["clinic"] as? [String: Any])?["city"] as? String == "Pune")
        }
    }

    @Test(arguments: [
        "/api/v1/doctors", "/api/v1/doctors?near=91,0", "/api/v1/doctors?near=0,181", "/api/v1/doctors?near=1",
        "/api/v1/doctors?near=a,b", "/api/v1/doctors?near=1e1,2", "/api/v1/doctors?near=nan,0",
        "/api/v1/doctors?near=1,2,3", path + "&radius_km=0", path + "&radius_km=nan", path + "&radius_km=0x10",
        path + "&specialty=magic", path + "&language=EN", path + "&language=eng", path + "&need=all",
        path + "&limit=0", path + "&limit=101", path + "&child=yes",
    ])
    func `names what is wrong`(path: String) async throws {
        try await APISite.run(isScreening: false) { site in
            let answer = try await site.ask(.get, path)
            #expect(answer.status == .badRequest)
            #expect(answer.headers[.contentType] == "application/problem+json")
            let detail = try #require(try answer.object()["detail"] as? String)
            #expect(
                ["near", "radius_km", "specialty", "language", "need", "limit", "child"].contains {
                    detail.contains("“\($0)”")
                })
        }
    }

    @Test func `asks for a token that may read`() async throws {
        try await APISite.run(isScreening: false) { site in
            #expect(try await site.ask(.get, Self.path, token: "").status == .unauthorized)
            let token = try await APISite.token(of: site.owner, in: site.services, [.predict])
            #expect(try await site.ask(.get, Self.path, token: token).status == .forbidden)
        }
    }
}
