import Clinic
import Findings
import Synchronization

/// Counts across tasks.
final class Counter<Key: Hashable & Sendable>: Sendable {
    private let counts = Mutex<[Key: Int]>([:])

    @discardableResult
    func count(_ key: Key) -> Int {
        counts.withLock {
            $0[key, default: 0] += 1
            return $0[key, default: 0]
        }
    }

    var all: [Key: Int] { counts.withLock { $0 } }
}

/// An archive whose n-th writes fail.
struct FailingArchive: ImageArchive {
    let base: any ImageArchive
    /// Which writes fail, counted from 1.
    let failing: Set<Int>
    let writes = Counter<Int>()

    func store(_ bytes: [UInt8], at key: String) async throws {
        guard !failing.contains(writes.count(0)) else { throw ClinicError(.storage, fault: "no space left") }
        try await base.store(bytes, at: key)
    }

    func bytes(at key: String) async throws -> [UInt8] { try await base.bytes(at: key) }
    func remove(_ key: String) async throws { try await base.remove(key) }
    func keys(under prefix: String) async throws -> [String] { try await base.keys(under: prefix) }
}

/// A database whose writes fail, before the commit or after it.
struct FailingDatabase: ClinicDatabase {
    /// `refused` is a rule that says no within the transaction.
    enum Moment: Sendable { case refused, before, after, afterAndSilent }

    let base: any ClinicDatabase
    let moment: Moment
    let calls = Counter<String>()

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any ClinicTransaction) throws -> Value
    ) async throws -> Value {
        // The first read comes before any work; later ones ask what became of the write.
        if calls.count("read") > 1, case .afterAndSilent = moment { throw Self.lost }
        return try await base.read(body)
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any ClinicTransaction) throws -> Value
    ) async throws -> Value {
        switch moment {
        case .refused: throw Self.refusal
        case .before: throw Self.lost
        case .after, .afterAndSilent: break
        }
        _ = try await base.write(body)
        throw Self.lost
    }

    func eraseTraces() async throws -> Bool { try await base.eraseTraces() }

    static let refusal = ClinicError(.quotaExceeded, fault: "nothing more fits")
    static let lost = ClinicError(.databaseUnavailable, fault: "the connection was lost")
}
