import HTTPTypes
import HummingbirdTesting
import NIOCore

/// A client over a real connection that waits longer than that of the framework, which a busy machine outlasts.
struct PatientClient {
    private let client: TestClient

    /// - Parameter port: Of a server that listens.
    static func with(port: Int, _ body: @escaping @Sendable (PatientClient) async throws -> Void) async throws {
        try await TestClient.withClient(
            host: "localhost", port: port, configuration: .init(timeout: .seconds(300))
        ) { try await body(PatientClient(client: $0)) }
    }

    func send(
        _ path: String, _ method: HTTPRequest.Method = .get, headers: HTTPFields = [:], body: ByteBuffer? = nil
    ) async throws -> TestClient.Response {
        var headers = headers
        headers[.connection] = "keep-alive"
        return try await client.execute(
            .init(path, method: method, authority: "localhost", headers: headers, body: body))
    }
}
