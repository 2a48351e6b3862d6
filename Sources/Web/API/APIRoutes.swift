import Foundation
import HTTPTypes
import Hummingbird
import Screening

/// The interface for programs; `Resources/API/openapi.json` describes it.
struct APIRoutes: Sendable {
    let service: ScreeningService
    let limiter: RateLimiter
    /// The OpenAPI description, as it is served.
    let description: Data

    var routes: [Route] {
        [
            Route(.get, "/api/openapi.json", .anyone) { _, _ in
                Self.json(description, cacheControl: "public, max-age=300")
            },
            Route(.post, "/api/v1/predict", .tokenUnlessLocal(.predict), limiter: limiter) { request, _ in
                let result = try await service.screen(request)
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                return Self.json(try encoder.encode(result), cacheControl: "no-store")
            },
        ]
    }

    private static func json(_ body: Data, cacheControl: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: cacheControl],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
