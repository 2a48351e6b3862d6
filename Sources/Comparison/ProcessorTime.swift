import Foundation

/// Time that the calling thread has spent on a processor: unlike the clock's it does not grow when other programs work.
enum ProcessorTime {
    /// What `work` gives, and its seconds on the calling thread (clock_gettime(3), `CLOCK_THREAD_CPUTIME_ID`).
    static func measure<Result>(_ work: () throws -> Result) rethrows -> (result: Result, seconds: Double) {
        let before = now
        let result = try work()
        return (result, now - before)
    }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
