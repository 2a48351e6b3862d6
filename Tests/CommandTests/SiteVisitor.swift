import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Somebody at a browser without scripts before a server that was started: keeps cookies, sends forms with their token,
/// and follows no redirect.
///
/// Cookies are kept by hand: those of the server are for encrypted connections, and Foundation would not send them here.
final class SiteVisitor {
    struct Answer {
        let status: Int
        let location: String?
        let text: String
    }

    private let address: String
    private var cookies: [String: String] = [:]
    private let session = URLSession(configuration: .ephemeral, delegate: NoRedirects(), delegateQueue: nil)

    init(_ address: String) { self.address = address }

    deinit { session.invalidateAndCancel() }

    func get(_ path: String) async throws -> Answer { try await send(path, fields: nil) }

    /// Sends a form with the token of a page that holds one.
    func post(_ path: String, _ fields: [(String, String)], from page: String) async throws -> Answer {
        let token = try #require(
            try await get(page).text.firstMatch(of: /name="csrf" value="([^"]+)"/), "no form at \(page)")
        return try await send(path, fields: fields + [("csrf", String(token.output.1))])
    }

    func logIn(_ email: String, _ password: String) async throws {
        let answer = try await post("/login", [("email", email), ("password", password)], from: "/login")
        try #require(answer.status == 303, "\(email): \(answer.status)")
    }

    private func send(_ path: String, fields: [(String, String)]?) async throws -> Answer {
        var request = URLRequest(url: try #require(URL(string: address + path)))
        request.httpShouldHandleCookies = false
        request.setValue(cookies.map { "\($0)=\($1)" }.joined(separator: "; "), forHTTPHeaderField: "Cookie")
        if let fields {
            request.httpMethod = "POST"
            request.setValue("application/x-www-form-urlencoded", forHTTPHeaderField: "Content-Type")
            let body = fields.map { name, value in
                "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
            }
            request.httpBody = Data(body.joined(separator: "&").utf8)
        }
        let (data, response) = try await session.data(for: request)
        let answer = try #require(response as? HTTPURLResponse)
        keep(answer.value(forHTTPHeaderField: "Set-Cookie") ?? "")
        return Answer(
            status: answer.statusCode, location: answer.value(forHTTPHeaderField: "Location"),
            text: String(decoding: data, as: UTF8.self))
    }

    private func keep(_ fields: String) {
        for match in fields.matches(of: /(__Host-[a-z-]+)=([^;,]*)/) {
            let (name, value) = (String(match.output.1), String(match.output.2))
            cookies[name] = value.isEmpty ? nil : value
        }
    }
}

/// Shows every answer as it comes.
private final class NoRedirects: NSObject, URLSessionTaskDelegate {
    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) { completionHandler(nil) }
}
