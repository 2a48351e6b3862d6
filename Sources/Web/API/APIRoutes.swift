import Foundation
import HTTPTypes
import Hummingbird
import Screening

/// The interface for programs; `Resources/API/openapi.json` describes it.
struct APIRoutes: Sendable {
    let service: ScreeningService
    let limiter: RateLimiter
    let tokens: APITokens?
    /// The OpenAPI description, as it is served.
    let description: Data

    func add(to router: Router<WebContext>) {
        router.get("/api/openapi.json") { _, _ in
            Self.json(description, cacheControl: "public, max-age=300")
        }
        let screening = router.group("/api/v1")
            .add(middleware: RateLimitMiddleware(limiter: limiter))
            .add(middleware: TokenMiddleware(tokens: tokens))
        screening.post("/predict") { request, _ in
            let result = try await service.screen(request)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return Self.json(try encoder.encode(result), cacheControl: "no-store")
        }
    }

    private static func json(_ body: Data, cacheControl: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: cacheControl],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
