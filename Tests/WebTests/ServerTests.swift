import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Telemetry
import Testing
import Web

@Suite struct ServerTests {
    private static let routes: [(HTTPRequest.Method, String, Int)] = [
        (.get, "/", 200), (.get, "/learn", 200), (.get, "/learn/quality", 200), (.get, "/screen", 303),
        (.post, "/screen", 415),
        (.get, "/examples/pre-b", 200), (.get, "/api/openapi.json", 200), (.post, "/api/v1/predict", 415),
        (.get, "/healthz", 200), (.get, "/readyz", 200), (.get, "/metrics", 401), (.get, "/nowhere", 404),
        (.get, "/api/nowhere", 404), (.get, "/assets/none.css", 404), (.get, "/assets/..%2Fopenapi.json", 404),
        (.get, "/assets/../../etc/passwd", 404), (.delete, "/", 404), (.head, "/", 200),
    ]

    @Test func `puts the protections on every answer`() async throws {
        try await TestSite.run(demonstration: TestSite.screener()) { client in
            for (method, path, status) in Self.routes {
                let response = try await client.execute(uri: path, method: method)
                #expect(response.status.code == status, "\(method) \(path)")
                var headers: [String: String] = [:]
                for field in response.headers { headers[field.name.canonicalName] = field.value }
                #expect(headers["x-content-type-options"] == "nosniff", "\(path)")
                #expect(headers["referrer-policy"] == "no-referrer", "\(path)")
                let policy = headers["content-security-policy"] ?? ""
                for part in ["default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
                    #expect(policy.contains(part), "\(path)")
                }
                #expect(!policy.contains("unsafe"))
                #expect(headers["cache-control"] != nil, "\(path)")
            }
        }
    }

    @Test(arguments: [
        (["Sec-Fetch-Site": "cross-site"], 403), (["Sec-Fetch-Site": "same-site"], 403),
        (["Origin": "https://evil.example", "Host": "localhost"], 403), (["Origin": "null", "Host": "localhost"], 403),
        (["Sec-Fetch-Site": "same-origin"], 200), (["Sec-Fetch-Site": "none"], 200), ([:], 200),
    ])
    func `refuses forms of other sites`(headers: [String: String], status: Int) async throws {
        let picture = try TestSite.picture()
        try await TestSite.run { client in
            for path in ["/screen", "/api/v1/predict"] {
                var fields = TestSite.formHeaders
                for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
                let response = try await client.execute(
                    uri: path, method: .post, headers: fields, body: TestSite.form(picture))
                #expect(response.status.code == status)
            }
        }
    }

    @Test func `serves static files compressed and for a year`() async throws {
        try await TestSite.run { client in
            let home = try await client.execute(uri: "/", method: .get).text
            let paths = home.matches(of: /(?:href|src)="(\/assets\/[^"]+)"/).map { String($0.output.1) }
            #expect(paths.count >= 4)
            var bytes = home.utf8.count
            for path in paths {
                let plain = try await client.execute(uri: path, method: .get)
                #expect(plain.status == .ok)
                #expect(plain.headers[.cacheControl]?.contains("immutable") == true)
                let packed = try await client.execute(uri: path, method: .get, headers: [.acceptEncoding: "br, gzip"])
                #expect(packed.body.readableBytes <= plain.body.readableBytes)
                if path.hasSuffix(".css") { #expect(packed.headers[.contentEncoding] == "gzip") }
                bytes += packed.body.readableBytes
                let refused = try await client.execute(uri: path, method: .get, headers: [.acceptEncoding: "gzip;q=0"])
                #expect(refused.headers[.contentEncoding] == nil)
                let tag = try #require(plain.headers[.eTag])
                let again = try await client.execute(uri: path, method: .get, headers: [.ifNoneMatch: tag])
                #expect(again.status == .notModified)
            }
            #expect(bytes < 150_000)
        }
    }

    @Test func `counts what it does`() async throws {
        let picture = try TestSite.picture()
        try await TestSite.run(setting: .live) { live in
            try await PatientClient.with(port: try #require(live.port)) { client in
                let body = TestSite.form(picture)
                _ = try await client.send("/api/v1/predict", .post, headers: TestSite.formHeaders, body: body)
                _ = try await client.send("/some/secret/name")
                let response = try await client.send("/metrics")
                #expect(response.headers[.contentType] == PrometheusText.contentType)
                let text = String(buffer: try #require(response.body))
                #expect(
                    text.contains(
                        "leukoscope_http_requests_total{method=\"POST\",route=\"/api/v1/predict\",status=\"200\"} 1"))
                #expect(
                    text.contains("leukoscope_http_requests_total{method=\"GET\",route=\"NotFound\",status=\"404\"} 1"))
                #expect(text.contains("leukoscope_inference_seconds_count 1"))
                #expect(text.contains("leukoscope_queue_running 0"))
                #expect(!text.contains("secret"))
            }
        }
    }

    @Test func `describes the routes that exist`() async throws {
        try await TestSite.run { client in
            let description = try await client.execute(uri: "/api/openapi.json", method: .get).object()
            #expect((description["openapi"] as? String)?.hasPrefix("3.1") == true)
            let paths = try #require(description["paths"] as? [String: [String: Any]])
            #expect(paths.keys.contains("/api/v1/predict"))
            for (path, methods) in paths where !path.contains("{") {
                for method in methods.keys {
                    let response = try await client.execute(
                        uri: path, method: try #require(HTTPRequest.Method(method.uppercased())))
                    #expect(response.status != .notFound, "\(method) \(path)")
                }
            }
        }
    }

    @Test func `stops when the style sheet is missing`() async throws {
        await #expect {
            try await TestSite.run {
                $0.bootstrapDirectory = URL(filePath: "/nonexistent")
            } _: { _ in
            }
        } throws: {
            ($0 as? WebError)?.code == .resource
        }
    }
}
