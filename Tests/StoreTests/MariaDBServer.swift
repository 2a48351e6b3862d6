import Foundation
import LoopbackFixtures
import ProcessFixtures
import Store
import Synchronization

/// A real server of the tests' own: in a temporary directory, on loopback, ended by its process id.
final class MariaDBServer: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let directory: URL
    let port: Int
    private let pid = Mutex<pid_t>(0)

    /// The one that all suites share, until the process ends.
    static let shared = Task { () throws -> MariaDBServer in
        let server = try await MariaDBServer()
        atEnd.withLock { $0.append(server) }
        atexit { MariaDBServer.atEnd.withLock { $0 }.forEach { $0.remove() } }
        try await server.start()
        return server
    }
    private static let atEnd = Mutex<[MariaDBServer]>([])

    /// Makes the directory and its system tables.
    init() async throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "leukoscope-mariadb-\(UUID().uuidString)")
        port = try FreePort.find()
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try await Self.run(
            "/usr/bin/mariadb-install-db",
            [
                "--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", "--user=root",
                "--datadir=\(directory.path)/data", "--tmpdir=\(directory.path)",
            ])
    }

    func url(_ database: String) -> String { "mysql://root@127.0.0.1:\(port)/\(database)" }

    /// Starts the server and waits until it answers.
    ///
    /// - Parameter options: More of mariadbd.
    func start(_ options: [String] = []) async throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/sbin/mariadbd")
        process.arguments =
            [
                "--no-defaults", "--user=root", "--datadir=\(directory.path)/data", "--bind-address=127.0.0.1",
                // A server that starts removes what lies in the common folder, also of others that run.
                "--tmpdir=\(directory.path)",
                "--port=\(port)", "--socket=\(directory.path)/socket", "--pid-file=\(directory.path)/pid",
                "--log-error=\(directory.path)/log", "--innodb-buffer-pool-size=64M", "--innodb-log-file-size=32M",
                "--max-connections=1000", "--table-open-cache=4000", "--max-prepared-stmt-count=200000",
                // Each test makes a database with all tables: in one file, and not waiting for the disk. What was committed is
                // with the system, so that it outlives the server's death; only a loss of power is not thought of.
                "--innodb-flush-log-at-trx-commit=2", "--innodb-flush-method=nosync", "--innodb-doublewrite=OFF",
                "--innodb-file-per-table=OFF",
            ] + options
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        pid.withLock { $0 = process.processIdentifier }
        for _ in 0..<3000 {
            let database = try MariaDBDatabase(url: url("mysql"), auditKey: [1], poolSize: 1)
            let answers = try? await database.reading { try $0.rows("SELECT 1", []).count }
            try await database.close()
            if answers == 1 { return }
            guard process.isRunning else { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        let log = (try? String(contentsOf: directory.appending(path: "log"), encoding: .utf8)) ?? ""
        throw Failure(description: "mariadbd did not start: \(log.suffix(2000))")
    }

    /// Ends it as a crash does: nothing is written any more.
    func kill() {
        pid.withLock { pid in
            guard pid > 0 else { return }
            Foundation.kill(pid, SIGKILL)
            pid = 0
        }
    }

    func remove() {
        kill()
        try? FileManager.default.removeItem(at: directory)
    }

    private static func run(_ path: String, _ arguments: [String]) async throws {
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Failure(description: "\(path) is not there; Scripts/bootstrap.sh test installs it")
        }
        let outcome = try await StartedProgram.run([path] + arguments, withErrors: true)
        guard outcome.code == 0 else {
            throw Failure(description: "\(path) failed: \(String(decoding: outcome.output, as: UTF8.self))")
        }
    }
}
