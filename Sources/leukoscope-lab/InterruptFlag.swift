@preconcurrency import Dispatch
import Foundation
import Synchronization

/// Turns Ctrl-C and SIGTERM into a question that the training asks between batches; a second Ctrl-C ends at once.
final class InterruptFlag: Sendable {
    private let raised = Atomic(false)
    private let sources: [any DispatchSourceSignal]  // kept alive; touched by init only

    init() {
        let queue = DispatchQueue(label: "leukoscope.signals")
        sources = [SIGINT, SIGTERM].map { DispatchSource.makeSignalSource(signal: $0, queue: queue) }
        for (source, number) in zip(sources, [SIGINT, SIGTERM]) {
            signal(number, SIG_IGN)
            source.setEventHandler { [self] in
                if raised.exchange(true, ordering: .relaxed) { _exit(130) }
                let text = "\nstopping after this step, all whole epochs are kept; another Ctrl-C ends at once\n"
                FileHandle.standardError.write(Data(text.utf8))
            }
            source.resume()
        }
    }

    var isRaised: Bool { raised.load(ordering: .relaxed) }
}
