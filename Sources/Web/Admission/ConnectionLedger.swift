import Synchronization

/// What connections may take of the server, whatever they ask for.
public struct ConnectionLimits: Sendable {
    /// Open connections of one network address; of IPv6, of a /64.
    public var connections = 96
    /// Bytes of bodies that are not answered yet, of one address.
    public var unfinishedBytesOfAddress = 160 << 20
    /// The same of everybody together.
    public var unfinishedBytes = 480 << 20
    /// How long a body may be waited for in all before its rate counts.
    public var grace = Duration.seconds(20)
    /// Bytes a second that a body has to come with after that: a tenth of a GPRS telephone's.
    public var leastRate = 256.0

    public init() {}
}

/// Counts what connections take, by address.
final class ConnectionLedger: Sendable {
    private struct Account {
        var connections = 0
        var bytes = 0
    }

    private struct State {
        var accounts: [String: Account] = [:]
        var bytes = 0
    }

    let limits: ConnectionLimits
    /// Whether all connections come from a proxy, whose own address means nothing.
    private let isBehindProxy: Bool
    private let state = Mutex(State())

    init(_ limits: ConnectionLimits, isBehindProxy: Bool) {
        self.limits = limits
        self.isBehindProxy = isBehindProxy
    }

    /// - Returns: Whether the address may have one more connection.
    func open(_ address: String) -> Bool {
        state.withLock { state in
            guard isBehindProxy || state.accounts[address, default: Account()].connections < limits.connections else {
                return false
            }
            state.accounts[address, default: Account()].connections += 1
            return true
        }
    }

    func close(_ address: String) {
        change(address) { $0.connections -= 1 }
    }

    /// - Returns: Whether there is room for these bytes; they count in any case, until `release`.
    func take(_ bytes: Int, of address: String) -> Bool {
        state.withLock { state in
            state.bytes += bytes
            state.accounts[address, default: Account()].bytes += bytes
            return state.bytes <= limits.unfinishedBytes
                && (isBehindProxy
                    || state.accounts[address, default: Account()].bytes <= limits.unfinishedBytesOfAddress)
        }
    }

    func release(_ bytes: Int, of address: String) {
        state.withLock { $0.bytes -= bytes }
        change(address) { $0.bytes -= bytes }
    }

    private func change(_ address: String, _ body: (inout Account) -> Void) {
        state.withLock { state in
            guard var account = state.accounts[address] else { return }
            body(&account)
            state.accounts[address] = account.connections <= 0 && account.bytes <= 0 ? nil : account
        }
    }
}
