import Synchronization

/// Holds the model that screens now, and lends it for one screening at a time.
///
/// A screening keeps the model that it was lent from its beginning to its end, whatever takes over meanwhile; so an
/// answer never mixes two models. The one before is freed when the last screening that has it is done.
public final class ModelShelf: Sendable {
    private let current: Mutex<Screener>

    /// - Parameter screener: The model to begin with.
    public init(_ screener: Screener) {
        current = Mutex(screener)
    }

    /// The model that a screening would get now; for its name and figures. A screening asks `lend`.
    public var active: Screener { current.withLock { $0 } }

    /// Runs one screening with the model that is active when it begins.
    ///
    /// - Parameter screening: Everything that belongs to one answer: the result and its pictures.
    /// - Throws: What the screening throws.
    public func lend<Value: Sendable>(
        _ screening: @Sendable (Screener) async throws -> Value
    ) async rethrows -> Value {
        try await screening(active)
    }

    /// Gives every screening that begins from now on another model.
    ///
    /// - Returns: The model before. It is freed where its last holder lets go of it.
    @discardableResult
    public func replace(with screener: Screener) -> Screener {
        current.withLock { held in
            let before = held
            held = screener
            return before
        }
    }
}
