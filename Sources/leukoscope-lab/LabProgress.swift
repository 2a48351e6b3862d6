import Datasets
import Foundation
import Synchronization
import Training

/// Progress of long work on standard error: one line that rewrites itself on a terminal, plain lines now and then
/// elsewhere. May be called from any thread.
final class LabProgress: Sendable {
    private struct State {
        var written: ContinuousClock.Instant?
        var label = ""
        var done = -1
    }

    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let state = Mutex(State())

    /// A line that stays.
    func line(_ text: String) { write((isTerminal ? "\r\u{1B}[K" : "") + text + "\n") }

    /// A count towards a total, in whatever order the threads report it; going back under one label is not shown.
    func count(_ label: String, _ done: Int, of total: Int) {
        let isNews = state.withLock { state in
            guard label != state.label || done > state.done else { return false }
            state.label = label
            state.done = done
            return true
        }
        if isNews { passing("\(label) \(done)/\(total)", ends: done == total) }
    }

    /// `count(_:_:of:)` as the closure that a data set takes.
    func counter(_ label: String) -> @Sendable (_ done: Int, _ total: Int) -> Void {
        { done, total in self.count(label, done, of: total) }
    }

    /// Opens the images and says which were refused.
    func dataset(in folder: String) throws -> Dataset {
        let dataset = try Dataset.load(folder: URL(fileURLWithPath: folder), progress: counter("checking images"))
        for file in dataset.rejected { line("refused \(file.file): \(file.reason.rawValue) \(file.detail)") }
        return dataset
    }

    func show(_ event: TrainingEvent) {
        switch event {
        case .imagesRead(let done, let total): count("reading images", done, of: total)
        case .epochStarted: break
        case .batchEnded(let epoch, let epochs, let batch, let batches, let loss, let accuracy, let speed, let left):
            let figures = String(
                format: "loss %.3f  accuracy %.1f %%  %.1f images/s  %@ left", loss, accuracy * 100, speed,
                Self.duration(left))
            passing("epoch \(epoch)/\(epochs)  \(batch)/\(batches)  \(figures)", ends: false)
        case .epochEnded(let record, let epochs):
            line(
                String(
                    format: "epoch %d/%d  loss %.3f  accuracy %.1f %%  validation loss %.3f  accuracy %.1f %%  "
                        + "macro-F1 %.3f  %.1f images/s  %@",
                    record.epoch, epochs, record.trainingLoss, record.trainingAccuracy * 100, record.validationLoss,
                    record.validationAccuracy * 100, record.validationMacroF1, record.imagesPerSecond,
                    Self.duration(record.seconds)))
        case .resumed(let epoch): line("going on after epoch \(epoch)")
        case .endedEarly(let epoch): line("ended after epoch \(epoch): validation no longer improves")
        }
    }

    /// `1 h 05 min`, `3 min 20 s` or `12 s`.
    static func duration(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        if whole >= 3600 { return String(format: "%d h %02d min", whole / 3600, whole % 3600 / 60) }
        if whole >= 60 { return String(format: "%d min %02d s", whole / 60, whole % 60) }
        return "\(whole) s"
    }

    private func passing(_ text: String, ends: Bool) {
        let interval = isTerminal ? Duration.milliseconds(100) : .seconds(15)
        let due = state.withLock { state in
            let now = ContinuousClock.now
            if !ends, let before = state.written, now - before < interval { return false }
            state.written = now
            return true
        }
        guard due else { return }
        write(isTerminal ? "\r\u{1B}[K\(text)" + (ends ? "\n" : "") : text + "\n")
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
