import Casework
import Clinic
import HTTPTypes
import Hummingbird
import Logging
import RemoteInference
import Telemetry

/// What the people and programs that keep the server running ask for.
struct OperationsRoutes: Sendable {
    let service: ScreeningService
    let readiness: Readiness
    let models: ModelSwitch
    let inference: RemoteInference?
    let faults: StoredObjectFaults

    var routes: [Route] {
        [
            // Only that the process answers; says nothing of what it stands on.
            Route(.get, "/healthz", .anyone) { _, _ in Self.plain("ok\n") },
            // Whether a load balancer should send people here: open, because it tells them nothing but yes or no.
            Route(.get, "/readyz", .anyone) { _, context in
                guard !service.queue.isFull else {
                    throw WebError(.overloaded, "errors.screenings.queueFull", retryAfterSeconds: 2)
                }
                let problems = await readiness.problems()
                guard problems.isEmpty else { return Self.notReady(problems, context.logger) }
                // Still ready: the model before, and this machine, go on answering. Why is for administrators, on /admin, and in the log.
                var lacks: [String] = []
                if models.status.problem != nil {
                    lacks.append("the activated model cannot be used: another one answers")
                }
                if case .local = inference?.standing { lacks.append("remote inference failed: local used") }
                return Self.plain(lacks.isEmpty ? "ready\n" : "ready, but \(lacks.joined(separator: "; "))\n")
            },
            Route(.get, "/metrics", .operations) { _, _ in
                Self.plain(
                    service.metrics.text(
                        queue: service.queue.load, faults: faults.counts,
                        inference: inference.map { ($0.counts, $0.standing) }),
                    contentType: PrometheusText.contentType)
            },
        ]
    }

    /// Which part does not work is told to everybody, why to the log alone.
    private static func notReady(_ problems: [Readiness.Part: String], _ logger: Logger) -> Response {
        for (part, reason) in problems {
            logger.warning("not ready", metadata: ["part": "\(part.rawValue)", "reason": "\(reason)"])
        }
        let parts = problems.keys.map(\.rawValue).sorted().joined(separator: ", ")
        var response = plain("not ready: \(parts)\n", status: .serviceUnavailable)
        response.headers[.retryAfter] = "2"
        return response
    }

    private static func plain(
        _ text: String, status: HTTPResponse.Status = .ok, contentType: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(
            status: status, headers: [.contentType: contentType, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
