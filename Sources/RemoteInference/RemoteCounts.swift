import Synchronization

/// What was asked of an inference server since the start.
public struct RemoteCounts: Sendable, Equatable {
    /// Images that the server answered.
    public internal(set) var remoteImages = 0
    /// Images that this machine answered in its place.
    public internal(set) var localImages = 0
    /// Requests that the server answered, each with one image or more.
    public internal(set) var requests = 0
    /// Requests, connections and proofs that failed, by their kind.
    public internal(set) var failures: [RemoteInferenceError.Code: Int] = [:]
    /// How often the network was shown to be the package's.
    public internal(set) var proofs = 0
}

/// Whether an inference server runs the network now.
public enum RemoteStanding: Sendable, Equatable {
    /// Nothing is known yet: this machine answers.
    case unproven
    /// The server answers.
    case remote
    /// The server failed or was refused: this machine answers.
    case local(reason: String)
}

/// Where all packages' engines count.
final class RemoteTally: Sendable {
    private let state = Mutex(RemoteCounts())

    var counts: RemoteCounts { state.withLock { $0 } }

    func count(_ change: (inout RemoteCounts) -> Void) { state.withLock { change(&$0) } }
}
