import Foundation
import Synchronization

/// Notes when tokens were used, without making whoever uses one wait for the database's turn to write.
final class LastUses: Sendable {
    private struct State {
        var waiting: [APITokenID: Date] = [:]
        var isWriting = false
    }

    private let database: any ClinicDatabase
    private let state = Mutex(State())

    init(_ database: any ClinicDatabase) { self.database = database }

    /// Returns at once. Of one token the latest use is written, and of all together one write waits at most.
    func note(_ token: APITokenID, at: Date) {
        let begins = state.withLock { state in
            state.waiting[token] = at
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if begins { Task { await write() } }
    }

    private func write() async {
        while let uses = next() {
            do {
                try await database.write { transaction in
                    for (token, at) in uses { try transaction.touchAPIToken(token, at: at) }
                }
            } catch {
                // Nothing but the day shown to its owner hangs on it, and the next use is noted again.
                continue
            }
        }
    }

    private func next() -> [APITokenID: Date]? {
        state.withLock { state in
            defer { state.waiting = [:] }
            state.isWriting = !state.waiting.isEmpty
            return state.isWriting ? state.waiting : nil
        }
    }
}
