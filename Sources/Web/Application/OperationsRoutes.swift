import Casework
import Clinic
import HTTPTypes
import Hummingbird

/// What the people and programs that keep the server running ask for.
struct OperationsRoutes: Sendable {
    let service: ScreeningService
    let monitoring: Monitoring
    let models: ModelSwitch

    var routes: [Route] {
        [
            // Only that the process answers; says nothing of what it stands on.
            Route(.get, "/healthz", .anyone) { _, _ in Self.plain("ok\n") },
            // Whether a load balancer should send people here: open, because it tells them nothing but yes or no.
            Route(.get, "/readyz", .anyone) { _, _ in
                guard !service.queue.isFull else {
                    throw WebError(.overloaded, "errors.screenings.queueFull", retryAfterSeconds: 2)
                }
                _ = try await monitoring.pendingScreenings()
                // Still ready: the model before goes on answering. Why is for administrators, on /admin.
                return Self.plain(
                    models.status.problem == nil
                        ? "ready\n" : "ready, but the activated model cannot be used: another one answers\n")
            },
            Route(.get, "/metrics", .operations) { _, _ in
                Self.plain(service.metrics.text(queue: service.queue.load), contentType: PrometheusText.contentType)
            },
        ]
    }

    private static func plain(_ text: String, contentType: String = "text/plain; charset=utf-8") -> Response {
        Response(
            status: .ok, headers: [.contentType: contentType, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
