import Casework
import Clinic
import Foundation
import Store

/// What people do in one seed, and what has to be true of it in the end.
final class Scenario: @unchecked Sendable {
    private struct Person {
        let user: User
        let smearCase: SmearCase
        var actor: AuditEntry.Actor { .user(user.id) }
    }

    /// An image of which the sender was told that it is stored.
    private struct Acknowledged {
        let image: ImageID
        let screening: ScreeningID
        let key: String
        /// Its owner asked to delete it; whether that was done is told.
        var removal: Removal = .none
        enum Removal { case none, asked, done }
    }

    private let world: World
    private let drawings: [[UInt8]]
    private var people: [Person] = []
    private var acknowledged: [String: Acknowledged] = [:]
    private var clients = 0

    init(_ world: World, drawings: [[UInt8]]) {
        (self.world, self.drawings) = (world, drawings)
    }

    /// - Returns: What was not true; nil when all was.
    func run() -> String? {
        let executor = SeededExecutor.shared
        Task.detached { [self] in
            do { try await play() } catch { world.ledger.broken("the simulation itself failed: \(error)") }
            isOver = true
        }
        let limit: Int64 = 40_000_000
        let ended = executor.run { isOver || world.ledger.violation != nil || executor.now > limit }
        if !ended || executor.now > limit { world.ledger.broken("it does not come to an end") }
        world.reap()
        // What dead nodes left comes to its end; nothing of it may count any more.
        _ = executor.run { executor.now > limit + 40_000_000 }
        return world.ledger.violation
    }

    private var isOver = false

    private func play() async throws {
        try await settle()
        world.openNodes()
        await withTaskGroup(of: Void.self) { group in
            for (index, person) in people.enumerated() {
                let count = index == 0 ? 1 + world.random(below: 3) : world.random(below: 2)
                for number in 0..<count {
                    group.addTask { await self.send("image-\(index)-\(number)", of: person) }
                }
            }
        }
        await pause(until: Weather.storm)
        try await finish()
        try checkRows()
        try await checkFiles()
    }

    private func pause(until time: Int64) async {
        await SeededExecutor.shared.pause(milliseconds: Int(max(0, time - SeededExecutor.shared.now)))
    }

    /// People and their cases, written past all faults.
    private func settle() async throws {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        people = (0..<3).map { index in
            let user = User(
                email: "person\(index)@example.org", name: "Person", role: .patient, passwordHash: "none",
                createdAt: now)
            return Person(
                user: user, smearCase: SmearCase(ownerID: user.id, title: "Sample", createdAt: now, updatedAt: now))
        }
        let calm = SimulatedNode("nobody", in: world)
        try await world.database(of: calm).write { [people] transaction in
            for person in people {
                try transaction.insert(person.user)
                try transaction.append(
                    Consent(
                        of: person.user.id, .given, notice: ConsentNotice.current.since,
                        text: ConsentText(language: "en", words: "The notice of the simulation."), at: now))
                try transaction.insert(person.smearCase)
            }
        }
    }

    // MARK: People

    /// Sends an image until it is acknowledged, sometimes once more, and sometimes deletes it later.
    private func send(_ key: String, of person: Person) async {
        await SeededExecutor.shared.pause(milliseconds: world.random(below: 300_000))
        let drawing = drawings[world.random(below: drawings.count)]
        let sends = world.draw(0.15) ? 2 : 1
        for _ in 0..<sends {
            guard let image = await patiently({ try await self.add(drawing, key, of: person, on: $0) }) else { return }
            if let known = acknowledged[key] {
                world.ledger.expect(known.image == image.id, "\(key) was sent twice and stored twice")
            }
        }
        guard world.draw(0.15), let known = acknowledged[key] else { return }
        await SeededExecutor.shared.pause(milliseconds: world.random(below: 200_000))
        acknowledged[key]?.removal = .asked
        let isRemoved: Void? = await patiently { node in
            let removal = CaseRemoval(
                database: self.world.database(of: node), archive: self.world.archive(of: node), clock: { node.date })
            do {
                try await node.call {
                    try await removal.removeImage(
                        known.image, in: person.smearCase.id, of: person.user, by: person.actor)
                }
            } catch let error as ClinicError where error.code == .notFound {
                // Done before; the answer got lost.
            }
        }
        if isRemoved != nil { acknowledged[key]?.removal = .done }
    }

    private func add(
        _ bytes: [UInt8], _ key: String, of person: Person, on node: SimulatedNode
    ) async throws -> CaseImage {
        let worker = world.database(of: node)
        let intake = ImageIntake(database: worker, archive: world.archive(of: node), clock: { node.date })
        let (image, screening) = try await node.call {
            try await SeededExecutor.shared.offloads {
                try await intake.add(bytes, to: person.smearCase.id, by: person.actor, uploadKey: key)
            }
        }
        world.tell("\(key) is acknowledged as \(image.id)")
        if acknowledged[key] == nil {
            acknowledged[key] = Acknowledged(image: image.id, screening: screening.id, key: key)
        }
        return image
    }

