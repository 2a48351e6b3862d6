import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Offloading
import Synchronization

/// Compresses pages that a person asked for from this site or by its address.
///
/// How long a compressed page is tells a little of what is in it, and whoever may put text of their own into somebody's page and
/// ask for it often enough learns the rest (BREACH, Gluck, Harris and Prado 2013). Only another site could make a browser ask so
/// with its owner's session, and that a browser tells (`Sec-Fetch-Site`, W3C Fetch Metadata): such a page, and that of a browser
/// which tells nothing, is sent as it is.
struct PageCompressionMiddleware: RouterMiddleware {
    /// Shorter pages gain nothing.
    private static let leastBytes = 1000

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        let response = try await next(request, context)
        guard request.method == .get, request.isFromHere, Gzip.isAccepted(by: request),
            response.headers[.contentType]?.hasPrefix("text/html") == true,
            response.headers[.contentEncoding] == nil, let length = response.body.contentLength,
            length >= Self.leastBytes
        else { return response }
        let page = try await response.body.collected()
        guard let compressed = try await Offloading.process.compute({ try Gzip.compress(page) }) else {
            return Response(
                status: response.status, headers: response.headers,
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: page)))
        }
        var headers = response.headers
        headers[.contentEncoding] = "gzip"
        headers[.vary] = "Accept-Encoding, Sec-Fetch-Site"
        headers[.contentLength] = nil
        return Response(
            status: response.status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: compressed)))
    }

}

extension ResponseBody {
    /// All that it writes.
    func collected() async throws -> Data {
        let parts = Parts()
        try await write(PartWriter(parts: parts))
        return parts.taken
    }

    /// What a body has written.
    private final class Parts: Sendable {
        private let data = Mutex(Data())

        var taken: Data { data.withLock { $0 } }

        func add(_ buffer: ByteBuffer) { data.withLock { $0.append(contentsOf: buffer.readableBytesView) } }
    }

    private struct PartWriter: ResponseBodyWriter {
        let parts: Parts

        mutating func write(_ buffer: ByteBuffer) async throws { parts.add(buffer) }

        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}

extension Request {
    /// Whether a browser says that no other site made it ask.
    fileprivate var isFromHere: Bool {
        let site = HTTPField.Name("Sec-Fetch-Site").flatMap { headers[$0] }
        return site == "same-origin" || site == "none"
    }
}
