import Store

/// Faults that the simulation has to find, put in between the use cases and what they stand on. No line of them is part of
/// the server.
enum PlantedFault: String, CaseIterable, Sendable {
    /// Answers are stored by workers that no longer have the screening.
    case lostLease = "lost-lease"
    /// Leases are not renewed while the work goes on.
    case unrenewedLease = "unrenewed-lease"
    /// Rows are committed before their files are on the disk.
    case rowBeforeFile = "row-before-file"
    /// The sweep does not wait for uploads under way.
    case sweepTooEarly = "sweep-too-early"
    /// A disk or database that is away costs an attempt.
    case faultCountsAttempt = "fault-counts-attempt"
    /// The queue goes by time alone, whoever sent the images.
    case unfairQueue = "unfair-queue"
    /// The lanes of a worker have one name, so that what one of them writes late meets what another has taken up.
    case sharedLane = "shared-lane"
}

/// Says something else to the database than it is asked to.
final class PlantedConnection: SQLConnection {
    private let base: any SQLConnection
    private let fault: PlantedFault?
    /// Whether any row was written.
    private(set) var hasChanged = false

    init(_ base: any SQLConnection, fault: PlantedFault?) {
        (self.base, self.fault) = (base, fault)
    }

    var dialect: SQLDialect { base.dialect }

    func run(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        let count = try planted(sql, arguments)
        hasChanged = hasChanged || count > 0
        return count
    }

    private func planted(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        switch fault {
        case .lostLease where sql.contains("finished_at = ?"):
            return try base.run(
                sql.replacing("AND worker_id = ? AND state = 'running'", with: "AND (worker_id = ? OR 1)"), arguments)
        case .unrenewedLease where sql.hasPrefix("UPDATE screenings SET lease_until = ? WHERE"):
            return 1
        case .faultCountsAttempt where sql.contains("attempts = attempts - ?"):
            return try base.run(
                sql.replacing("attempts = attempts - ?", with: "attempts = attempts - 0 * ?"), arguments)
        case .sharedLane:
            return try base.run(sql, arguments.map(withoutLane))
        default:
            return try base.run(sql, arguments)
        }
    }

    private func withoutLane(_ value: SQLValue) -> SQLValue {
        guard case .text(let text) = value, let lane = text.firstMatch(of: /^(node\d+\.\d+)\/\d+$/) else {
            return value
        }
        return .text(String(lane.output.1))
    }

    func result(_ sql: String, _ arguments: [SQLValue]) throws -> SQLResult {
        switch fault {
        case .unfairQueue where sql.contains("WHERE state = 'queued' ORDER BY turn, created_at, id"):
            return try base.result(
                sql.replacing("INDEXED BY screenings_turn", with: "").replacing(
                    "ORDER BY turn, created_at, id", with: "ORDER BY created_at, id"), arguments)
        default:
            return try base.result(sql, arguments)
        }
    }
}
