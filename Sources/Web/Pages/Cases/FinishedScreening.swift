import Clinic
import Findings
import Foundation
import Hummingbird

extension ReadableScreening {
    /// The answer and when it came.
    ///
    /// - Throws: `WebError.conflict` until there is one.
    var finished: (result: ScreeningOutcome, at: Date) {
        get throws {
            if screening.state == .failed { throw WebError(.conflict, "errors.screenings.failed") }
            guard let result = try screening.answer, let at = screening.finishedAt else {
                throw WebError(.conflict, "errors.screenings.notDone", retryAfterSeconds: 1)
            }
            return (result, at)
        }
    }
}
