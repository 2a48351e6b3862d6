import Casework
import CoreMetrics
import Findings
import Foundation
import Offloading
import RemoteInference
import Synchronization
import Telemetry

/// Counts what the server does, through swift-metrics, for `/metrics`.
final class WebMetrics: Sendable {
    private enum Name {
        static let requests = "leukoscope_http_requests_total"
        static let screenings = "leukoscope_screenings_total"
        static let inference = "leukoscope_inference_seconds"
        static let screening = "leukoscope_screening_seconds"
        static let running = "leukoscope_queue_running"
        static let waiting = "leukoscope_queue_waiting"
        static let refused = "leukoscope_queue_refused_total"
        static let files = "leukoscope_stored_files_refused_total"
        static let remote = "leukoscope_remote_inference_in_use"
        static let remoteImages = "leukoscope_remote_inference_images_total"
        static let remoteRequests = "leukoscope_remote_inference_requests_total"
        static let remoteFailures = "leukoscope_remote_inference_failures_total"
        static let remoteProofs = "leukoscope_remote_inference_proofs_total"
    }

    fileprivate static let described: [String: MetricsRegistry.Description] = [
        Name.requests: .init(.counter, "Requests answered, by route and status."),
        Name.screenings: .init(.counter, "Images answered, by decision."),
        Name.inference: .init(
            .histogram, "Time in the network for one image.",
            bounds: [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]),
        Name.screening: .init(
            .histogram, "Time from upload to answer for one image, waiting included.",
            bounds: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]),
        Name.running: .init(.gauge, "Screenings at work."),
        Name.waiting: .init(.gauge, "Screenings waiting for their turn."),
        Name.refused: .init(.counter, "Screenings turned away because the queue was full."),
        Name.files: .init(.counter, "Stored files asked for that are not what was written."),
        Name.remote: .init(.gauge, "Whether the inference server answers, 1, or this machine in its place, 0."),
        Name.remoteImages: .init(.counter, "Images that were for the inference server, by who answered them."),
        Name.remoteRequests: .init(.counter, "Requests that the inference server answered."),
        Name.remoteFailures: .init(
            .counter, "Requests to the inference server and proofs of its network that failed, by kind."),
        Name.remoteProofs: .init(.counter, "Proofs that the inference server's network is the package's."),
    ]

    private let registry: MetricsRegistry
    private let inference: Recorder
    private let screening: Recorder
    /// What was told of counts that others keep.
    private let told = Mutex<[String: Int]>([:])

    init(_ registry: MetricsRegistry) {
        self.registry = registry
        inference = Recorder(label: Name.inference, dimensions: [], aggregate: true, factory: registry)
        screening = Recorder(label: Name.screening, dimensions: [], aggregate: true, factory: registry)
    }

    /// Counts an answered request by its route pattern, never by the address that was asked for.
    func countRequest(method: String, route: String, status: Int) {
        Counter(
            label: Name.requests, dimensions: [("method", method), ("route", route), ("status", String(status))],
            factory: registry
        ).increment()
    }

    /// Counts a finished screening.
    ///
    /// - Parameters:
    ///   - decision: Of its answer.
    ///   - inference: Time in the network.
    ///   - total: Time from the whole upload to the answer, waiting included.
    func countScreening(decision: Decision, inference: Duration, total: Duration) {
        Counter(label: Name.screenings, dimensions: [("decision", decision.rawValue)], factory: registry).increment()
        self.inference.record(inference / .seconds(1))
        screening.record(total / .seconds(1))
    }

    /// The Prometheus text of all that this program and its libraries count.
    func text(
        queue: Gate.Load, faults: [StoredObjectFaults.Kind: Int],
        inference: (counts: RemoteCounts, standing: RemoteStanding)?
    ) -> String {
        Gauge(label: Name.running, factory: registry).record(queue.running)
        Gauge(label: Name.waiting, factory: registry).record(queue.waiting)
        tell(Name.refused, [], queue.refused)
        for (kind, count) in faults { tell(Name.files, [("fault", kind.rawValue)], count) }
        if let inference { tell(inference.counts, inference.standing) }
        return registry.text
    }

    private func tell(_ counts: RemoteCounts, _ standing: RemoteStanding) {
        Gauge(label: Name.remote, factory: registry).record(standing == .remote ? 1 : 0)
        tell(Name.remoteImages, [("by", "remote")], counts.remoteImages)
        tell(Name.remoteImages, [("by", "local")], counts.localImages)
        tell(Name.remoteRequests, [], counts.requests)
        for (kind, count) in counts.failures { tell(Name.remoteFailures, [("kind", kind.rawValue)], count) }
        tell(Name.remoteProofs, [], counts.proofs)
    }

    /// Takes over a count that others keep.
    private func tell(_ name: String, _ dimensions: [(String, String)], _ count: Int) {
        let counter = Counter(label: name, dimensions: dimensions, factory: registry)
        told.withLock { told in
            let key = name + (dimensions.first?.1 ?? "")
            counter.increment(by: max(0, count - told[key, default: 0]))
            told[key] = max(count, told[key, default: 0])
        }
    }
}

extension MetricsRegistry {
    /// One that knows what a site counts.
    public static func ofSite() -> MetricsRegistry { MetricsRegistry(describing: WebMetrics.described) }
}
