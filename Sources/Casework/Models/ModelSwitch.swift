import Clinic
import Findings
import Foundation
import Offloading
import Screening
import Synchronization

/// Keeps this node's shelf at the model that the site has activated.
///
/// Screenings under way keep the model that they have; those that begin later get the new one. A model that cannot be
/// loaded leaves the one before in place, and `status` says so.
public final class ModelSwitch: Sendable {
    /// What screens on this node, and why it is not what was activated where it is not.
    public struct Status: Sendable, Equatable {
        /// The installed model that screens; nil for the shipped one.
        public fileprivate(set) var modelID: InstalledModelID?
        /// The newest activation; nil as long as nothing was ever activated.
        public fileprivate(set) var activation: ModelActivation?
        /// Why the activated model does not screen here, for administrators; nil where it does.
        public fileprivate(set) var problem: Message?
    }

    private struct State {
        var status = Status()
        /// Tries of the same activation that failed, and when to try again.
        var failures = 0
        var nextTry: ContinuousClock.Instant?
    }

    public let shelf: ModelShelf
    public let store: ModelStore
    private let turns = Gate(capacity: 1)
    private let state = Mutex(State())

    /// - Parameters:
    ///   - shelf: Holds the shipped model until `follow` finds another activated.
    ///   - store: The models of the site.
    public init(shelf: ModelShelf, store: ModelStore) {
        self.shelf = shelf
        self.store = store
    }

    public var status: Status { state.withLock { $0.status } }

    /// Makes a model active: loaded first, then written down, then put on the shelf. Other nodes follow.
    ///
    /// - Parameters:
    ///   - id: The model; nil for the shipped one.
    ///   - actor: Who decides it.
    ///   - reason: Why.
    /// - Throws: `ClinicError`; `PackagingError` or `InferenceError` when it cannot be loaded.
    public func activate(_ id: InstalledModelID?, by actor: AuditEntry.Actor, reason: String) async throws {
        try await turns.run { [self] in
            let screener = try await store.screener(of: id)
            let activation = try await store.noteActivation(of: id, by: actor, reason: reason)
            put(screener, activation)
        }
    }

    /// Looks which model is activated, and switches to it.
    ///
    /// - Throws: `ClinicError.databaseUnavailable`, `CancellationError`. That a model cannot be loaded is no error here.
    public func follow() async throws {
        try await turns.run { [self] in
            guard let newest = try await store.contents().active else { return }
            let isDue = state.withLock { state in
                guard state.status.activation?.sequence == newest.sequence else {
                    (state.failures, state.nextTry) = (0, nil)
                    return true
                }
                return state.status.problem != nil && state.nextTry.map { $0 <= .now } ?? true
            }
            if isDue { try await load(newest) }
        }
    }

    /// Follows until the task is cancelled.
    ///
    /// - Parameters:
    ///   - interval: How often to look.
    ///   - onProblem: Told when a model cannot be loaded, or the database cannot be asked.
    public func run(
        every interval: Duration = .seconds(3), onProblem: @Sendable (Message) -> Void = { _ in }
    ) async {
        var told: Message?
        while !Task.isCancelled {
            do { try await Task.sleep(for: interval) } catch { return }
            var problem: Message?
            do {
                try await follow()
                problem = status.problem
            } catch is CancellationError {
                return
            } catch {
                problem = Message(error)
            }
            if let problem, problem != told { onProblem(problem) }
            told = problem
        }
    }

    private func load(_ activation: ModelActivation) async throws {
        do {
            put(try await store.screener(of: activation.modelID), activation)
        } catch let error as CancellationError {
            throw error
        } catch {
            state.withLock { state in
                state.status.activation = activation
                state.status.problem = Message(error)
                // From 6 seconds up to 5 minutes: loading costs, and what is missing may come back.
                state.failures = min(state.failures + 1, 7)
                state.nextTry = .now + min(.seconds(3 << state.failures), .seconds(300))
            }
        }
    }

    private func put(_ screener: Screener, _ activation: ModelActivation) {
        shelf.replace(with: screener)
        state.withLock {
            $0 = State(status: Status(modelID: activation.modelID, activation: activation, problem: nil))
        }
    }
}
