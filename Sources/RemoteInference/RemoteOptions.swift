/// How a server of the Open Inference Protocol is used.
public struct RemoteOptions: Sendable {
    /// Where it is.
    public var server: RemoteServer
    /// What it calls the network; nil for the name of the package.
    public var model: String?
    /// Connections, each of which carries one request at a time; at least 1.
    public var connections: Int
    /// Images of a request at most; at least 1. A server whose network takes one alone gets one.
    public var batch: Int
    /// How long an image may take, waiting included, until this machine answers it.
    public var deadline: Duration
    /// How long one request may take while the network is proven, which may be the server's first.
    public var proofDeadline: Duration
    /// After so many failures one after the other the server is left alone for a while.
    public var failures: Int
    /// How long it is left alone at first; twice as long each time, up to a minute.
    public var pause: Duration
    /// How long a connection may lie idle until it is tried with a probe, which keeps it open.
    public var idle: Duration
    /// After how long a connection asks a probe between images, for a network that is changed where it stands.
    public var assurance: Duration

    /// The memberwise initialiser.
    public init(
        server: RemoteServer, model: String? = nil, connections: Int = 2, batch: Int = 8,
        deadline: Duration = .seconds(5), proofDeadline: Duration = .seconds(30), failures: Int = 3,
        pause: Duration = .seconds(5), idle: Duration = .seconds(2), assurance: Duration = .seconds(10)
    ) {
        (self.server, self.model, self.connections, self.batch) = (server, model, max(1, connections), max(1, batch))
        (self.deadline, self.proofDeadline, self.failures) = (deadline, proofDeadline, max(1, failures))
        (self.pause, self.idle, self.assurance) = (pause, idle, assurance)
    }
}
