import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Web

@Suite(.timeLimit(.minutes(10))) struct APICaseTests {
    @Test func `makes, reads and deletes a case`() async throws {
        try await APISite.run { site in
            let made = try await site.ask(
                .post, "/api/v1/cases", json: ["title": "  Smear   of May ", "note": "Left arm"])
            #expect(made.status == .created)
            let object = try made.object()
            let id = try #require(object["id"] as? String)
            #expect(made.headers[.location] == "/api/v1/cases/\(id)")
            #expect(object["title"] as? String == "Smear of May")
            #expect((object["verdict"] as? [String: Any])?["kind"] as? String == "empty")
            let read = try await site.ask(.get, "/api/v1/cases/\(id)").object()
            #expect(read["note"] as? String == "Left arm")
            #expect(try await site.ask(.delete, "/api/v1/cases/\(id)").status == .noContent)
            #expect(try await site.ask(.get, "/api/v1/cases/\(id)").status == .notFound)
            let audit = try await site.services.database.read {
                try $0.auditRecords(matching: AuditFilter(object: id), before: nil, limit: 10)
            }
            #expect(audit.map(\.entry.action.name) == ["case.delete", "case.read", "case.create"])
        }
    }

    @Test func `pages through the list without gap or repetition`() async throws {
        try await APISite.run { site in
            var made: Set<String> = []
            for number in 0..<7 { made.insert(try await site.makeCase("Smear \(number)")) }
            var seen: [String] = []
            var address: String? = "/api/v1/cases?limit=3"
            while let next = address, seen.count <= made.count {
                let page = try await site.ask(.get, next).object()
                let cases = try #require(page["cases"] as? [[String: Any]])
                #expect(cases.count <= 3)
                seen += cases.compactMap { $0["id"] as? String }
                address = (page["next"] as? String).map { "/api/v1/cases?limit=3&after=\($0)" }
            }
            #expect(seen.count == 7)
            #expect(Set(seen) == made)
            let found = try await site.ask(.get, "/api/v1/cases?search=smear%204").object()["cases"] as? [[String: Any]]
            #expect(found?.map { $0["title"] as? String } == ["Smear 4"])
        }
    }

    @Test(arguments: [
        "limit=0", "limit=101", "limit=many", "after=x", "after=1.short", "decision=maybe", "label=pre-c",
        "after=99999999999999999999.AAAAAAAAAAAAAAAAAAAAAA",
    ]) func `names the parameter that is wrong`(query: String) async throws {
        try await APISite.run { site in
            let response = try await site.ask(.get, "/api/v1/cases?\(query)")
            #expect(response.status == .badRequest)
            let name = query.prefix { $0 != "=" }
            #expect((try response.object()["detail"] as? String)?.contains("“\(name)”") == true)
        }
    }

    @Test(arguments: [
        (#"{"title": ""}"#, 422), (#"{"title": " \t "}"#, 422), (#"{"title": 1}"#, 400), (#"{"note": "x"}"#, 400),
        ("[1]", 400), ("{", 400), (#"{"title": "a", "note": null}"#, 400),
    ]) func `refuses a bad body`(body: String, status: Int) async throws {
        try await APISite.run { site in
            let response = try await site.client.execute(
                uri: "/api/v1/cases", method: .post,
                headers: [.contentType: "application/json", .authorization: "Bearer \(site.token)"],
                body: ByteBuffer(string: body))
            #expect(response.status.code == status, "\(response.text)")
            #expect(response.headers[.contentType] == "application/problem+json")
        }
    }

    @Test func `refuses another media type and an endless body`() async throws {
        try await APISite.run { site in
            let plain = try await site.ask(
                .post, "/api/v1/cases", form: ByteBuffer(string: "title=a"),
                headers: [.contentType: "application/x-www-form-urlencoded"])
            #expect(plain.status == .unsupportedMediaType)
            let long = try await site.ask(
                .post, "/api/v1/cases", form: ByteBuffer(string: String(repeating: "a", count: 70_000)),
                headers: [.contentType: "application/json"])
            #expect(long.status == .contentTooLarge)
        }
    }

    @Test func `stores an image once however often it is sent`() async throws {
        try await APISite.run { site in
            let id = try await site.makeCase()
            let first = try await site.addImage(to: id, seed: 1, key: "upload-1")
            let again = try await site.addImage(to: id, seed: 1, key: "upload-1")
            let quoted = try await site.addImage(to: id, seed: 1, key: "\"upload-1\"")
            #expect(first["id"] as? String == again["id"] as? String)
            #expect(first["id"] as? String == quoted["id"] as? String)
            #expect(try await site.addImage(to: id, seed: 1, key: "upload-2")["number"] as? Int == 2)
            let other = try await site.ask(
                .post, "/api/v1/cases/\(id)/images", form: TestSite.form(TestSite.picture(seed: 9)),
                headers: [try #require(HTTPField.Name("Idempotency-Key")): "upload-1"])
            #expect(other.status == .unprocessableContent, "a key names one image")
            // Without a key the content is the key.
            let content = try await site.addImage(to: id, seed: 2)
            #expect(try await site.addImage(to: id, seed: 2)["id"] as? String == content["id"] as? String)
            let images = try await site.ask(.get, "/api/v1/cases/\(id)").object()["images"] as? [Any]
            #expect(images?.count == 3)
        }
    }

    @Test func `a key makes one case of its account, however often it is sent`() async throws {
        try await APISite.run(isScreening: false) { site in
            let name = try #require(HTTPField.Name("Idempotency-Key"))
            let body: [String: any Sendable] = ["title": "From the ward", "note": "Second tube"]
            let create = { @Sendable (key: String, body: [String: any Sendable], token: String) in
                try await site.ask(.post, "/api/v1/cases", json: body, token: token, headers: [name: key])
            }
            let first = try await create("ward-1", body, site.token)
            #expect(first.status == .created)
            let again = try await create("\"ward-1\"", body, site.token)
            #expect(again.status == .created)
            #expect(again.headers[.location] == first.headers[.location])
            // At the same moment, too.
            let both = try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<4 {
                    group.addTask { try await create("ward-2", body, site.token).headers[.location] }
                }
                return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
            }
            #expect(both.count == 1 && !both.contains(nil) && !both.contains(first.headers[.location]))
            // Each account has its own, and a key stands for one request.
            let other = try await create("ward-1", body, site.otherToken)
            #expect(other.status == .created && other.headers[.location] != first.headers[.location])
            #expect(try await create("ward-1", ["title": "Another"], site.token).status == .unprocessableContent)
            for bad in ["../key", String(repeating: "a", count: 65)] {
                #expect(try await create(bad, body, site.token).status == .unprocessableContent, "\(bad)")
            }
            // What was deleted stays deleted.
            let path = try #require(first.headers[.location])
            #expect(try await site.ask(.delete, path).status == .noContent)
            #expect(try await create("ward-1", body, site.token).status == .notFound)
            let cases = try await site.services.database.read { try $0.countCases(of: site.owner) }
            #expect(cases == 1)
        }
    }

    @Test func `refuses a bad image and keeps nothing`() async throws {
        try await APISite.run { site in
            let id = try await site.makeCase()
            let path = "/api/v1/cases/\(id)/images"
            let cut = Array(try TestSite.picture().prefix(200))
            #expect(try await site.ask(.post, path, form: TestSite.form(cut)).status == .unprocessableContent)
            #expect(try await site.ask(.post, path, form: TestSite.form([1, 2, 3])).status == .unsupportedMediaType)
            let wrongField = try TestSite.form(TestSite.picture(), field: "picture")
            #expect(try await site.ask(.post, path, form: wrongField).status == .badRequest)
            let key = try #require(HTTPField.Name("Idempotency-Key"))
            let badKey = try await site.ask(
                .post, path, form: TestSite.form(TestSite.picture()), headers: [key: "../key"])
            #expect(badKey.status == .badRequest)
            #expect(try await site.services.archive.keys(under: "images/").isEmpty)
        }
    }
}
