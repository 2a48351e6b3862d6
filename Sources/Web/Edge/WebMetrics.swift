import Casework
import Findings
import Foundation
import Offloading
import Synchronization

/// Counts what the server does, for `/metrics`.
final class WebMetrics: Sendable {
    private struct Route: Hashable {
        let method: String
        let path: String
        let status: Int
    }

    private struct State {
        var requests: [Route: Int] = [:]
        var decisions: [Decision: Int] = [:]
        var inference = Histogram(bounds: [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5])
        var screening = Histogram(bounds: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10])
    }

    private let state = Mutex(State())

    /// Counts an answered request by its route pattern, never by the address that was asked for.
    func countRequest(method: String, route: String, status: Int) {
        state.withLock { $0.requests[Route(method: method, path: route, status: status), default: 0] += 1 }
    }

    /// Counts a finished screening.
    ///
    /// - Parameters:
    ///   - decision: Of its answer.
    ///   - inference: Time in the network.
    ///   - total: Time from the whole upload to the answer, waiting included.
    func countScreening(decision: Decision, inference: Duration, total: Duration) {
        state.withLock {
            $0.decisions[decision, default: 0] += 1
            $0.inference.observe(inference / .seconds(1))
            $0.screening.observe(total / .seconds(1))
        }
    }

    /// The Prometheus text of all metrics.
    func text(queue: Gate.Load, faults: [StoredObjectFaults.Kind: Int]) -> String {
        let state = state.withLock { $0 }
        var text = PrometheusText()
        text.add(
            "leukoscope_http_requests_total", help: "Requests answered, by route and status.", kind: .counter,
            samples: state.requests.map { route, count in
                .init(
                    [("method", route.method), ("route", route.path), ("status", String(route.status))],
                    value: Double(count))
            })
        text.add(
            "leukoscope_screenings_total", help: "Images answered, by decision.", kind: .counter,
            samples: state.decisions.map { .init([("decision", $0.rawValue)], value: Double($1)) })
        text.add(
            "leukoscope_inference_seconds", help: "Time in the network for one image.", histogram: state.inference)
        text.add(
            "leukoscope_screening_seconds", help: "Time from upload to answer for one image, waiting included.",
            histogram: state.screening)
        text.add(
            "leukoscope_queue_running", help: "Screenings at work.", kind: .gauge,
            samples: [.init(value: Double(queue.running))])
        text.add(
            "leukoscope_queue_waiting", help: "Screenings waiting for their turn.", kind: .gauge,
            samples: [.init(value: Double(queue.waiting))])
        text.add(
            "leukoscope_queue_refused_total", help: "Screenings turned away because the queue was full.",
            kind: .counter, samples: [.init(value: Double(queue.refused))])
        text.add(
            "leukoscope_stored_files_refused_total", help: "Stored files asked for that are not what was written.",
            kind: .counter,
            samples: faults.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                .init([("fault", $0.rawValue)], value: Double($1))
            })
        return text.text
    }
}
