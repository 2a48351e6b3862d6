import Clinic
import Foundation
import Hummingbird
import HummingbirdTesting
import Testing
import Web

/// People with accounts, and the browsers that they sit at.
enum TestPeople {
    static let password = "correct horse battery"

    /// The rules of accounts with hashes that cost next to nothing.
    static func accounts(
        _ database: any ClinicDatabase, policy: SessionPolicy = SessionPolicy(),
        clock: @escaping @Sendable () -> Date = { Date() }
    ) -> Accounts {
        Accounts(
            database: database, key: [UInt8](repeating: 7, count: 32),
            hasher: PasswordHasher(cost: .init(memory: 8, passes: 1, lanes: 1)), policy: policy, clock: clock)
    }

    /// What the people of the tests have read and agreed to.
    static let consent = ConsentText(language: "en", words: "The notice of the tests.")

    /// Makes an account of somebody who has agreed.
    static func make(_ email: String, _ role: Role = .patient, in services: SiteServices) async throws -> User {
        try await services.accounts.create(
            .init(email: email, name: "Somebody Else", password: password, consent: consent), role: role)
    }

    /// Makes an account and logs in.
    static func browser(
        _ email: String, _ role: Role = .patient, client: any TestClientProtocol, in services: SiteServices
    ) async throws -> TestBrowser {
        let user = try await make(email, role, in: services)
        return try await browser(of: user, client: client, in: services)
    }

    /// Logs in without the form: faster, and the same session.
    static func browser(
        of user: User, client: any TestClientProtocol, in services: SiteServices
    ) async throws -> TestBrowser {
        let outcome = try await services.accounts.logIn(email: user.email, password: password, ending: nil)
        guard case .opened(let opened) = outcome else { throw WebError(.unauthorized, fault: "\(outcome)") }
        let browser = TestBrowser(client)
        browser.cookies["__Host-session"] = opened.secret.text
        return browser
    }
}

/// A browser with cookies that sends forms as pages do. For one task at a time.
final class TestBrowser: @unchecked Sendable {
    let client: any TestClientProtocol
    var cookies: [String: String] = [:]
    private var token: String?

    init(_ client: any TestClientProtocol) { self.client = client }

    /// The token against forged requests, read from a page.
    func csrf() async throws -> String {
        if let token { return token }
        let page = try await get(cookies["__Host-session"] == nil ? "/login" : "/account")
        let match = try #require(page.text.firstMatch(of: /name="csrf" value="([^"]+)"/))
        token = String(match.output.1)
        return String(match.output.1)
    }

    func get(_ path: String, headers: HTTPFields = [:]) async throws -> TestResponse {
        try await send(path, .get, headers, nil)
    }

    /// Sends a form with the page's token.
    func post(
        _ path: String, _ fields: [(String, String)] = [], headers: HTTPFields = [:]
    ) async throws -> TestResponse {
        try await send(path, .post, headers, Self.encoded(fields + [("csrf", try await csrf())]))
    }

    /// Sends a form as it is given.
    func postWithoutToken(_ path: String, _ fields: [(String, String)] = []) async throws -> TestResponse {
        try await send(path, .post, [:], Self.encoded(fields))
    }

    func send(
        _ path: String, _ method: HTTPRequest.Method, _ headers: HTTPFields, _ body: ByteBuffer?
    ) async throws -> TestResponse {
        var headers = headers
        if body != nil, headers[.contentType] == nil {
            headers[.contentType] = "application/x-www-form-urlencoded"
        }
        if !cookies.isEmpty { headers[.cookie] = cookies.map { "\($0)=\($1)" }.sorted().joined(separator: "; ") }
        let response = try await client.execute(uri: path, method: method, headers: headers, body: body)
        for field in response.headers[values: .setCookie] { take(field) }
        return response
    }

    private func take(_ field: String) {
        let parts = field.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
        let pair = parts[0].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        token = nil
        cookies[pair[0]] = parts.contains("Max-Age=0") || pair[1].isEmpty ? nil : pair[1]
    }

    private static func encoded(_ fields: [(String, String)]) -> ByteBuffer {
        let allowed = CharacterSet.alphanumerics
        return ByteBuffer(
            string: fields.map { name, value in
                "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: allowed) ?? "")"
            }.joined(separator: "&"))
    }
}
