import Clinic
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Offloading
import Testing
import Web

@Suite struct PredictTests {
    private static let path = "/api/v1/predict"

    @Test func `answers the object of the command line`() async throws {
        let picture = try TestSite.picture()
        try await TestSite.run { client in
            let response = try await client.execute(
                uri: Self.path, method: .post, headers: TestSite.formHeaders, body: TestSite.form(picture))
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == "application/json")
            let answer = try response.object()
            let expected = [
                "label", "displayName", "probabilities", "confidence", "decision", "reasons", "reasonCodes",
                "predictionSet", "novelty", "quality", "fields", "site", "model", "image", "timings",
            ]
            #expect(Set(answer.keys).subtracting(["notice"]) == Set(expected))
            let probabilities = try #require(answer["probabilities"] as? [String: Double])
            #expect(Set(probabilities.keys) == ["benign", "early-pre-b", "pre-b", "pro-b"])
            #expect(abs(probabilities.values.reduce(0, +) - 1) < 1e-6)
            #expect((answer["reasonCodes"] as? [String])?.count == (answer["reasons"] as? [String])?.count)
            let image = try #require(answer["image"] as? [String: Any])
            #expect(image["width"] as? Int == 64)
            #expect((image["sha256"] as? String)?.count == 64)
        }
    }

    /// Every bad upload with the status it must get.
    enum BadUpload: String, CaseIterable, CustomTestStringConvertible {
        case empty, text, textWithImageMagic, truncatedPNG, truncatedJPEG, tooSmall, giantHeader, gif, notMultipart
        case noContentType, wrongField, brokenOff, garbage

        var testDescription: String { rawValue }

        var status: Int {
            switch self {
            case .empty, .textWithImageMagic, .truncatedPNG, .truncatedJPEG, .tooSmall, .giantHeader: 422
            case .text, .gif, .notMultipart, .noContentType: 415
            case .wrongField, .brokenOff, .garbage: 400
            }
        }

        func request() throws -> (headers: HTTPFields, body: ByteBuffer) {
            let good = try TestSite.picture()
            let form = TestSite.formHeaders
            switch self {
            case .empty: return (form, TestSite.form([]))
            case .text: return (form, TestSite.form(Array("just words, named .jpg".utf8)))
            case .textWithImageMagic:
                return (form, TestSite.form([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + Array("words".utf8)))
            case .truncatedPNG: return (form, TestSite.form(Array(good.prefix(good.count / 2))))
            case .truncatedJPEG:
                let jpeg = try TestSite.fixture("plain.jpg")
                return (form, TestSite.form(Array(jpeg.prefix(jpeg.count / 2))))
            case .tooSmall: return (form, TestSite.form(try TestSite.picture(side: 8)))
            case .giantHeader:
                var giant = good
                giant.replaceSubrange(16..<24, with: [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60])
                return (form, TestSite.form(giant))
            case .gif: return (form, TestSite.form(try TestSite.fixture("animated.gif")))
            case .notMultipart: return ([.contentType: "image/png"], ByteBuffer(bytes: good))
            case .noContentType: return ([:], ByteBuffer(bytes: good))
            case .wrongField: return (form, TestSite.form(good, field: "picture"))
            case .brokenOff:
                var body = TestSite.form(good)
                return (form, body.readSlice(length: body.readableBytes - 12) ?? body)
            case .garbage: return (form, ByteBuffer(bytes: good))
            }
        }
    }

    @Test(arguments: BadUpload.allCases) func `refuses a bad upload with its status`(upload: BadUpload) async throws {
        let request = try upload.request()
        try await TestSite.run { client in
            let response = try await client.execute(
                uri: Self.path, method: .post, headers: request.headers, body: request.body)
            #expect(response.status.code == upload.status, "\(response.text)")
            #expect(response.headers[.contentType] == "application/problem+json")
            let problem = try response.object()
            #expect(problem["status"] as? Int == upload.status)
            #expect((problem["detail"] as? String)?.isEmpty == false)
            let page = try await client.execute(
                uri: "/screen", method: .post, headers: request.headers, body: request.body)
            #expect(page.status.code == upload.status)
            #expect(page.headers[.contentType] == "text/html; charset=utf-8")
        }
    }

    @Test func `refuses too many bytes while they stream`() async throws {
        try await TestSite.run(setting: .live) { live in
            try await PatientClient.with(port: try #require(live.port)) { client in
                let body = TestSite.form([UInt8](repeating: 0x41, count: 20_000_001))
                let response = try await client.send(Self.path, .post, headers: TestSite.formHeaders, body: body)
                #expect(response.status == .contentTooLarge)
                // The connection still works afterwards.
                #expect(try await client.send("/healthz").status == .ok)
            }
        }
    }

    @Test(.timeLimit(.minutes(15))) func `turns away at once when the queue is full`() async throws {
        let queue = ScreeningQueue(maximumRunning: 1, maximumWaiting: 0)
        let gate = AsyncStream<Void>.makeStream()
        defer { gate.continuation.finish() }
        let occupant = Task { try await queue.run { for await _ in gate.stream {} } }
        try await eventually("the queue full") { queue.isFull }
        let picture = try TestSite.picture()
        try await TestSite.run(queue: queue) { client in
            let response = try await client.execute(
                uri: Self.path, method: .post, headers: TestSite.formHeaders, body: TestSite.form(picture))
            #expect(response.status == .serviceUnavailable)
            #expect(response.headers[.retryAfter] != nil)
            #expect(queue.load.refused == 1)
            #expect(try await client.execute(uri: "/readyz", method: .get).status == .serviceUnavailable)
            gate.continuation.finish()
            try await occupant.value
            #expect(try await client.execute(uri: "/readyz", method: .get).status == .ok)
            let served = try await client.execute(
                uri: Self.path, method: .post, headers: TestSite.formHeaders, body: TestSite.form(picture))
            #expect(served.status == .ok)
        }
    }

    @Test func `limits the images of one address`() async throws {
        let picture = try TestSite.picture()
        try await TestSite.run(
            configure: {
                $0.imagesPerBurst = 2
                $0.imagesPerMinute = 1
            }, change: TestSite.standStill
        ) { client, _ in
            for path in [Self.path, "/screen"] {
                let response = try await client.execute(
                    uri: path, method: .post, headers: TestSite.formHeaders, body: TestSite.form(picture))
                #expect(response.status == .ok)
            }
            for path in [Self.path, "/screen"] {
                let response = try await client.execute(
                    uri: path, method: .post, headers: TestSite.formHeaders, body: TestSite.form(picture))
                #expect(response.status == .tooManyRequests)
                let wait = try #require(response.headers[.retryAfter].flatMap(Int.init))
                #expect(wait == 60)
            }
        }
    }

    @Test(
        arguments: [(true, 200), (false, 429)])
    func `addresses that a proxy names are told apart only where a proxy was announced, and only the one that it saw`(
        isBehindProxy: Bool, status: Int
    ) async throws {
        let picture = try TestSite.picture()
        try await TestSite.run(
            configure: {
                $0.imagesPerBurst = 1
                $0.isBehindProxy = isBehindProxy
            }, change: TestSite.standStill
        ) { client, _ in
            func send(from addresses: String) async throws -> Int {
                var headers = TestSite.formHeaders
                headers[try #require(HTTPField.Name("X-Forwarded-For"))] = addresses
                return try await client.execute(
                    uri: "/screen", method: .post, headers: headers, body: TestSite.form(picture)
                ).status.code
            }
            var answers: [Int] = []
            // What stands before the last address may be made up by the sender.
            for addresses in ["192.0.2.1", "192.0.2.1, 192.0.2.2", "192.0.2.77, 192.0.2.1"] {
                answers.append(try await send(from: addresses))
            }
            #expect(answers == [200, status, 429])
        }
    }

    @Test func `a subscriber's whole IPv6 network counts as one address, and so does IPv4 however it is written`()
        async throws
    {
        let picture = try TestSite.picture()
        try await TestSite.run(
            configure: {
                $0.imagesPerBurst = 1
                $0.isBehindProxy = true
            }, change: TestSite.standStill
        ) { client, _ in
            for (address, status) in [
                ("2001:db8:1:2::1", 200), ("2001:db8:1:2:ffff::9", 429), ("2001:DB8:1:2::1", 429),
                ("2001:db8:1:3::1", 200),
                ("192.0.2.7", 200), ("::ffff:192.0.2.7", 429), ("::ffff:192.0.2.8", 200),
            ] {
                var headers = TestSite.formHeaders
                headers[try #require(HTTPField.Name("X-Forwarded-For"))] = address
                let answer = try await client.execute(
                    uri: "/screen", method: .post, headers: headers, body: TestSite.form(picture))
                #expect(answer.status.code == status, "\(address)")
            }
        }
    }

    @Test func `asks for a token away from loopback`() async throws {
        let picture = try TestSite.picture()
        try await TestSite.run(configure: { $0.publicURL = URL(string: "https://smears.example.org") }) {
            client, services in
            let user = try await TestPeople.make("lab@example.org", in: services)
            var secrets: [APIToken.Scope: SecretToken] = [:]
            for scope in APIToken.Scope.allCases {
                secrets[scope] = try await services.accounts.makeAPIToken(
                    APIToken.Terms(label: "scanner", scopes: [scope]), of: user.id)
            }
            for (scope, status) in [(APIToken.Scope?.none, 401), (.read, 403), (.predict, 200)] {
                var headers = TestSite.formHeaders
                if let scope { headers[.authorization] = "Bearer \(secrets[scope]?.text ?? "")" }
                let response = try await client.execute(
                    uri: Self.path, method: .post, headers: headers, body: TestSite.form(picture))
                #expect(response.status.code == status)
                if status != 200 { #expect(response.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true) }
            }
        }
    }

    @Test func `refuses a wrong token even on loopback`() async throws {
        let picture = try TestSite.picture()
        try await TestSite.run { client in
            var headers = TestSite.formHeaders
            headers[.authorization] = "Bearer \(SecretToken().text)"
            let response = try await client.execute(
                uri: Self.path, method: .post, headers: headers, body: TestSite.form(picture))
            #expect(response.status == .unauthorized)
        }
    }

    @Test func `answers many at once`() async throws {
        let picture = try TestSite.picture()
        try await TestSite.run { client in
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let response = try await client.execute(
                            uri: Self.path, method: .post, headers: TestSite.formHeaders, body: TestSite.form(picture))
                        #expect(response.status == .ok)
                        return try response.object()["label"] as? String ?? ""
                    }
                }
                var labels: Set<String> = []
                for try await label in group { labels.insert(label) }
                #expect(labels.count == 1)
            }
        }
    }
}
