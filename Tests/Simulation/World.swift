import Casework
import Clinic
import Findings
import FindingsFixtures
import Foundation
import Randomness
import Screening
import Synchronization

/// Everything of one seed: two nodes with their workers and sweeps, one database, one disk, three people with images.
final class World: @unchecked Sendable {
    static let maximumAttempts = 5

    let seed: UInt64
    let fault: PlantedFault?
    let weather: Weather
    let database: MemoryDatabase
    let disk: SimulatedDisk
    private(set) var ledger: Ledger!
    private(set) var nodes: [SimulatedNode] = []
    private var dead: [SimulatedNode] = []
    private(set) var trace: [String] = []
    private let isTracing: Bool
    /// Whether nodes that die are replaced.
    private var isOpen = true
    /// Nothing goes wrong before the nodes are there.
    private var hasBegun = false
    private var restarts: [Task<Void, Never>] = []

    init(seed: UInt64, fault: PlantedFault?, database: MemoryDatabase, disk: SimulatedDisk, isTracing: Bool) {
        (self.seed, self.fault, self.database, self.disk) = (seed, fault, database, disk)
        self.isTracing = isTracing
        SeededExecutor.shared.begin(seed: seed)
        identifiers.withLock { $0 = SplitMix64(seed: seed, 1) }
        weather = Weather(&SeededExecutor.shared.random)
        disk.reset()
        ledger = Ledger(self)
    }

    // MARK: Chance and time

    func draw(_ probability: Double) -> Bool {
        probability > 0 && SeededExecutor.shared.random.nextUnit() < probability
    }

    func random(below bound: Int) -> Int { SeededExecutor.shared.random.next(below: bound) }

    var isStormy: Bool { hasBegun && SeededExecutor.shared.now < Weather.storm }

    func isAway(_ part: Weather.Part) -> Bool {
        hasBegun && weather.outages.contains { $0.part == part && $0.time.contains(SeededExecutor.shared.now) }
    }

    func tell(_ what: @autoclosure () -> String) {
        if isTracing { trace.append("\(SeededExecutor.shared.now) \(what())") }
    }

    // MARK: Nodes

    func isAlive(_ worker: String) -> Bool { nodes.contains { $0.owns(worker) && !$0.isDead } }

    func openNodes() {
        hasBegun = true
        for index in 0..<2 { nodes.append(node("node\(index).1")) }
    }

    private func node(_ name: String) -> SimulatedNode {
        let node = SimulatedNode(name, in: self)
        if weather.clockError > 0 {
            node.clockErrorMilliseconds = Int64(random(below: 2 * weather.clockError) - weather.clockError)
        }
        let worker = worker(of: node)
        node.tasks.append(Task.detached { await worker.run() })
        if random(below: 3) == 0 { node.tasks.append(sweeping(node)) }
        return node
    }

    /// Another process takes the place of one that died, after a while.
    func restart(after died: SimulatedNode) {
        guard isOpen, let place = nodes.firstIndex(where: { $0 === died }) else { return }
        dead.append(died)
        let parts = died.name.split(separator: ".")
        let next = "\(parts[0]).\((Int(parts[1]) ?? 0) + 1)"
        restarts.append(
            Task.detached { [self] in
                await SeededExecutor.shared.pause(milliseconds: 1000 + random(below: 60_000))
                if isOpen { nodes[place] = node(next) }
            })
    }

    func database(of node: SimulatedNode) -> SimulatedDatabase { SimulatedDatabase(node: node, base: database) }
    func archive(of node: SimulatedNode) -> SimulatedArchive { SimulatedArchive(node: node, disk: disk) }

    private func worker(of node: SimulatedNode) -> ScreeningWorker {
        var settings = WorkerSettings(
            lanes: 1 + random(below: 2), lease: .seconds(30), pollInterval: .seconds(150),
            maximumAttempts: Self.maximumAttempts, retryDelays: [.seconds(1), .seconds(2)], grace: .seconds(8))
        settings.postponement = .seconds(5)
        settings.longestPause = .seconds(16)
        return ScreeningWorker(
            database: database(of: node), archive: archive(of: node), workerID: node.name, settings: settings,
            clock: { node.date }
        ) { [self] file in
            await SeededExecutor.shared.pause(milliseconds: 100 + random(below: weather.longestReading))
            if node.isDead { try await node.step() }
            return try screened(file.bytes, on: node)
        }
    }

    private struct Odd: Error {}

    /// The answer to an image follows from its bytes, on every node and each time.
    private func screened(_ bytes: [UInt8], on node: SimulatedNode) throws -> ScreenedImage {
        if isStormy, draw(weather.oddReadings) {
            ledger.brokeOff(on: node)
            throw Odd()
        }
        let mark = bytes.reduce(UInt8(0)) { $0 &* 31 &+ $1 }
        return ScreenedImage(
            outcome: .sample(.report, SmearClass.allCases[Int(mark) % 4], confidence: 0.5 + Double(mark) / 1000),
            analyticsJSON: "{}", pictures: [(.display, [mark, 1, 2]), (.thumbnail, [mark])])
    }

    private func sweeping(_ node: SimulatedNode) -> Task<Void, Never> {
        let sweeper = Sweeper(database: database(of: node), archive: archive(of: node), clock: { node.date })
        let wait: Duration = fault == .sweepTooEarly ? .zero : .seconds(600)
        return Task.detached { [self] in
            while isStormy, !node.isDead, !Task.isCancelled {
                await SeededExecutor.shared.pause(milliseconds: 10_000 + random(below: 300_000))
                do {
                    try await sweeper.sweep(waiting: wait)
                } catch {
                    tell("the sweep of \(node.name) broke off")
                }
            }
        }
    }

    // MARK: The end

    /// Stops every node gracefully.
    func close() {
        isOpen = false
        for node in nodes { for task in node.tasks { task.cancel() } }
    }

    /// Gives back what dead nodes hold; what they still do counts no more.
    func reap() {
        isOpen = false
        for node in dead + nodes {
            node.die()
            node.reap()
        }
    }
}
