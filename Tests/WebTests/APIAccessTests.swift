import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing
import Web

@Suite(.timeLimit(.minutes(10))) struct APIAccessTests {
    @Test func `tells somebody else that there is nothing`() async throws {
        try await APISite.run { site in
            let id = try await site.makeCase()
            let screening = try await site.screened(in: id)
            let paths: [(HTTPRequest.Method, String)] = [
                (.get, "/api/v1/cases/\(id)"), (.delete, "/api/v1/cases/\(id)"),
                (.get, "/api/v1/screenings/\(screening)"), (.get, "/api/v1/screenings/\(screening)/heatmap.png"),
                (.get, "/api/v1/screenings/\(screening)/report.pdf"), (.get, "/api/v1/screenings/\(screening)/fhir"),
            ]
            for (method, path) in paths {
                let response = try await site.ask(method, path, token: site.otherToken)
                #expect(response.status == .notFound, "\(method) \(path)")
            }
            let upload = try await site.ask(
                .post, "/api/v1/cases/\(id)/images", form: TestSite.form(TestSite.picture()), token: site.otherToken)
            #expect(upload.status == .notFound)
            let list = try await site.ask(.get, "/api/v1/cases", token: site.otherToken).object()["cases"] as? [Any]
            #expect(list?.isEmpty == true)
        }
    }

    @Test func `says which scope a token lacks`() async throws {
        try await APISite.run { site in
            let predictOnly = try await APISite.token(of: site.owner, in: site.services, [.predict])
            let list = try await site.ask(.get, "/api/v1/cases", token: predictOnly)
            #expect(list.status == .forbidden)
            let challenge = try #require(list.headers[.wwwAuthenticate])
            #expect(challenge.contains("error=\"insufficient_scope\"") && challenge.contains("scope=\"read\""))
            let readOnly = try await APISite.token(of: site.owner, in: site.services, [.read])
            #expect(try await site.ask(.get, "/api/v1/cases", token: readOnly).status == .ok)
            let create = try await site.ask(.post, "/api/v1/cases", json: ["title": "a"], token: readOnly)
            #expect(create.status == .forbidden)
        }
    }

    @Test func `asks for a token that is known and not revoked`() async throws {
        try await APISite.run { site in
            let none = try await site.ask(.get, "/api/v1/cases", token: "")
            #expect(none.status == .unauthorized)
            #expect(none.headers[.wwwAuthenticate] == "Bearer realm=\"leukoscope\"")
            let unknown = SecretToken().text
            let wrong = try await site.ask(.get, "/api/v1/cases", token: unknown)
            #expect(wrong.status == .unauthorized)
            #expect(wrong.headers[.wwwAuthenticate]?.contains("invalid_token") == true)
            // A token that is sent must be valid, also where none is needed.
            let predict = try await site.ask(
                .post, "/api/v1/predict", form: TestSite.form(TestSite.picture()), token: unknown)
            #expect(predict.status == .unauthorized)
            let tokens = try await site.services.accounts.apiTokens(of: site.owner)
            try await site.services.accounts.revokeAPIToken(
                try #require(tokens.first).id, of: site.owner, by: .user(site.owner))
            #expect(try await site.ask(.get, "/api/v1/cases").status == .unauthorized)
        }
    }

    @Test func `answers predict without a token only where nobody else reaches it`() async throws {
        let form = TestSite.form(try TestSite.picture())
        try await APISite.run { site in
            let answer = try await site.ask(.post, "/api/v1/predict", form: form, token: "")
            #expect(answer.status == .ok)
        }
        try await APISite.run {
            $0.publicURL = URL(string: "https://smears.example.org")
        } _: { site in
            #expect(try await site.ask(.post, "/api/v1/predict", form: form, token: "").status == .unauthorized)
            #expect(try await site.ask(.post, "/api/v1/predict", form: form).status == .ok)
            let audit = try await site.services.database.read {
                try $0.auditRecords(matching: AuditFilter(action: "api.predict"), before: nil, limit: 10)
            }
            #expect(audit.count == 1)
        }
    }

    @Test(arguments: ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
    func `names the methods that an address knows`(method: String) async throws {
        try await APISite.run { site in
            let response = try await site.ask(try #require(HTTPRequest.Method(method)), "/api/v1/predict")
            #expect(response.status == .methodNotAllowed)
            #expect(response.headers[try #require(HTTPField.Name("Allow"))] == "POST")
            #expect(response.headers[.contentType] == "application/problem+json")
            #expect(try response.object()["status"] as? Int == 405)
        }
    }

    @Test(arguments: ["/api/v1/nothing", "/api/v2", "/api/v1/cases/short", "/api/v1/screenings/%00"])
    func `answers unknown addresses with a problem`(path: String) async throws {
        try await APISite.run { site in
            let response = try await site.ask(.get, path)
            #expect(response.status == .notFound)
            #expect(response.headers[.contentType] == "application/problem+json")
        }
    }
}
