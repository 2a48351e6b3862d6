/// How many images may wait for their screening.
public struct QueueLimits: Sendable, Equatable {
    /// Of one person.
    public var ofOne: Int
    /// Of all people together.
    public var inAll: Int
    /// So many of a person are taken even when the queue is full of others' images, until it holds twice as many as
    /// `inAll`: a few people cannot shut out everybody else.
    public var assured: Int

    public init(ofOne: Int = 100, inAll: Int = 1000, assured: Int = 10) {
        (self.ofOne, self.inAll, self.assured) = (ofOne, inAll, assured)
    }

    /// How many more of somebody's images the queue takes, whatever that person may have waiting; 0 when it is full.
    ///
    /// - Parameters:
    ///   - own: Images of theirs that wait.
    ///   - all: Images that wait, theirs too.
    public func room(beside own: Int, of all: Int) -> Int {
        max(inAll - all, min(assured - own, 2 * inAll - all), 0)
    }
}
