/// How a worker goes about the queue.
public struct WorkerSettings: Sendable {
    /// Images at work at the same time.
    public var lanes: Int
    /// How long a claimed screening is left alone by other workers. It is renewed at a third of this while the work
    /// goes on, so after a crash another worker takes over within this time, and never before.
    public var lease: Duration
    /// How often to look for work that this node was not told of: another node's, or a crashed worker's.
    public var pollInterval: Duration
    /// How often a screening is taken up before it is given up; a crash of the server counts.
    public var maximumAttempts: Int
    /// Waits between tries within one attempt, when archive or database refuse for the moment.
    public var retryDelays: [Duration]
    /// How long a graceful stop waits for the screening at work before it is put back into the queue.
    public var grace: Duration
    /// How long a screening is left alone after archive, database or engine did not work.
    public var postponement: Duration = .seconds(5)
    /// How long a lane rests after that; twice as long after each further time.
    public var shortestPause: Duration = .seconds(1)
    /// The most that a lane rests.
    public var longestPause: Duration = .seconds(30)

    /// - Parameters:
    ///   - lanes: Images at work at the same time.
    ///   - lease: How long a claimed screening is left alone by other workers.
    ///   - pollInterval: How often to look for work that this node was not told of.
    ///   - maximumAttempts: How often a screening is taken up before it is given up.
    ///   - retryDelays: Waits between tries within one attempt.
    ///   - grace: How long a graceful stop waits for the screening at work.
    public init(
        lanes: Int = 2, lease: Duration = .seconds(30), pollInterval: Duration = .seconds(2),
        maximumAttempts: Int = 5, retryDelays: [Duration] = [.milliseconds(200), .seconds(1), .seconds(3)],
        grace: Duration = .seconds(8)
    ) {
        self.lanes = max(1, lanes)
        self.lease = lease
        self.pollInterval = pollInterval
        self.maximumAttempts = max(1, maximumAttempts)
        self.retryDelays = retryDelays
        self.grace = grace
    }
}
