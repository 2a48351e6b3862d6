import Foundation
import Synchronization

/// Progress on standard error: one line that is rewritten on a terminal, a plain line at each tenth otherwise.
final class ProgressLine: Sendable {
    private let label: String
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let shown = Mutex(-1)

    init(label: String) {
        self.label = label
    }

    /// Shows that `done` of `total` steps are done; may be called from any thread and in any order.
    func update(done: Int, total: Int) {
        let step = isTerminal ? 100 : 10
        let part = total == 0 ? step : done * step / total
        shown.withLock { last in
            guard part > last else { return }
            last = part
            let text = "\(label) \(done) of \(total) (\(part * 100 / step) %)"
            let line = isTerminal ? "\r\(text)" + (done == total ? "\n" : "") : text + "\n"
            FileHandle.standardError.write(Data(line.utf8))
        }
    }
}
