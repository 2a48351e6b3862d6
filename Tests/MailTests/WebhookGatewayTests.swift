import Foundation
import Mail
import ProcessFixtures
import Testing

/// Posts to a real server of HTTP on loopback.
@Suite(.serialized) struct WebhookGatewayTests {
    private static let secret = "0123456789abcdef0123456789abcdef"

    /// What the server was sent.
    private struct Post: Decodable {
        let path: String
        let key: String
        let type: String
        let seconds: String
        let signed: Bool
        let body: String
    }

    /// The server, for as long as a test needs it.
    private struct Server {
        let port: Int
        private let program: StartedProgram

        init(secret: String = WebhookGatewayTests.secret) async throws {
            let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "Fixtures/mail/gateway.py")
            program = try StartedProgram(["python3", script.path, secret])
            port = try #require(Int(try await program.line()))
        }

        func post() async throws -> Post {
            try JSONDecoder().decode(Post.self, from: Data(try await program.line().utf8))
        }
    }

    private static func gateway(
        _ server: Server, _ path: String, allowed: [String] = ["127.0.0.1"], timeoutSeconds: Int = 120
    ) throws -> WebhookGateway {
        try WebhookGateway(
            url: "http://127.0.0.1:\(server.port)\(path)", secret: secret, allowed: allowed,
            timeoutSeconds: timeoutSeconds, clock: { Date(timeIntervalSince1970: 1_795_507_200.75) })
    }

    @Test func `posts what it is given, with a signature that the gateway can check`() async throws {
        let server = try await Server()
        let body = #"{"text":"நாளை 10:30, कल 🩸"}"#
        try await Self.gateway(server, "/taken").post(Array(body.utf8), identifier: "abc_-1")
        let post = try await server.post()
        #expect((post.path, post.key, post.type, post.body) == ("/taken", "abc_-1", "application/json", body))
        #expect(post.signed && post.seconds == "1795507200")
        let other = try await Server(secret: "another secret")
        try await Self.gateway(other, "/taken").post(Array(body.utf8), identifier: "a")
        #expect(try await !other.post().signed)
    }

    @Test(arguments: [("/busy", "503"), ("/elsewhere", "302"), ("/long", "libcurl")])
    func `counts as not taken what is refused, sent elsewhere or answered without end`(
        path: String, reason: String
    ) async throws {
        let server = try await Server()
        await #expect {
            try await Self.gateway(server, path).post([0x7B, 0x7D], identifier: "a")
        } throws: {
            guard let error = $0 as? MailError else { return false }
            return error.code == .notSent && error.message.contains(reason)
        }
        #expect(try await server.post().path == path)
    }

    @Test func `waits no longer than it is told`() async throws {
        let server = try await Server()
        await #expect {
            try await Self.gateway(server, "/slow", timeoutSeconds: 1).post([0x7B, 0x7D], identifier: "a")
        } throws: { ($0 as? MailError)?.code == .notSent }
    }

    @Test(arguments: [
        "127.0.0.1", "localhost", "10.0.0.1", "192.168.1.1", "169.254.169.254", "[::1]", "[fd00::1]", "0.0.0.0",
        "192.88.99.1", "[2001::1]", "[2001:2::1]", "[2002:7f00:1::]", "[3fff::1]", "[64:ff9b::7f00:1]",
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0::0001]",
    ])
    func `calls no address of a private network that is not named`(host: String) async throws {
        let gateway = try WebhookGateway(
            url: "https://\(host)/messages", secret: Self.secret, allowed: ["127.0.0.2"], timeoutSeconds: 120)
        await #expect { try await gateway.post([0x7B, 0x7D], identifier: "a") } throws: {
            guard let error = $0 as? MailError else { return false }
            return error.code == .notSent && error.message.contains("private network")
        }
    }

    @Test(arguments: ["::ffff:127.0.0.1", "[::ffff:7f00:1]", "0::ffff:127.0.0.1"])
    func `calls an address that is named in other words`(name: String) async throws {
        let server = try await Server()
        try await Self.gateway(server, "/taken", allowed: ["10.0.0.9", name]).post([0x7B, 0x7D], identifier: "a")
        #expect(try await server.post().path == "/taken")
    }

    @Test(arguments: [
        ("::1", "[::1]", true), ("[0:0::0001]", "::1", true), ("::1%lo", "::1", true),
        ("127.0.0.1", "::ffff:127.0.0.1", true),
        ("::ffff:7f00:1", "127.0.0.1", true), ("FE80::1%25lo", "fe80::1%lo", true), ("fe80::1%lo", "fe80::1", true),
        ("fe80::1%lo", "fe80::1%99999", false), ("127.0.0.2", "127.0.0.1", false), ("::127.0.0.1", "127.0.0.1", false),
        ("localhost", "127.0.0.1", false), ("127.1", "127.0.0.1", false), ("127.0.0.1", "", false),
    ])
    func `an address is what it is, however it is written`(host: String, named: String, isNamed: Bool) {
        #expect(WebhookGateway.isAddress(host, among: ["10.0.0.9", named]) == isNamed)
    }

    @Test(arguments: ["", "localhost", "127.0.0.1/8", "10.0.0.7 10.0.0.8", "[::1", "fe80::1%"])
    func `what is no numeric address cannot be named`(name: String) {
        #expect(!WebhookGateway.isAddress(name))
        #expect {
            _ = try WebhookGateway(url: "https://gateway.example.org/", secret: Self.secret, allowed: [name])
        } throws: { ($0 as? MailError)?.code == .configuration }
    }

    @Test(arguments: [
        ("http://gateway.example.org/", secret), ("ftp://gateway.example.org/", secret), ("https://", secret),
        ("https://a:b@gateway.example.org/", secret), ("https://gateway.example.org/#a", secret),
        ("https://gateway.example.org/ x", secret), ("https://gateway.example.org/", "too short"),
    ]) func `refuses settings that are none`(url: String, secret: String) {
        #expect { _ = try WebhookGateway(url: url, secret: secret) } throws: {
            ($0 as? MailError)?.code == .configuration
        }
    }

    @Test func `refuses a message that is too long and an identifier that could smuggle in a field`() async throws {
        let server = try await Server()
        let gateway = try Self.gateway(server, "/taken")
        for (body, identifier) in [([UInt8](repeating: 0x20, count: 16_385), "a"), ([0x7B], "a\r\nX-Other: b")] {
            await #expect { try await gateway.post(body, identifier: identifier) } throws: {
                ($0 as? MailError)?.code == .invalidMessage
            }
        }
    }
}