    /// Tries again on another node where one is dead, the database or the disk away; for as long as it takes.
    private func patiently<Value>(_ work: (SimulatedNode) async throws -> Value) async -> Value? {
        while world.ledger.violation == nil {
            let node = world.nodes[world.random(below: world.nodes.count)]
            do {
                return try await work(node)
            } catch is SimulatedNode.Died {
                world.tell("a connection to \(node.name) broke")
            } catch let error as ClinicError where [.databaseUnavailable, .storage].contains(error.code) {
                world.tell("refused: \(error.code)")
            } catch {
                world.ledger.broken("a client was told \(error)")
            }
            await SeededExecutor.shared.pause(milliseconds: 500 + world.random(below: 20_000))
        }
        return nil
    }

    // MARK: The end

    /// After the storm everything gets its answer; what failed is asked for once more.
    private func finish() async throws {
        for _ in 0..<2 {
            for _ in 0..<400 where world.ledger.waiting > 0 { await SeededExecutor.shared.pause(milliseconds: 20_000) }
            world.ledger.expect(world.ledger.waiting == 0, "\(world.ledger.waiting) images wait for ever")
            guard world.ledger.failed > 0 else { break }
            let node = try living()
            _ = try await Cases(database: world.database(of: node), clock: { node.date }).screenFailedAgain(of: nil)
        }
        world.ledger.expect(world.ledger.failed == 0, "an image failed although nothing was wrong with it")
        world.close()
        await SeededExecutor.shared.pause(milliseconds: 60_000)
        let node = try living()
        let sweeper = Sweeper(
            database: world.database(of: node), archive: world.archive(of: node), clock: { node.date })
        try await sweeper.sweep(waiting: .zero)
        // Of very many it leaves the decision to the operator.
        let orphans = try await sweeper.orphans()
        world.ledger.expect(orphans.isEmpty || orphans.count > 20, "the sweep left \(orphans)")
        try await sweeper.putAside(orphans)
    }

    private func living() throws -> SimulatedNode {
        struct NobodyLives: Error {}
        guard let node = world.nodes.first(where: { !$0.isDead }) else { throw NobodyLives() }
        return node
    }

    /// Nothing that was acknowledged is lost, and everything is screened exactly once.
    private func checkRows() throws {
        let rows = Dictionary(uniqueKeysWithValues: world.ledger.all.map { ($0.image, $0) })
        for known in acknowledged.values.sorted(by: { $0.key < $1.key }) {
            let row = rows[known.image.text]
            switch known.removal {
            case .none: world.ledger.expect(row != nil, "\(known.key) was acknowledged and is lost")
            case .asked: break
            case .done: world.ledger.expect(row == nil, "\(known.key) was deleted and is still there")
            }
            if let row { world.ledger.expect(row.id == known.screening.text, "\(known.key) has another screening") }
        }
        let wanted = Set(acknowledged.values.map(\.image.text))
        for row in rows.values {
            world.ledger.expect(wanted.contains(row.image), "\(row.image) was stored twice or for nobody")
        }
        let answers = try world.database.rows("SELECT object, action FROM audit_log", [])
        for known in acknowledged.values {
            let added = answers.count { $0[0].text == known.image.text && $0[1].text == "image.add" }
            world.ledger.expect(added == 1, "\(known.key) is \(added) times in the audit log")
            let done = answers.count { $0[0].text == known.screening.text && $0[1].text == "screening.done" }
            world.ledger.expect(
                known.removal == .none ? done == 1 : done <= 1, "\(known.key) was answered \(done) times")
        }
    }

    /// Every file that rows name is there, and is what was written.
    private func checkFiles() async throws {
        let objects = try await world.database(of: living()).read { transaction in
            try transaction.storedObjects(after: "", limit: 10_000)
        }
        for object in objects {
            guard let bytes = world.disk.files[object.key] else {
                world.ledger.broken("\(object.key) is missing")
                continue
            }
            world.ledger.expect(
                object.matches(StoredObject(bytes, at: object.key)), "\(object.key) is not what was written")
        }
        let keys = Set(objects.map(\.key))
        for row in world.ledger.all {
            world.ledger.expect(keys.contains(row.archiveKey), "the checksum of \(row.archiveKey) is missing")
            world.ledger.expect(
                keys.count { $0.hasPrefix("screenings/\(row.id)/") } == 2, "\(row.image) lacks pictures of its answer")
        }
        for key in world.disk.files.keys where !key.hasPrefix("quarantine/") {
            world.ledger.expect(keys.contains(key), "\(key) is nobody's and was left by the sweep")
        }
    }
}
