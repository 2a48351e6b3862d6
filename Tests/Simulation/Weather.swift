import Randomness

/// What goes wrong in one seed, and how often.
struct Weather: Sendable {
    enum Part: Sendable { case database, archive }

    /// A time in which a part is away for everybody, in simulated milliseconds.
    struct Outage: Sendable {
        let part: Part
        let time: Range<Int64>
    }

    /// Faults come before this, in simulated milliseconds; then all has to come to a good end.
    static let storm: Int64 = 600_000

    /// Of each call, 0 to 1.
    var databaseFaults = 0.0
    var archiveFaults = 0.0
    /// Of each call; the node dies at it.
    var deaths = 0.0
    /// The longest that a call takes by itself, in milliseconds.
    var slowest = 1500
    var outages: [Outage] = []
    /// The most that a node's clock is wrong, in milliseconds.
    var clockError = 0
    /// The longest that the model looks at an image, in milliseconds; a lease is 30 s.
    var longestReading = 12_000
    /// Of each look of the model at an image: it breaks off for a reason that nobody knows.
    var oddReadings = 0.0

    /// Nothing goes wrong, so nothing may be done twice.
    var isCalm: Bool {
        [databaseFaults, archiveFaults, deaths, oddReadings].allSatisfy { $0 == 0 } && outages.isEmpty
            && clockError == 0
    }

    init(_ random: inout SplitMix64) {
        longestReading = [2000, 12_000, 100_000][random.next(below: 3)]
        guard random.next(below: 5) > 0 else { return }
        databaseFaults = [0, 0.01, 0.05, 0.2][random.next(below: 4)]
        archiveFaults = [0, 0.01, 0.05, 0.2][random.next(below: 4)]
        deaths = [0, 0.002, 0.02][random.next(below: 3)]
        clockError = [0, 0, 5000, 3_600_000][random.next(below: 4)]
        oddReadings = [0, 0, 0.2, 0.6][random.next(below: 4)]
        for _ in 0..<random.next(below: 4) {
            let start = Int64(random.next(below: 300_000))
            outages.append(
                Outage(
                    part: random.next(below: 2) == 0 ? .database : .archive,
                    time: start..<start + Int64(1000 + random.next(below: 120_000))))
        }
    }
}
