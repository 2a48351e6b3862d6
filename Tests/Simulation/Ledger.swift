import Clinic
import Findings

/// What has to be true of the rows and files at every commit and every removal, whatever goes wrong.
final class Ledger: @unchecked Sendable {
    /// The first thing that was not true; the simulation of the seed ends with it.
    private(set) var violation: String?
    private unowned let world: World
    private var rows: [String: QueueRow] = [:]
    /// How often a screening was taken from a worker that lived, or put back with its attempt counted.
    private var takenFromLiving: [String: Int] = [:]
    private var countedFaults: [String: Int] = [:]
    /// How often the model broke off for a reason that nobody knows, by image.
    private var oddReadings: [String: Int] = [:]
    /// Of each screening that waits for the first time, of a person who had none waiting: how often others were served since.
    private var passedOver: [String: [String: Int]] = [:]

    init(_ world: World) { self.world = world }

    func broken(_ reason: String) {
        if violation == nil { violation = reason }
    }

    /// The model broke off at what a node has at work.
    func brokeOff(on node: SimulatedNode) {
        for row in rows.values where row.worker.map(node.owns) == true { oddReadings[row.image, default: 0] += 1 }
    }

    var waiting: Int { rows.values.count { $0.state == "queued" || $0.state == "running" } }
    var failed: Int { rows.values.count { $0.state == "failed" } }
    var all: [QueueRow] { rows.values.sorted { $0.id < $1.id } }

    /// Looks at what a transaction changed.
    func committed(_ after: [QueueRow], by node: SimulatedNode) {
        let old = rows
        rows = Dictionary(uniqueKeysWithValues: after.map { ($0.id, $0) })
        for row in after where old[row.id] != row {
            if let was = old[row.id] { changed(was, row, by: node) } else { came(row, beside: old) }
        }
        for id in old.keys where rows[id] == nil { passedOver[id] = nil }
    }

    private func came(_ row: QueueRow, beside others: [String: QueueRow]) {
        world.tell("image \(row.image) is queued")
        let hasWaiting = others.values.contains { $0.owner == row.owner && $0.state == "queued" }
        if !hasWaiting { passedOver[row.id] = [:] }
    }

    private func changed(_ was: QueueRow, _ row: QueueRow, by node: SimulatedNode) {
        world.tell("\(node.name): \(row.image) \(was.state) \(was.attempts) → \(row.state) \(row.attempts)")
        switch (was.state, row.state) {
        case ("queued", "running"):
            expect(row.attempts == was.attempts + 1, "a worker took up \(row.image) and the attempt is not counted")
            if was.attempts == 0 { served(row) }
            passedOver[row.id] = nil
        case ("running", "running"): changedHands(was, row)
        case ("running", "queued"):
            expect(was.worker.map(node.owns) == true, "\(node.name) put back what \(was.worker ?? "nobody") had")
        case ("running", "done"), ("running", "failed"):
            expect(
                was.worker.map(node.owns) == true,
                "\(node.name) ended the screening of \(row.image), which \(was.worker ?? "nobody") had")
            expect(
                row.state == "done" || row.attempts >= World.maximumAttempts,
                "\(row.image) failed at attempt \(row.attempts)")
            expect(row.attempts >= 1, "\(row.image) was answered and never taken up")
        case ("failed", "queued"):
            (takenFromLiving[row.id], countedFaults[row.id], oddReadings[row.image]) = (nil, nil, nil)
        default: broken("\(row.image) went from \(was.state) to \(row.state)")
        }
    }

    /// Taken over by another, put off, or given more time.
    private func changedHands(_ was: QueueRow, _ row: QueueRow) {
        guard was.worker != row.worker else { return }
        guard row.worker == nil else {
            expect(row.attempts == was.attempts + 1, "\(row.image) changed hands and the attempt is not counted")
            if let worker = was.worker, world.isAlive(worker) {
                expect(
                    !world.weather.isCalm,
                    "\(row.image) was taken from \(worker), which lives and has not lost its lease")
                takenFromLiving[row.id, default: 0] += 1
            }
            return
        }
        if row.attempts == was.attempts { countedFaults[row.id, default: 0] += 1 }
        expect(row.attempts >= was.attempts - 1 && row.attempts >= 0, "\(row.image) has \(row.attempts) attempts")
        expect(
            countedFaults[row.id, default: 0] <= oddReadings[row.image, default: 0],
            "an attempt of \(row.image) was spent on a fault of disk or database")
    }

    /// The queue is fair: whoever had nothing waiting comes after at most two of everybody else.
    private func served(_ row: QueueRow) {
        for (waiting, counts) in passedOver where waiting != row.id {
            guard let owner = rows[waiting]?.owner, owner != row.owner else { continue }
            passedOver[waiting] = counts.merging([row.owner: 1]) { $0 + $1 }
            let count = counts[row.owner, default: 0] + 1
            expect(
                count <= 2,
                "\(rows[waiting]?.image ?? "") waited while \(count) images of another person were taken up")
        }
    }

    /// No file that rows name is removed.
    func removed(_ key: String, by node: SimulatedNode) {
        world.tell("\(node.name) removes \(key)")
        for row in rows.values {
            expect(row.archiveKey != key, "\(key) was removed, which the row of an image names")
            if row.state == "done", key.hasPrefix("screenings/\(row.id)/") {
                broken("\(key) was removed, a picture of an answer")
            }
        }
    }

    func expect(_ isTrue: Bool, _ reason: @autoclosure () -> String) {
        if !isTrue { broken(reason()) }
    }
}
