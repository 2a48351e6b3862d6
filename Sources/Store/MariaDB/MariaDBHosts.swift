import Clinic
import Foundation
import Synchronization

/// How ready a server is for work, the best first.
enum HostReadiness: Int, Sendable, Comparable {
    case ready
    /// It takes work, but slowly or not all of it: a node that gives its state to another one, a server that is read only.
    case reluctant
    /// Nobody has asked yet.
    case unknown
    /// It does not answer, or is a node of a cluster outside the primary component.
    case away

    static func < (one: HostReadiness, other: HostReadiness) -> Bool { one.rawValue < other.rawValue }
}

/// What a pool knows of the hosts of its database, and which of them its threads go to.
///
/// All pools like the hosts in the order of the URL, so that as a rule the whole installation writes at one node: writes at two
/// nodes are as safe, but those of the same rows undo each other, one of them, and are done again.
final class MariaDBHosts: Sendable {
    /// How long a host is ready before those that went to another one come back.
    private static let proven: Duration = .seconds(15)

    private struct State {
        var readiness: [HostReadiness]
        var since: [ContinuousClock.Instant]
        /// Descriptors of the sockets of open connections, by host.
        var sockets: [Set<Int32>]
        var isCluster = false
    }

    let location: MariaDBLocation
    private let state: Mutex<State>

    init(_ location: MariaDBLocation) {
        self.location = location
        let count = location.hosts.count
        state = Mutex(
            State(
                readiness: Array(repeating: .unknown, count: count), since: Array(repeating: .now, count: count),
                sockets: Array(repeating: [], count: count)))
    }

    /// Whether there is a choice.
    var areSeveral: Bool { location.hosts.count > 1 }

    /// Whether a node of a Galera cluster was met, be it behind a proxy.
    var isCluster: Bool { state.withLock { $0.isCluster } }

    func noteCluster() { state.withLock { $0.isCluster = true } }

    /// The hosts' indices, the best one first.
    var order: [Int] {
        let readiness = state.withLock { $0.readiness }
        return readiness.indices.sorted { (readiness[$0], $0) < (readiness[$1], $1) }
    }

    /// Whether those at a host should leave it between two transactions.
    func isBetter(than host: Int) -> Bool {
        state.withLock { state in
            let now = ContinuousClock.now
            return state.readiness.indices.contains { other in
                let (there, here) = (state.readiness[other], state.readiness[host])
                guard there == .ready else { return false }
                return here != .ready || (other < host && state.since[other].duration(to: now) > Self.proven)
            }
        }
    }

    /// Notes what a host was found to be.
    func note(_ readiness: HostReadiness, of host: Int) {
        state.withLock { state in
            guard state.readiness[host] != readiness else { return }
            (state.readiness[host], state.since[host]) = (readiness, .now)
        }
    }

    /// Remembers a connection's socket, to be ended when its host falls silent.
    func add(_ socket: Int32, of host: Int) {
        state.withLock { _ = $0.sockets[host].insert(socket) }
    }

    /// Forgets a socket and closes the descriptor.
    func remove(_ socket: Int32, of host: Int) {
        state.withLock { state in
            if state.sockets[host].remove(socket) != nil { close(socket) }
        }
    }

    /// Ends all connections to a host: whoever waits for an answer there is told that the connection is lost. The descriptors
    /// are copies, which `remove` alone closes, so none of them is another connection's meanwhile.
    func cut(_ host: Int) {
        state.withLock { state in
            for socket in state.sockets[host] { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }
}

/// Asks one host again and again how it is. A server that was stopped, or lies beyond a broken network, answers nothing, and a
/// connection would wait for a minute.
struct HostWatch {
    /// Longer than Galera takes to leave out a node that is silent (`evs.suspect_timeout`, 5 s), and than a busy server pauses.
    private static let patienceSeconds: UInt32 = 6

    let hosts: MariaDBHosts
    let host: Int

    /// One look, on a connection that is kept from look to look.
    func look(_ connection: inout MariaDBConnection?) {
        do {
            let open =
                try connection
                ?? MariaDBConnection(
                    hosts.location, host: hosts.location.hosts[host], replySeconds: Self.patienceSeconds)
            connection = open
            hosts.note(try open.readiness(), of: host)
        } catch let failure as SQLFailure where failure.kind == .connectionLost {
            connection = nil
            hosts.note(.away, of: host)
            hosts.cut(host)
        } catch let failure as SQLFailure where failure.kind == .notServing {
            connection = nil
            hosts.note(.away, of: host)
        } catch {
            // It answers, and has no room or another password.
            connection = nil
        }
    }
}
