import Foundation
import Inference
import LoopbackFixtures
import Offloading
import Packaging
import ProcessFixtures
import RemoteInference
import Synchronization
import Testing

/// What happens where no server answers; the servers that do are in Tests/Cluster.
@Suite struct RemoteInferenceTests {
    private static func engines() throws -> PackageEngines {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/inference/tiny-package")
        let options = InferenceOptions(goal: .latency)
        return try PackageEngines(
            InferenceEngine(package: ModelPackage(directory: folder), options: options), options: options,
            offloading: .process)
    }

    private static let image = (0..<3 * 32 * 32).map { Float($0 % 97) / 97 }

    /// Waits until the server was asked.
    private static func settle(_ remote: RemoteInference) async throws {
        for _ in 0..<1200 where remote.standing == .unproven { try await Task.sleep(for: .milliseconds(50)) }
    }

    @Test(arguments: ["http", "grpc"])
    func `this machine answers where the server is not there, and says why`(scheme: String) async throws {
        let told = Mutex<[RemoteStanding]>([])
        let server = try RemoteServer("\(scheme)://127.0.0.1:\(FreePort.find())")
        let remote = RemoteInference(RemoteOptions(server: server, connections: 1)) { standing in
            told.withLock { $0.append(standing) }
        }
        let local = try Self.engines()
        let engines = try remote.engines(before: local)
        #expect(engines.requests >= 8 && remote.standing == .unproven)
        let expected = try await local.plain.infer(Self.image)
        // Before anything is known of the server.
        #expect(try await engines.plain.infer(Self.image) == expected)
        let answers = try await remote.beside {
            let answers = [try await engines.plain.infer(Self.image), try await engines.staged.infer(Self.image)]
            try await Self.settle(remote)
            return answers
        }
        #expect(answers == [expected, expected])
        guard case .local(let reason) = remote.standing else {
            Issue.record("the standing is \(remote.standing)")
            return
        }
        #expect(reason.contains("\(scheme)://127.0.0.1:") && reason.contains("failed"))
        #expect(remote.counts.localImages == 3 && remote.counts.remoteImages == 0 && remote.counts.proofs == 0)
        #expect(remote.counts.failures[.unreachable, default: 0] >= 3 && remote.counts.failures.count == 1)
        // Told once, not at every try.
        #expect(told.withLock { $0 } == [.local(reason: reason)])
    }

    @Test(.timeLimit(.minutes(10)), arguments: ["http", "grpc"])
    func `a server that accepts and says nothing holds up no stop`(scheme: String) async throws {
        let script = """
            import socket, sys
            s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); print(s.getsockname()[1], flush=True)
            kept = []
            while not kept or not kept[-1].recv(1): kept.append(s.accept()[0])
            print('asked', flush=True); sys.stdin.read()
            """
        let program = try StartedProgram(["python3", "-c", script])
        let server = try RemoteServer("\(scheme)://127.0.0.1:\(await program.line())")
        // A stop that waited for an answer would take an hour.
        let options = RemoteOptions(server: server, connections: 1, proofDeadline: .seconds(3600))
        let remote = RemoteInference(options) { _ in }
        let engines = try remote.engines(before: Self.engines())
        let running = Task { await remote.run() }
        #expect(try await program.line() == "asked")
        running.cancel()
        await running.value
        #expect(engines.requests > 0 && remote.standing == .unproven)
    }

    @Test func `what is told is of the package in use, not of one that was made after it`() async throws {
        let server = try RemoteServer("http://127.0.0.1:\(FreePort.find())")
        let remote = RemoteInference(RemoteOptions(server: server, connections: 1)) { _ in }
        var first: PackageEngines? = try remote.engines(before: Self.engines())
        try await remote.beside {
            _ = try await first?.plain.infer(Self.image)
            try await Self.settle(remote)
        }
        let told = remote.standing
        #expect(told != .unproven)
        // As by an activation that could not be written down: it was compiled, and let go of.
        #expect(try remote.engines(before: Self.engines()).requests > 0)
        #expect(remote.standing == told)
        // As by one that could: the one before answers until its last image is done.
        let second = try remote.engines(before: Self.engines())
        #expect(remote.standing == told)
        first = nil
        // Nobody has asked its server yet.
        #expect(remote.standing == .unproven)
        #expect(second.requests > 0)
    }

    @Test func `an address that is not named is not called`() async throws {
        // Every name under localhost is this machine (RFC 6761, 6.3).
        let server = try RemoteServer("http://inference.localhost:9", allowed: ["10.99.99.99"])
        let remote = RemoteInference(RemoteOptions(server: server, connections: 1)) { _ in }
        let engines = try remote.engines(before: Self.engines())
        try await remote.beside {
            _ = try await engines.plain.infer(Self.image)
            try await Self.settle(remote)
        }
        guard case .local(let reason) = remote.standing else {
            Issue.record("the standing is \(remote.standing)")
            return
        }
        #expect(reason.contains("not named as one that may be called"))
    }

    @Test func `a wrong image is refused by this machine, whatever the server`() async throws {
        let server = try RemoteServer("http://127.0.0.1:9")
        let remote = RemoteInference(RemoteOptions(server: server)) { _ in }
        let engines = try remote.engines(before: Self.engines())
        await #expect(throws: InferenceError.self) { try await engines.plain.infer([1, 2, 3]) }
        let broken = Array(Self.image.dropLast()) + [.nan]
        await #expect(throws: InferenceError.self) { try await engines.plain.infer(broken) }
    }
}
