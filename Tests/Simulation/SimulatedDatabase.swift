import Clinic
import Store

/// The database as one node sees it: the real rows behind a connection that refuses, breaks after the commit, asks for the
/// work once more, or dies with its node.
struct SimulatedDatabase: MaintainedDatabase {
    private struct Undone: Error {}

    let node: SimulatedNode
    let base: MemoryDatabase
    private var world: World { node.world }

    var auditKey: [UInt8] { base.auditKey }
    var dialect: SQLDialect { base.dialect }
    var name: String { "simulated" }
    var erasureList: ErasureList? { nil }

    func reading<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await node.step()
        try refuse()
        let value = try base.transaction(body)
        try await node.mayDie()
        return value
    }

    func writing<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await node.step()
        try refuse()
        try await node.mayDie()
        if world.isStormy, world.draw(world.weather.databaseFaults) {
            // Rolled back at its end: in favour of another one, which runs it again, or with the connection.
            try undone(body)
            if world.draw(0.5) { throw Self.away }
        }
        let connection = PlantedConnection(base, fault: world.fault)
        let (value, rows) = try base.transaction { _ in
            let value = try body(connection)
            return (value, connection.hasChanged ? try QueueRow.all(on: base) : nil)
        }
        if let rows { world.ledger.committed(rows, by: node) }
        try await node.mayDie()
        if world.isStormy, world.draw(world.weather.databaseFaults) {
            world.tell("\(node.name) commits, and does not hear of it")
            throw Self.away
        }
        return value
    }

    func migrating(_ body: @escaping @Sendable (any SQLConnection) throws -> Void) async throws {
        try base.transaction(body)
    }

    func eraseTraces() async throws -> Bool {
        try await node.step()
        try refuse()
        return true
    }

    func emptyLog() async throws -> Bool { true }
    func close() async throws {}

    static var away: ClinicError { ClinicError(.databaseUnavailable, fault: "The simulated database is away.") }

    private func refuse() throws {
        if world.isAway(.database) || world.isStormy && world.draw(world.weather.databaseFaults) { throw Self.away }
    }

    private func undone<Value>(_ body: (any SQLConnection) throws -> Value) throws {
        do {
            try base.transaction { connection in
                _ = try body(PlantedConnection(connection, fault: world.fault))
                throw Undone()
            }
        } catch is Undone {
            return
        }
    }
}

/// A screening as the queue knows it, after a commit.
struct QueueRow: Equatable, Sendable {
    let id: String
    let image: String
    let state: String
    let attempts: Int64
    let worker: String?
    let finishedAt: Int64?
    let owner: String
    let archiveKey: String

    static func all(on connection: any SQLConnection) throws -> [QueueRow] {
        try connection.rows(
            """
            SELECT s.id, s.image_id, s.state, s.attempts, s.worker_id, s.finished_at, s.owner_id, i.archive_key \
            FROM screenings s JOIN images i ON i.id = s.image_id ORDER BY s.id
            """, []
        ).map { row in
            QueueRow(
                id: row[0].text ?? "", image: row[1].text ?? "", state: row[2].text ?? "",
                attempts: row[3].number ?? -1, worker: row[4].text, finishedAt: row[5].number,
                owner: row[6].text ?? "", archiveKey: row[7].text ?? "")
        }
    }
}

extension SQLValue {
    var text: String? { if case .text(let text) = self { text } else { nil } }
    var number: Int64? { if case .integer(let number) = self { number } else { nil } }
}
