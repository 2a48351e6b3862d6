import CMariaDB
import Clinic
import Dispatch
import Foundation
import Synchronization

/// Threads of a pool's own, each with a connection that never leaves it, and the work that waits for them.
final class WorkQueue: Sendable {
    typealias Work = @Sendable (MariaDBWorker) -> Void

    /// Work that may wait; more is refused at once.
    private static let waitingLimit = 2000
    private static let stackBytes = 2 << 20
    /// Between two looks at a host.
    private static let watchSeconds = 1.0

    private struct State {
        var waiting: [Work] = []
        var first = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let signal = DispatchSemaphore(value: 0)
    private let threads = DispatchGroup()
    private let count: Int

    /// Starts the threads; each connects when its first work comes. Of several hosts each is watched by one more.
    init(location: MariaDBLocation, threads count: Int) {
        self.count = count
        let hosts = MariaDBHosts(location)
        let hasConnected = SharedFlag()
        for _ in 0..<count {
            // Made and let go inside the loop's own scope, so that the connection is closed before the thread ends.
            start { [self] in work(MariaDBWorker(hosts: hosts, hasConnected: hasConnected)) }
        }
        guard hosts.areSeveral else { return }
        for host in location.hosts.indices {
            start { [self] in watch(HostWatch(hosts: hosts, host: host), after: hasConnected) }
        }
    }

    private func start(_ body: @escaping @Sendable () -> Void) {
        threads.enter()
        let thread = Thread { [threads] in
            mysql_thread_init()
            body()
            mysql_thread_end()
            threads.leave()
        }
        thread.name = "leukoscope.mariadb"
        thread.stackSize = Self.stackBytes
        thread.start()
    }

    private func watch(_ watch: HostWatch, after hasConnected: SharedFlag) {
        var connection: MariaDBConnection?
        while !state.withLock({ $0.isClosed }) {
            // As the others, it connects when there is work: before, nobody has said that the database is there.
            if hasConnected.isSet { watch.look(&connection) }
            Thread.sleep(forTimeInterval: Self.watchSeconds)
        }
    }

    /// - Throws: `ClinicError.busy`, `.databaseUnavailable`.
    func add(_ work: @escaping Work) throws {
        try state.withLock { state in
            guard !state.isClosed else { throw ClinicError(.databaseUnavailable, fault: "The database is closed.") }
            guard state.waiting.count - state.first < Self.waitingLimit else {
                throw ClinicError(.busy, "errors.stored.busy")
            }
            state.waiting.append(work)
        }
        signal.signal()
    }

    /// Ends the threads after the work that waits.
    func close() {
        let isFirst = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        if isFirst { for _ in 0..<count { signal.signal() } }
    }

    /// Calls back when all threads have ended.
    func whenClosed(_ body: @escaping @Sendable () -> Void) {
        threads.notify(queue: .global(), execute: body)
    }

    private func work(_ worker: MariaDBWorker) {
        while true {
            signal.wait()
            guard let next = state.withLock({ Self.takeFirst(&$0) }) else { return }
            next(worker)
        }
    }

    private static func takeFirst(_ state: inout State) -> Work? {
        guard state.first < state.waiting.count else { return nil }
        let work = state.waiting[state.first]
        state.first += 1
        if state.first == state.waiting.count || state.first > 512 {
            state.waiting.removeFirst(state.first)
            state.first = 0
        }
        return work
    }
}

/// Whether any thread has reached the server yet.
final class SharedFlag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}
