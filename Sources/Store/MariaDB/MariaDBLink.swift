import Clinic

/// A connection to one of the hosts, which the watch can end from outside when that host falls silent.
final class MariaDBLink {
    let connection: MariaDBConnection
    /// Of its host.
    let index: Int
    private let hosts: MariaDBHosts
    private let socket: Int32?

    private init(_ connection: MariaDBConnection, index: Int, _ hosts: MariaDBHosts) {
        (self.connection, self.index, self.hosts) = (connection, index, hosts)
        socket = hosts.areSeveral ? connection.duplicatedSocket() : nil
        if let socket { hosts.add(socket, of: index) }
    }

    deinit {
        if let socket { hosts.remove(socket, of: index) }
    }

    /// Connects to the best host that takes work, asking one after the other.
    ///
    /// - Throws: As `MariaDBConnection.init`; `SQLFailure.notServing` where somebody answers and takes no work.
    static func open(_ hosts: MariaDBHosts) throws -> MariaDBLink {
        var (lost, refused): (SQLFailure?, (any Error)?)
        var second: MariaDBLink?
        for index in hosts.order {
            do {
                let host = hosts.location.hosts[index]
                let connection = try MariaDBConnection(hosts.location, host: host)
                if connection.hasPeers { hosts.noteCluster() }
                let readiness = hosts.areSeveral || connection.hasPeers ? try connection.readiness() : .ready
                hosts.note(readiness, of: index)
                switch readiness {
                case .ready: return MariaDBLink(connection, index: index, hosts)
                // Better than none.
                case .reluctant: second = second ?? MariaDBLink(connection, index: index, hosts)
                case .unknown, .away:
                    lost = SQLFailure(.notServing, "\(host.text) is outside the primary component of its cluster")
                }
            } catch let failure as SQLFailure {
                hosts.note(.away, of: index)
                lost = lost ?? failure
            } catch {
                // It has no room, or another password: those at another host do not try it before each transaction.
                hosts.note(.reluctant, of: index)
                refused = refused ?? error
            }
        }
        if let second { return second }
        throw refused ?? lost ?? SQLFailure(.other, "no host is named")
    }
}
