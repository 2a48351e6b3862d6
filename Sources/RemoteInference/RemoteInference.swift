import Inference
import Offloading
import Packaging
import Synchronization

/// Has a server of the Open Inference Protocol run the networks of packages, with this machine behind it.
///
/// Before a server is used over a connection, its network has to answer 32 probes as the package's does here (`Agreement`); and again
/// when the connection was opened anew or the model has another version. Until then, after failures, past the deadline and where
/// too many wait, this machine answers. Cells are read here, and so are the drawn examples.
public final class RemoteInference: EngineFront {
    /// What a package is asked through; with the last reference its connections are given up.
    private final class Face: Sendable {
        let remote: RemoteEngine
        private let kept: Kept

        init(_ remote: RemoteEngine, in kept: Kept) {
            (self.remote, self.kept) = (remote, kept)
            kept.add(remote)
        }

        deinit {
            kept.remove(remote)
            remote.end()
        }
    }

    /// What packages are asked through that somebody holds, in the order in which they were made.
    private final class Kept: Sendable {
        private let engines = Mutex<[RemoteEngine]>([])

        var first: RemoteEngine? { engines.withLock { $0.first } }

        func add(_ engine: RemoteEngine) { engines.withLock { $0.append(engine) } }

        func remove(_ engine: RemoteEngine) {
            engines.withLock { engines in engines.removeAll { $0 === engine } }
        }
    }

    private struct Engine: NetworkEngine {
        let face: Face
        let withStages: Bool
        let local: any NetworkEngine

        func infer(_ tensor: [Float]) async throws -> NetworkOutput {
            // What cannot be asked is refused here, in words.
            if tensor.allSatisfy(\.isFinite), let output = try await face.remote.answer(tensor, withStages: withStages)
            {
                return output
            }
            return try await local.infer(tensor)
        }
    }

    private let options: RemoteOptions
    private let report: @Sendable (RemoteStanding) -> Void
    private let threads: BlockingThreads
    private let kept = Kept()
    private let tally = RemoteTally()
    private let engines: AsyncStream<RemoteEngine>
    private let newcomers: AsyncStream<RemoteEngine>.Continuation

    /// - Parameters:
    ///   - options: Where the server is, and how it is used.
    ///   - report: Told when the server takes over, and when this machine does.
    public init(_ options: RemoteOptions, report: @escaping @Sendable (RemoteStanding) -> Void) {
        (self.options, self.report) = (options, report)
        // Two packages at once, while one takes the other's place.
        threads = BlockingThreads(name: "leukoscope.inference", count: 2 * options.connections)
        (engines, newcomers) = AsyncStream.makeStream()
    }

    /// What was asked since the start.
    public var counts: RemoteCounts { tally.counts }

    /// Whether the server runs the network of the package in use.
    ///
    /// That is the one that somebody has held for longest: another takes its place once it is let go of, and one that was made and
    /// never used, as where an activation fails, tells nothing.
    public var standing: RemoteStanding { kept.first?.standing ?? .unproven }

    /// - Throws: `RemoteInferenceError`; `InferenceError`.
    public func engines(before local: PackageEngines) throws -> PackageEngines {
        let reference =
            local.precision == .f32
            ? local.staged : try StageEngine(package: local.package, options: InferenceOptions(precision: .f32))
        let connections = try (0..<options.connections).map { _ in
            ProvenConnection(
                options: options, package: local.package, reference: reference,
                http: try HTTPConnection(options.server, threads: threads))
        }
        let remote = RemoteEngine(options: options, connections: connections, tally: tally, report: report)
        let face = Face(remote, in: kept)
        newcomers.yield(remote)
        return PackageEngines(
            package: local.package, precision: local.precision,
            plain: Engine(face: face, withStages: false, local: local.plain),
            staged: Engine(face: face, withStages: true, local: local.staged),
            requests: max(local.requests, options.connections * options.batch))
    }

    /// Proves, keeps open and tries again, until the task is cancelled. Once; without it this machine answers everything.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for await engine in engines { group.addTask { await engine.run() } }
        }
    }

    /// Runs an operation with a server at its side: once the package's network was proven, or its server failed.
    ///
    /// - Throws: What the operation throws.
    public func beside<Value: Sendable>(_ operation: () async throws -> Value) async throws -> Value {
        let running = Task { await self.run() }
        let outcome: Result<Value, any Error>
        do {
            let latest = ContinuousClock.now + options.proofDeadline
            while standing == .unproven, latest > .now { try await Task.sleep(for: .milliseconds(10)) }
            outcome = .success(try await operation())
        } catch {
            outcome = .failure(error)
        }
        running.cancel()
        await running.value
        return try outcome.get()
    }
}
