import Casework
import Clinic
import Findings
import Foundation
import Packaging
import Screening
import Store
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ModelSwitchTests {
    @Test func `an activated model screens at once, and going back is activating the earlier one`() async throws {
        try await ModelSite.run { site in
            let id = try await site.install("2.0.0")
            try await site.models.activate(id, by: site.fixture.actor, reason: "better")
            #expect(site.models.shelf.active.package.description.version == "2.0.0")
            #expect(site.models.status.modelID == id)
            try await site.models.activate(nil, by: site.fixture.actor, reason: "slower than thought")
            #expect(site.models.shelf.active.package.description.version == "1.0.0")
            let log = try await site.fixture.database.read { try $0.modelActivations(limit: 10) }
            #expect(log.map(\.reason) == ["slower than thought", "better"])
            #expect(try await site.fixture.actions() == ["model.install", "model.activate", "model.activate"])
        }
    }

    @Test
    func `what is active cannot be activated again, and a reason is asked for; neither leaves a trace`() async throws {
        try await ModelSite.run { site in
            let id = try await site.install("2.0.0")
            for (model, reason) in [(nil, "again"), (id, "  "), (InstalledModelID(), "nobody knows it")] {
                await #expect(throws: (any Error).self) {
                    try await site.models.activate(model, by: site.fixture.actor, reason: reason)
                }
            }
            #expect(try await site.fixture.actions() == ["model.install"])
            #expect(site.models.shelf.active.package.description.version == "1.0.0")
        }
    }

    @Test func `another node follows, with a copy of its own`() async throws {
        try await ModelSite.run { site in
            let other = try site.otherNode()
            let id = try await site.install("2.0.0")
            try await other.models.follow()
            #expect(other.models.shelf.active.package.description.version == "1.0.0")
            try await site.models.activate(id, by: site.fixture.actor, reason: "better")
            try await other.models.follow()
            #expect(other.models.shelf.active.package.description.version == "2.0.0")
            #expect(other.models.shelf.active.package.directory.path.contains("models-of-another"))
            let held = other.models.shelf.active
            try await other.models.follow()
            #expect(held === other.models.shelf.active)
        }
    }

    @Test
    func `at a start without the model's files the shipped one goes on and the status says why, until they are back`()
        async throws
    {
        try await ModelSite.run { site in
            let id = try await site.install("2.0.0")
            try await site.models.activate(id, by: site.fixture.actor, reason: "better")
            let key = ArchiveKey.model(id) + "model.onnx"
            let bytes = try await site.fixture.archive.bytes(at: key)
            try await site.fixture.archive.remove(key)
            let restarted = try site.otherNode()
            try await restarted.models.follow()
            #expect(restarted.models.shelf.active.package.description.version == "1.0.0")
            #expect(restarted.models.status.problem?.description.contains("model.onnx") == true)
            #expect(restarted.models.status.modelID == nil)
            try await site.fixture.archive.store(bytes, at: key)
            // A later activation is tried at once.
            try await site.models.activate(nil, by: site.fixture.actor, reason: "back")
            try await site.models.activate(id, by: site.fixture.actor, reason: "once more")
            try await restarted.models.follow()
            #expect(restarted.models.status.problem == nil)
            #expect(restarted.models.shelf.active.package.description.version == "2.0.0")
        }
    }

    @Test func `a damaged copy on a node is made anew from the archive`() async throws {
        try await ModelSite.run { site in
            let id = try await site.install("2.0.0")
            let package = try await site.store.package(of: id)
            try Data([1, 2, 3]).write(to: package.networkURL)
            #expect(try await site.store.package(of: id).description.version == "2.0.0")
            #expect(try Data(contentsOf: package.networkURL).count > 3)
            let folder = package.directory.deletingLastPathComponent().path
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [id.text])
        }
    }

    @Test
    func `under load through the queue no screening fails, and each has the answer of the one model it names`()
        async throws
    {
        try await ModelSite.run { site in
            let id = try await site.install("2.0.0", temperature: 4)
            let records = try await site.fixture.add(24)
            let expected = try await Self.answers(of: site, installed: id, to: 24)
            let worker = ScreeningWorker(
                database: site.fixture.database, archive: site.fixture.archive, models: site.models.shelf,
                settings: .quick)
            let isOver = Mutex(false)
            let switching = Task {
                var count = 0
                // Bounded, for compiling takes the processors from the screenings.
                while !isOver.withLock({ $0 }) && count < 12 || count < 2 {
                    let next: InstalledModelID? = count.isMultiple(of: 2) ? id : nil
                    try await site.models.activate(next, by: .system, reason: "switch \(count)")
                    count += 1
                    try await Task.sleep(for: .milliseconds(100))
                }
                return count
            }
            try await Self.run(worker, at: site)
            isOver.withLock { $0 = true }
            let switches = try await switching.value
            let rows = try await site.fixture.screenings()
            #expect(rows.count == records.count)
            var versions: Set<String> = []
            for (index, row) in rows.enumerated() {
                let result = try #require(row.outcome, "\(String(describing: row.failure))")
                versions.insert(result.model.version)
                let right = try #require(expected[result.model.version]?[index])
                #expect(Self.isNear(result.probabilities.values, right), "image \(index)")
            }
            // The switching went on while images were screened; how they fell to the models is the scheduler's.
            #expect(switches >= 2)
            #expect(!versions.isEmpty)
        }
    }

    /// Works until everything is screened, however busy the machine is.
    private static func run(_ worker: ScreeningWorker, at site: ModelSite) async throws {
        let work = Task { await worker.run() }
        for _ in 0..<18_000 {
            if try await CaseworkFixture.allDone(site.fixture) { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        work.cancel()
        await work.value
    }

    /// What each of the two models says to each image, asked alone.
    private static func answers(
        of site: ModelSite, installed id: InstalledModelID, to count: Int
    ) async throws -> [String: [[Double]]] {
        var answers: [String: [[Double]]] = [:]
        for model in [nil, id] {
            let screener = try await site.store.screener(of: model)
            var values: [[Double]] = []
            for index in 0..<count {
                values.append(try await screener.screen(CaseworkFixture.drawing(index)).probabilities.values)
            }
            answers[screener.package.description.version] = values
        }
        #expect(answers["1.0.0"] != answers["2.0.0"])
        return answers
    }

    private static func isNear(_ left: [Double], _ right: [Double]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { abs($0 - $1) < 1e-5 }
    }

    @Test func `a replaced model lives as long as a screening has it, and no longer`() async throws {
        try await ModelSite.run { site in
            let id = try await site.install("2.0.0")
            weak let shipped = site.models.shelf.active
            let (began, ends) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
            let screening = Task {
                await site.models.shelf.lend { screener in
                    began.continuation.yield()
                    for await _ in ends.stream { break }
                    return screener.package.description.version
                }
            }
            for await _ in began.stream { break }
            try await site.models.activate(id, by: site.fixture.actor, reason: "better")
            #expect(shipped != nil)
            ends.continuation.yield()
            #expect(await screening.value == "1.0.0")
            // The task's own frame goes after its value came.
            for _ in 0..<18_000 where shipped != nil { try await Task.sleep(for: .milliseconds(10)) }
            #expect(shipped == nil)
        }
    }
}
