import Foundation
import Glibc
import Synchronization

/// Waits for the end of a process, in a thread made for it.
final class ProgramEnd: Sendable {
    private struct State {
        var code: Int32?
        var waiting: [CheckedContinuation<Int32, Never>] = []
    }

    private let process: pid_t
    private let state = Mutex(State())

    init(of process: pid_t) {
        self.process = process
        Thread { [self] in watch() }.start()
    }

    /// The exit code, once there is one; of a process that a signal ended, 128 and the signal's number.
    var code: Int32 {
        get async {
            await withCheckedContinuation { continuation in
                let code = state.withLock { state in
                    if state.code == nil { state.waiting.append(continuation) }
                    return state.code
                }
                if let code { continuation.resume(returning: code) }
            }
        }
    }

    /// Kills the process if it is still there.
    func kill() {
        state.withLock { if $0.code == nil { _ = Glibc.kill(process, SIGKILL) } }
    }

    private func watch() {
        var found = siginfo_t()
        // It is left as it is, so that its number is no other process's before it is noted that it ended.
        while waitid(P_PID, id_t(process), &found, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        let (code, waiting) = state.withLock { state in
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0, errno == EINTR {}
            // wait(2): the signal in the low seven bits, else the code in the second byte.
            let signal = status & 0x7F
            let code = signal == 0 ? (status >> 8) & 0xFF : 128 + signal
            defer { state.waiting = [] }
            state.code = code
            return (code, state.waiting)
        }
        for continuation in waiting { continuation.resume(returning: code) }
    }
}
