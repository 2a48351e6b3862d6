import Clinic
import Foundation
import Synchronization

/// Whether what the server stands on works now: proved by a write to the database and one to the archive.
///
/// A proof is under way once at most, however many ask, and serves everybody who asks within `freshness`. One that hangs is
/// told after `patience` and not begun a second time, so that asking costs no more than one thread of each.
public final class Readiness: Sendable {
    /// What a write is proved for.
    public enum Part: String, Sendable, CaseIterable { case database, archive }

    /// How long an answer stays good.
    static let freshness = Duration.seconds(1)
    /// How long a proof is waited for, unless another time is given.
    public static let usualPatience = Duration.milliseconds(1500)
    /// The file that is written, outside the folders of images, pictures and models.
    public static let key = "readiness/proof"

    private struct Proof {
        /// What is wrong; nil where nothing is.
        let task: Task<String?, Never>
        var endedAt: ContinuousClock.Instant?
    }

    private let database: any ClinicDatabase
    private let archive: any ImageArchive
    private let patience: Duration
    private let clock: @Sendable () -> Date
    private let proofs = Mutex<[Part: Proof]>([:])

    /// - Parameters:
    ///   - database: Gets one row.
    ///   - archive: Gets one file.
    ///   - patience: How long a proof is waited for.
    ///   - clock: The time.
    public init(
        database: any ClinicDatabase, archive: any ImageArchive, patience: Duration = usualPatience,
        clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.database, self.archive, self.patience, self.clock) = (database, archive, patience, clock)
    }

    /// What does not work, with the reason for the log; empty when all does. Answers within `patience`.
    public func problems() async -> [Part: String] {
        await withTaskGroup { group in
            for part in Part.allCases { group.addTask { (part, await self.problem(of: part)) } }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private func problem(of part: Part) async -> String? {
        let task = proofs.withLock { proofs in
            if let proof = proofs[part], proof.endedAt.map({ .now - $0 < Self.freshness }) ?? true { return proof.task }
            let task = Task.detached { await self.proof(of: part) }
            proofs[part] = Proof(task: task)
            return task
        }
        return await Self.first(of: task, or: "it did not answer within \(patience)", after: patience)
    }

    private func proof(of part: Part) async -> String? {
        defer { proofs.withLock { $0[part]?.endedAt = .now } }
        do {
            let now = clock()
            switch part {
            case .database: try await database.write { try $0.proveWritable(at: now) }
            case .archive: try await archive.store(Array("\(now.timeIntervalSince1970)\n".utf8), at: Self.key)
            }
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Waits for a task, which may hang, no longer than a limit.
    private static func first(of task: Task<String?, Never>, or late: String, after limit: Duration) async -> String? {
        let (answers, continuation) = AsyncStream<String?>.makeStream()
        Task.detached { continuation.yield(await task.value) }
        let timer = Task.detached {
            try await Task.sleep(for: limit)
            continuation.yield(late)
        }
        defer { timer.cancel() }
        for await answer in answers { return answer }
        return late
    }
}
