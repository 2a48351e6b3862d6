import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How far a long piece of work is, on standard error: one line that is overwritten on a terminal, a plain line for
/// each tenth when piped.
final class ProgressLine: Sendable {
    private struct State {
        var shown = -1
        var highest = 0
    }

    private let verb: String
    private let things: String
    private let isTerminal = isatty(2) == 1
    private let state = Mutex(State())

    init(verb: String, things: String = "images") {
        self.verb = verb
        self.things = things
    }

    /// Callable from any thread, in any order; going back is not shown.
    func show(_ done: Int, of total: Int) {
        guard total > 0 else { return }
        state.withLock { state in
            guard done > state.highest else { return }
            state.highest = done
            let step = done * (isTerminal ? 100 : 10) / total
            guard step != state.shown else { return }
            state.shown = step
            let line = "\(verb) \(done) of \(total) \(things) (\(done * 100 / total) %)"
            FileHandle.standardError.write(Data((isTerminal ? "\r\(line)\u{1B}[K" : "\(line)\n").utf8))
        }
    }

    /// Ends the line on a terminal.
    func finish() {
        state.withLock { state in
            if isTerminal, state.shown >= 0 { FileHandle.standardError.write(Data("\n".utf8)) }
            state.shown = -1
        }
    }
}
