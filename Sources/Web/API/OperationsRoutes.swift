import HTTPTypes
import Hummingbird

/// What the people and programs that keep the server running ask for.
struct OperationsRoutes: Sendable {
    let service: ScreeningService

    func add(to router: Router<WebContext>) {
        router.get("/healthz") { _, _ in Self.plain("ok\n") }
        router.get("/readyz") { _, _ in
            guard !service.queue.isFull else {
                throw WebError(.overloaded, "The screening queue is full.", retryAfterSeconds: 2)
            }
            return Self.plain("ready\n")
        }
        router.get("/metrics") { _, _ in
            Self.plain(service.metrics.text(queue: service.queue.load), contentType: PrometheusText.contentType)
        }
    }

    private static func plain(_ text: String, contentType: String = "text/plain; charset=utf-8") -> Response {
        Response(
            status: .ok, headers: [.contentType: contentType, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
