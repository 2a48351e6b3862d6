import ArgumentParser
import Findings
import Foundation
import Screening

/// How many images came to which end.
struct PredictionTally {
    private var decisions: [Decision: Int] = [:]
    private var badFiles = 0
    private var internalErrors = 0

    mutating func count(_ line: PredictionLine) {
        switch line {
        case .answer(_, let result): decisions[result.decision, default: 0] += 1
        case .problem(_, _, _, isInternal: true): internalErrors += 1
        case .problem(_, _, _, isInternal: false): badFiles += 1
        }
    }

    /// `nil` when every image was answered.
    var exitCode: ExitCode? {
        if internalErrors > 0 { return ProgramExit.internalError }
        return badFiles > 0 ? ProgramExit.badData : nil
    }

    /// Closing words for people, on standard error.
    func say(duration: Duration, notice: String?) {
        let answered = decisions.values.reduce(0, +)
        let total = answered + badFiles + internalErrors
        if total > 1 {
            let parts =
                Decision.allCases.map { "\(decisions[$0] ?? 0) \($0.rawValue)" }
                + ["\(badFiles + internalErrors) not readable"]
            let seconds = duration / .seconds(1)
            ProgramExit.say(
                "\(total) images (\(parts.joined(separator: ", "))) in \(String(format: "%.1f", seconds)) s, "
                    + "\(String(format: "%.0f", Double(total) / max(seconds, 1e-3))) images/s.")
        }
        if let notice { ProgramExit.say(notice) }
        if answered > 0 { ProgramExit.say("A screening aid for qualified readers, not a diagnosis.") }
    }
}
