import Synchronization

/// A token bucket for each key: short bursts pass, a steady flood does not.
public final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var updated: ContinuousClock.Instant
    }

    private let burst: Double
    private let perSecond: Double
    private let maximumKeys: Int
    private let message: StaticString
    private let now: @Sendable () -> ContinuousClock.Instant
    private let buckets = Mutex<[String: Bucket]>([:])

    /// - Parameters:
    ///   - burst: Requests that may come at once.
    ///   - perMinute: Requests a minute in the long run.
    ///   - maximumKeys: Keys remembered at the same time; those at rest are forgotten first.
    ///   - message: The path, in the catalogue, of what those are told who have to wait.
    ///   - now: The clock.
    public init(
        burst: Int, perMinute: Int, maximumKeys: Int = 10_000,
        message: StaticString = "errors.uploads.tooMany",
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.burst = Double(max(1, burst))
        self.perSecond = Double(max(1, perMinute)) / 60
        self.maximumKeys = max(1, maximumKeys)
        self.message = message
        self.now = now
    }

    /// Takes one request from a key's allowance.
    ///
    /// - Parameter key: Whom to count, such as a network address.
    /// - Throws: `WebError.rateLimited` with the seconds to wait when the allowance is used up.
    public func admit(_ key: String) throws {
        guard let wait = wait(key) else { return }
        throw WebError(.rateLimited, message, retryAfterSeconds: max(1, Int(wait.rounded(.up))))
    }

    /// Takes one request from a key's allowance.
    ///
    /// - Returns: False when the allowance is used up.
    func admits(_ key: String) -> Bool { wait(key) == nil }

    /// Takes one request, or tells the seconds until there is one.
    private func wait(_ key: String) -> Double? {
        buckets.withLock { buckets in
            let time = now()
            if buckets[key] == nil && buckets.count >= maximumKeys { forget(&buckets, at: time) }
            var bucket = buckets[key] ?? Bucket(tokens: burst, updated: time)
            bucket.tokens = tokens(of: bucket, at: time)
            bucket.updated = time
            defer { buckets[key] = bucket }
            guard bucket.tokens >= 1 else { return (1 - bucket.tokens) / perSecond }
            bucket.tokens -= 1
            return nil
        }
    }

    private func tokens(of bucket: Bucket, at time: ContinuousClock.Instant) -> Double {
        min(burst, bucket.tokens + bucket.updated.duration(to: time) / .seconds(1) * perSecond)
    }

    /// Drops full buckets, which stand for nobody; if none is full, the fuller half: whoever is being slowed down stays known,
    /// however many others come.
    private func forget(_ buckets: inout [String: Bucket], at time: ContinuousClock.Instant) {
        let before = buckets.count
        buckets = buckets.filter { tokens(of: $0.value, at: time) < burst }
        guard buckets.count == before else { return }
        let kept = buckets.sorted { tokens(of: $0.value, at: time) < tokens(of: $1.value, at: time) }.prefix(before / 2)
        buckets = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
    }
}
